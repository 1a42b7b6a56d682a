"""create obeys the settings: chart, overlays, hosts, components."""

import pytest

from tests.support.repos import PREVIEWS, REPO_URL, Apps

VALUES = f"{PREVIEWS}/preview-1/values.yaml"


def test_a_chart_in_the_apps_repository_is_one_source(apps: Apps) -> None:
    apps.create("preview-1")
    spec = apps.application("preview-1")["spec"]
    assert "sources" not in spec
    assert spec["source"]["repoURL"] == REPO_URL
    assert spec["source"]["path"] == "charts/environment"
    assert spec["source"]["helm"]["valueFiles"] == ["values.yaml", f"/{VALUES}"]


@pytest.mark.parametrize(
    ("chart", "source"),
    [
        (
            {"repoURL": "https://github.com/myorg/chart.git", "targetRevision": "v1", "path": ".",
             "valueFiles": ["values.yaml", "values.preview.yaml"]},
            {"repoURL": "https://github.com/myorg/chart.git", "targetRevision": "v1", "path": "."},
        ),
        (
            {"repoURL": "oci://registry.example.com/charts", "chart": "environment", "targetRevision": "1.2.3"},
            {"repoURL": "oci://registry.example.com/charts", "targetRevision": "1.2.3", "chart": "environment"},
        ),
    ],
    ids=["git", "helm"],
)  # fmt: skip
def test_a_chart_kept_elsewhere_is_two_sources(apps: Apps, chart: dict, source: dict) -> None:
    apps.settings(lambda settings: settings.update(chart=chart))
    apps.create("preview-1")
    spec = apps.application("preview-1")["spec"]
    assert "source" not in spec
    first, second = spec["sources"]
    assert first["helm"]["releaseName"] == "preview-1"
    assert first["helm"]["valueFiles"] == [*chart.get("valueFiles", ["values.yaml"]), f"$values/{VALUES}"]
    assert {key: first[key] for key in source} == source
    assert (second["repoURL"], second["ref"]) == (REPO_URL, "values")
    assert "path" not in second


def test_the_overlay_decides_argocds_namespace_and_the_cluster(apps: Apps) -> None:
    def change(settings: dict) -> None:
        settings["overlays"]["dev"] |= {"argocdNamespace": "argo-dev", "destination": {"name": "preview-cluster"}}

    apps.settings(change)
    apps.create("preview-1")
    application = apps.application("preview-1")
    assert application["metadata"]["namespace"] == "argo-dev"
    assert application["spec"]["destination"] == {"name": "preview-cluster", "namespace": "preview-1"}


def test_another_overlay_gets_its_previews_in_its_own_folder(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    result = apps.create("preview-1", "--overlay", "prod")
    assert result["overlay"] == "prod"
    assert {path.rsplit("/", 1)[0] for path in apps.changed()} == {"overlays/prod/previews/preview-1"}


def test_the_host_template_is_the_settings(apps: Apps) -> None:
    apps.settings(lambda settings: settings.update(hostTemplate="{name}.{app}.{domain}"))
    urls = apps.create("preview-1")["urls"]
    assert urls == {"backend": "https://preview-1.sample-be.starry.mycompany.com"}


def test_components_are_the_settings(apps: Apps) -> None:
    components = {
        "api": {"app": "shop-api", "image": "ghcr.io/shop/api", "required": True},
        "web": {"app": "shop-web", "image": "ghcr.io/shop/web"},
    }
    apps.settings(lambda settings: settings.update(components=components))
    result = apps.ok("create", "preview-1", "--image", "api=1.0.0", "--image", "web=2.0.0")
    assert set(result["urls"]) == {"api", "web"}
    assert apps.values("preview-1")["web"]["image"] == {"repository": "ghcr.io/shop/web", "tag": "2.0.0"}
