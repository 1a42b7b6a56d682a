"""`starry doctor`: each check answers for itself."""

import pytest

from starry_gitops.core.doctor import CHECKS
from tests.clusters.conftest import Made, Way
from tests.clusters.objects import Object, application, config_map, meta, project
from tests.clusters.server import ClusterServer, answers, refuses
from tests.support.repos import PREVIEWS, Apps

HEALTH = "resource.customizations.health.argoproj.io_Application"


def doctor(apps: Apps, way: Way | None, *args: str):
    more, env = ((), {}) if way is None else (way.args, way.env)
    return apps.run("doctor", *more, "--timeout", "5", *args, env=env)


def states(done) -> dict[str, str]:
    return {one["check"]: one["state"] for one in done.json()}


def controller(tag: str) -> Object:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    image = f"quay.io/argoproj/argocd:{tag}"
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": image}]}}
    spec = {"serviceName": "c", "selector": {"matchLabels": labels}, "template": template}
    head = {"apiVersion": "apps/v1", "kind": "StatefulSet"}
    return {**head, "metadata": meta("argocd-application-controller", "argocd", labels=labels), "spec": spec}


@pytest.fixture
def good(cluster: ClusterServer) -> ClusterServer:
    """A cluster that is set up as the scaffold's README says."""
    cluster.groups.add("cert-manager.io/v1")
    apps_project = project("starry-apps", namespaceResourceWhitelist=[{"group": "argoproj.io", "kind": "Application"}])
    cluster.add(project(), apps_project, controller("v3.4.2"), application("previews-dev", "a" * 40))
    cluster.add(config_map("argocd-cm", {HEALTH: "hs = {}", "timeout.reconciliation": "120s"}))
    cluster.add(config_map("argocd-cmd-params-cm", {}))
    cluster.settings = {
        "trackingMethod": "annotation",
        "resourceOverrides": {"argoproj.io/Application": {"health.lua": "hs = {}"}},
    }
    return cluster


def test_every_check_is_made_once_in_order(made: Made, good: ClusterServer, way: Way):
    done = doctor(made.apps, way)
    assert [one["check"] for one in done.json()] == list(CHECKS)
    assert {method for method, _, _ in good.asked} == {"GET"}


def test_a_good_set_up_passes(made: Made, good: ClusterServer, ways: dict[str, Way]):
    before = made.apps.refs()
    done = doctor(made.apps, ways["kubernetes"])
    assert done.code == 0
    assert {check: state for check, state in states(done).items() if state != "ok"} == {"forge": "skipped"}
    assert made.apps.refs() == before


def test_argo_cd_tells_what_it_can(made: Made, good: ClusterServer, ways: dict[str, Way]):
    done = doctor(made.apps, ways["argocd"])
    skipped = {check for check, state in states(done).items() if state == "skipped"}
    assert (done.code, skipped) == (0, {"forge", "reconciliation", "external-secrets", "cert-manager"})


def test_without_a_cluster_its_checks_are_skipped(apps: Apps):
    found = states(doctor(apps, None))
    assert {found[check] for check in ("git-read", "git-push", "settings", "invariants", "scaffold")} == {"ok"}
    assert {found[check] for check in list(CHECKS)[6:]} == {"skipped"}


def test_a_repository_that_is_not_there(tmp_path, apps: Apps):
    found = states(apps.at(str(tmp_path / "gone.git")).run("doctor"))
    assert found.pop("git-read") == "fail"
    assert set(found.values()) == {"skipped"}


def test_a_server_that_takes_no_pushes(server, apps: Apps):
    apps.git("config", "http.receivepack", "false")
    apps = apps.at(server.url, STARRY_GIT_TOKEN=server.token)
    before = apps.refs()
    done = apps.run("doctor")
    found = states(done)
    assert (done.code, found["git-read"], found["git-push"], found["settings"]) == (14, "ok", "fail", "ok")
    assert apps.refs() == before


