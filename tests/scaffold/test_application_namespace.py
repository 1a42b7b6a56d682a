"""What `starry init --application-namespace` writes, so that no preview's Application can name another project."""

import fnmatch

import yaml

from starry_gitops.scaffold import render_scaffold

from .scaffold_support import VARIANTS, by_name, manifests

FILES = render_scaffold(VARIANTS["own-namespace"])
ITEMS = manifests(FILES)
PLAIN = render_scaffold(VARIANTS["chart-inside"])


def test_only_the_previews_project_admits_applications_of_that_namespace():
    projects = by_name(ITEMS, "AppProject")
    admitting = {name for name, item in projects.items() if "preview-apps" in item["spec"].get("sourceNamespaces", [])}
    assert admitting == {"starry"}


def test_the_app_of_apps_writes_to_that_namespace_and_nowhere_else():
    for overlay in ("dev", "prod"):
        application = by_name(ITEMS, "Application")[f"previews-{overlay}"]
        assert application["spec"]["destination"]["namespace"] == "preview-apps"
    destinations = by_name(ITEMS, "AppProject")["starry-apps"]["spec"]["destinations"]
    assert [item["namespace"] for item in destinations] == ["preview-apps"]


def test_no_preview_may_be_deployed_to_that_namespace():
    spec = by_name(ITEMS, "AppProject")["starry"]["spec"]
    assert any(item["namespace"] == "!preview-apps" for item in spec["destinations"])
    assert any(item.get("name") == "preview-apps" for item in spec["clusterResourceBlacklist"])


def test_the_namespace_is_made_first_and_goes_only_with_a_persons_consent():
    namespace = by_name(ITEMS, "Namespace")["preview-apps"]
    annotations = namespace["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/sync-wave"] == "-3"
    assert annotations["argocd.argoproj.io/sync-options"] == "Prune=confirm,Delete=confirm"


def test_argo_cd_is_told_to_look_there():
    patch = yaml.safe_load(FILES["bootstrap/argocd-cmd-params-cm.yaml"])
    assert patch == {"data": {"application.namespaces": "preview-apps"}}
    assert fnmatch.fnmatchcase("preview-apps", patch["data"]["application.namespaces"])


def test_the_settings_and_what_keeps_the_folder_agree():
    settings = yaml.safe_load(FILES["starry.yaml"])
    assert {item["applicationNamespace"] for item in settings["overlays"].values()} == {"preview-apps"}
    for overlay in ("dev", "prod"):
        keep = yaml.safe_load(FILES[f"overlays/{overlay}/previews/keep.yaml"])
        assert keep["metadata"]["namespace"] == "preview-apps"


def test_without_the_option_nothing_of_it_is_written():
    assert "bootstrap/argocd-cmd-params-cm.yaml" not in PLAIN
    assert not any("applicationNamespace" in text or "sourceNamespaces:" in text for path, text in PLAIN.items()
                   if not path.startswith(("charts/", ".starry/")))  # fmt: skip
