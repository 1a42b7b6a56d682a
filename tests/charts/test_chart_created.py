"""What `starry create` commits is what the chart takes: real commits, rendered by the real engine."""

from itertools import combinations

import pytest

from tests.support.repos import Apps

from .render import APPS, by_file, created, kinds, merged, render

FRONTENDS = [chosen for size in range(3) for chosen in combinations(("frontend1", "frontend2"), size)]
TAG = "pr-123-abcd123"


@pytest.mark.parametrize("frontends", FRONTENDS, ids=lambda chosen: " ".join(chosen) or "backend alone")
def test_create_writes_values_that_render(apps: Apps, frontends: tuple[str, ...]) -> None:
    images = [arg for name in ("backend", *frontends) for arg in ("--image", f"{name}={TAG}")]
    apps.ok("create", "preview-123", *images)
    values = apps.values("preview-123")
    assert set(kinds(render(values), "Deployment")) == {"backend", *frontends}
    assert by_file(values) == by_file(created(["backend", *frontends]))


def test_create_by_digest_deploys_by_digest(apps: Apps) -> None:
    digest = "sha256:" + "a" * 64
    apps.ok("create", "preview-9", "--image", f"backend=us-docker.pkg.dev/myproj/sample-be@{digest}")
    deployment = kinds(render(apps.values("preview-9"), "preview-9"), "Deployment")["backend"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == f"us-docker.pkg.dev/myproj/sample-be@{digest}"


def test_components_of_the_settings_are_components_of_the_chart(apps: Apps) -> None:
    """Three frontends instead of two: settings and values change, templates do not."""

    def change(settings: dict[str, dict[str, object]]) -> None:
        settings["components"]["adminPanel"] = {"app": "admin", "image": "us-docker.pkg.dev/myproj/admin"}

    apps.settings(change)
    apps.ok("create", "preview-7", *(a for c in [*APPS, "adminPanel"] for a in ("--image", f"{c}={TAG}")))
    team = {"components": {"adminPanel": {"tier": "frontend", "calls": ["backend"]}}}
    values = merged({"components": {"adminPanel": {"app": "admin"}}}, team, apps.values("preview-7"))
    objects = render(values, "preview-7")
    assert set(kinds(objects, "Deployment")) == {*APPS, "admin-panel"}
    rules = kinds(objects, "Ingress")["preview"]["spec"]["rules"]
    assert "admin.preview-7.starry.mycompany.com" in {rule["host"] for rule in rules}