def test_broken_settings_are_named(apps: Apps):
    apps.commit({"starry.yaml": "domain: [1]\n"})
    done = doctor(apps, None)
    outcome = next(one for one in done.json() if one["check"] == "settings")
    assert (done.code, outcome["state"]) == (14, "fail")
    assert "starry.yaml" in outcome["detail"]


def test_a_missing_scaffold_and_a_broken_rule(made: Made):
    made.apps.commit({f"{PREVIEWS}/keep.yaml": None})
    found = states(doctor(made.apps, None))
    assert (found["scaffold"], found["invariants"]) == ("fail", "fail")


def state_of(apps: Apps, way: Way, check: str) -> tuple[str, str]:
    one = next(one for one in doctor(apps, way).json() if one["check"] == check)
    return one["state"], one["change"]


@pytest.mark.parametrize(
    ("tag", "state"), [("v2.14.9", "fail"), ("v3.3.1", "warn"), ("v3.4.0", "ok"), ("v4.0.0", "ok"), ("x", "skipped")]
)
def test_the_version(made: Made, cluster: ClusterServer, ways: dict[str, Way], tag: str, state: str):
    cluster.add(controller(tag))
    found, change = state_of(made.apps, ways["kubernetes"], "argocd-version")
    assert found == state
    assert bool(change) == (state in {"warn", "fail"})


@pytest.mark.parametrize(
    ("key", "value", "check", "state"),
    [
        ("application.resourceTrackingMethod", "label", "tracking", "fail"),
        ("application.resourceTrackingMethod", "annotation+label", "tracking", "ok"),
        ("timeout.reconciliation", "0s", "reconciliation", "warn"),
        ("timeout.reconciliation", "1h", "reconciliation", "warn"),
        ("timeout.reconciliation", "soon", "reconciliation", "warn"),
        ("timeout.reconciliation", "180s", "reconciliation", "ok"),
        ("resource.customizations", "argoproj.io/Application:\n  health.lua: x", "application-health", "ok"),
        ("admin.enabled", "false", "application-health", "fail"),
    ],
)
def test_argocd_cm(made: Made, cluster: ClusterServer, ways: dict[str, Way], key, value, check, state):
    cluster.add(config_map("argocd-cm", {key: value}))
    assert state_of(made.apps, ways["kubernetes"], check)[0] == state


@pytest.mark.parametrize(
    "spec",
    [
        {"sourceRepos": ["https://github.com/other/*"]},
        {"destinations": [{"server": "https://10.0.0.1", "namespace": "*"}]},
        {"destinations": [{"server": "https://kubernetes.default.svc", "namespace": "!argocd"}]},
        {"destinations": []},
    ],
)
def test_a_project_that_allows_too_little(made: Made, cluster: ClusterServer, way: Way, spec):
    cluster.add(project("starry", **spec), project("starry-apps"))
    assert state_of(made.apps, way, "projects")[0] == "fail"


def test_an_app_of_apps_that_complains(made: Made, cluster: ClusterServer, way: Way):
    conditions = [("ComparisonError", "overlays/dev/previews: app path does not exist")]
    cluster.add(application("previews-dev", None, sync="Unknown", conditions=conditions))
    assert state_of(made.apps, way, "app-of-apps")[0] == "fail"


def test_a_cluster_that_refuses(made: Made, cluster: ClusterServer, way: Way):
    cluster.faults["/"] = refuses(403, "Forbidden", 'configmaps "argocd-cm" is forbidden: User "v" cannot get resource')
    found = states(doctor(made.apps, way))
    assert (found["argocd-version"], found["projects"]) == ("fail", "skipped")


def test_a_sign_in_page_is_no_argo_cd(made: Made, cluster: ClusterServer, way: Way):
    cluster.faults["/"] = answers(200, b"<html>sign in</html>", "text/html")
    assert states(doctor(made.apps, way))["argocd-version"] == "fail"
