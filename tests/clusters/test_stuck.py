"""`starry stuck`: Git against the cluster."""

import shlex

import pytest

from starry_gitops.core.stuck import command
from tests.clusters.conftest import Made, Way
from tests.clusters.objects import ago, application, meta, namespace, project
from tests.clusters.server import ClusterServer, refuses

HELD = (
    "Some content in the namespace has finalizers remaining: "
    "networking.gke.io/ingress-finalizer-V2 in 1 resource instances"
)


def stuck(apps, way: Way, *args: str, older: str = "0s"):
    return apps.run("stuck", *way.args, "--older-than", older, "--timeout", "5", *args, env=way.env)


def kinds(done):
    return [(one["kind"], one["name"]) for one in done.json()["findings"]]


def ingress(name: str, place: str, **metadata):
    spec = {"defaultBackend": {"service": {"name": "backend", "port": {"number": 80}}}}
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
    return {**head, "metadata": meta(name, place, **metadata), "spec": spec}


def test_all_well_finds_nothing(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(), namespace("preview-1"))
    done = stuck(made.apps, way)
    assert (done.code, done.json()["findings"]) == (0, [])
    assert {method for method, _, _ in cluster.asked} == {"GET"}


def test_an_application_that_does_not_go(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(project(), made.application(deletionTimestamp=ago(hours=1), deletionGracePeriodSeconds=0))
    done = stuck(made.apps, way, older="30m")
    found = done.json()["findings"][0]
    assert (done.code, found["kind"], found["ageMinutes"]) == (14, "application_deleting", 60)
    assert "resources-finalizer.argocd.argoproj.io" in found["why"]
    assert shlex.split(found["command"])[:4] == ["kubectl", "patch", "application.argoproj.io", "preview-1"]


def test_an_application_whose_project_is_gone(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(deletionTimestamp=ago(hours=1), deletionGracePeriodSeconds=0))
    found = stuck(made.apps, way).json()["findings"][0]
    assert "AppProject starry is gone" in found["why"]
    assert found["command"] == "kubectl apply -n argocd -f base/appprojects.yaml"


def test_an_application_without_a_file(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(), application("preview-9", made.commit))
    found = stuck(made.apps, way).json()["findings"]
    assert [(one["kind"], one["name"]) for one in found] == [("application_without_file", "preview-9")]
    assert found[0]["command"] == "kubectl delete application.argoproj.io preview-9 -n argocd"


def test_what_was_deleted_just_now_is_not_stuck(made: Made, cluster: ClusterServer, way: Way):
    item = made.application()
    item["metadata"]["creationTimestamp"] = ago(hours=5)
    cluster.add(item)
    made.apps.ok("delete", "preview-1")
    assert stuck(made.apps, way, older="10m").code == 0
    assert kinds(stuck(made.apps, way)) == [("application_without_file", "preview-1")]


def test_a_preview_that_argo_cd_does_not_know(made: Made, cluster: ClusterServer, way: Way):
    found = stuck(made.apps, way).json()["findings"][0]
    assert (found["kind"], found["name"]) == ("not_deployed", "preview-1")
    assert "previews-dev" in found["command"]


def test_a_preview_that_never_ran(made: Made, cluster: ClusterServer, way: Way):
    message = "application repo https://github.com/x/y.git is not permitted in project 'starry'"
    cluster.add(made.application(sync="Unknown", health="Missing", conditions=[("InvalidSpecError", message)]))
    found = stuck(made.apps, way).json()["findings"][0]
    assert found["kind"] == "not_healthy"
    assert "was never deployed" in found["why"]
    assert "does not allow this repository" in found["why"]
    assert found["command"] == "starry delete preview-1 --overlay dev"


def test_a_namespace_that_an_ingress_holds(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    conditions = [("NamespaceFinalizersRemaining", HELD)]
    cluster.add(made.application(), namespace("preview-7", deleting=ago(minutes=40), conditions=conditions))
    finalizers = ["networking.gke.io/ingress-finalizer-V2"]
    cluster.add(ingress("web", "preview-7", deletionTimestamp=ago(minutes=40), finalizers=finalizers))
    done = stuck(made.apps, ways["kubernetes"], "-o", "table")
    assert done.code == 14
    assert "preview-7: namespace_terminating for 40 min: ingress.networking.k8s.io web is held by" in done.out
    assert "kubectl patch ingress.networking.k8s.io web -n preview-7 --type=merge -p" in done.out


def test_a_namespace_that_a_silent_api_holds(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    message = (
        "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
        "metrics.k8s.io/v1beta1: the server is currently unable to handle the request"
    )
    conditions = [("NamespaceDeletionDiscoveryFailure", message)]
    cluster.add(made.application(), namespace("preview-7", deleting=ago(minutes=40), conditions=conditions))
    found = stuck(made.apps, ways["kubernetes"]).json()["findings"][0]
    assert found["command"] == "kubectl delete apiservice v1beta1.metrics.k8s.io"


def test_a_namespace_that_nobody_asked_for(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application(), namespace("preview-1"), namespace("preview-8"))
    found = stuck(made.apps, ways["kubernetes"]).json()["findings"]
    assert [(one["kind"], one["command"]) for one in found] == [
        ("namespace_without_file", "kubectl delete namespace preview-8")
    ]


def test_argo_cd_says_that_namespaces_were_not_looked_at(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application())
    done = stuck(made.apps, ways["argocd"], "-o", "table")
    assert "namespaces were not looked at" in done.out


def test_a_list_that_is_refused_is_no_finding(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application())
    cluster.faults["/namespaces?"] = refuses(403, "Forbidden", 'namespaces is forbidden: User "viewer" cannot list')
    made.apps.fails(6, "stuck", *ways["kubernetes"].args, env=ways["kubernetes"].env)


def test_a_cluster_must_be_named(apps):
    assert "--kubeconfig" in apps.fails(2, "stuck")["hint"]


@pytest.mark.parametrize("name", ["x; rm -rf /", "$(id)", "`id`", "a'b", "--all", "x\ny"])
def test_a_hostile_name_never_leaves_its_quotes(name: str):
    words = ("kubectl", "delete", "namespace", name)
    assert tuple(shlex.split(command(*words))) == words


def test_names_that_no_api_server_gives_are_in_no_command(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    hostile = application("--all", made.commit)
    cluster.add(made.application())
    cluster.objects.append(hostile)
    assert stuck(made.apps, ways["kubernetes"]).json()["findings"] == []
