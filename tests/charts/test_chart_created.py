"""What `starry create` commits is what the chart takes: real commits, rendered by the real engine."""

from collections.abc import Iterable
from itertools import combinations

import pytest

from tests.support.repos import Apps

from .render import APPS, Object, created, kinds, merged, nested, render
from .schemas import VERSIONS, problems
from .test_chart_changes import changed, templates
from .test_chart_valid import builtin

FRONTENDS = [chosen for size in range(3) for chosen in combinations(("frontend1", "frontend2"), size)]
TAG = "pr-123-abcd123"


def problems_of(objects: list[Object]) -> list[str]:
    """What Kubernetes' schemas say, over all versions."""
    return [problem for version in VERSIONS for o in builtin(objects) for problem in problems(o, version)]


COMBINATIONS = pytest.mark.parametrize("frontends", FRONTENDS, ids=lambda chosen: " ".join(chosen) or "backend alone")


def described(apps: Apps, on: bool) -> None:
    """Whether the chart is told of expiry, owner, pull request and commit."""
    apps.settings(lambda settings: settings.update(chart=settings.get("chart", {}) | {"describe": on}))


def images(components: Iterable[str]) -> list[str]:
    """The options of `starry create` for one tag everywhere."""
    return [arg for name in components for arg in ("--image", f"{name}={TAG}")]


@COMBINATIONS
def test_create_writes_values_that_render(apps: Apps, frontends: tuple[str, ...]) -> None:
    described(apps, on=False)
    apps.ok("create", "preview-123", *images(["backend", *frontends]))
    values = apps.values("preview-123")
    assert set(kinds(render(values), "Deployment")) == {"backend", *frontends}
    assert values == created(["backend", *frontends])


@COMBINATIONS
@pytest.mark.parametrize("pinned", [False, True])
def test_create_tells_the_chart_what_is_known(apps: Apps, frontends: tuple[str, ...], pinned: bool) -> None:
    described(apps, on=True)
    known = ["--pr", "123", "--owner", "ada", "--commit", "abcd123", *(["--pin"] if pinned else [])]
    result = apps.ok("create", "preview-123", *images(["backend", *frontends]), *known)
    annotations = {"starry.env/commit": "abcd123", "starry.env/owner": "ada", "starry.env/pull-request": "123"}
    facts = {"expiresAt": "never" if pinned else result["expiresAt"], "annotations": annotations}
    values = apps.values("preview-123")
    assert values == created(["backend", *frontends], facts=facts)
    assert problems_of(render(merged(values, nested("cleanup/enabled", True)))) == []


def test_create_tells_an_expiry_alone_when_nothing_else_is_known(apps: Apps) -> None:
    described(apps, on=True)
    result = apps.create("preview-4")
    values = apps.values("preview-4")
    assert values["global"] | {"labels": {}} == {"ttlMinutes": 30, "expiresAt": result["expiresAt"], "labels": {}}
    assert problems_of(render(values, "preview-4")) == []


def test_an_update_restarts_components_alone(apps: Apps) -> None:
    """A new image, a new commit and a new expiry: the stores' pods stay."""
    described(apps, on=True)
    apps.create("preview-5", "--commit", "abcd123")
    before = apps.values("preview-5")
    apps.ok("update", "preview-5", "--image", "backend=2.0.0", "--commit", "ef45678", "--ttl", "2h")
    after = apps.values("preview-5")
    assert all(before["global"][key] != after["global"][key] for key in ("annotations", "expiresAt", "ttlMinutes"))
    moved = changed(templates(render(before, "preview-5")), templates(render(after, "preview-5")))
    assert moved == {("Deployment", "backend")}


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
    apps.ok("create", "preview-7", *images([*APPS, "adminPanel"]))
    team = {"components": {"adminPanel": {"tier": "frontend", "calls": ["backend"]}}}
    values = merged({"components": {"adminPanel": {"app": "admin"}}}, team, apps.values("preview-7"))
    objects = render(values, "preview-7")
    assert set(kinds(objects, "Deployment")) == {*APPS, "admin-panel"}
    rules = kinds(objects, "Ingress")["preview"]["spec"]["rules"]
    assert "admin.preview-7.starry.mycompany.com" in {rule["host"] for rule in rules}
