"""`starry wait` against a server that answers as Argo CD and Kubernetes do."""

import threading
import time

import pytest

from tests.clusters.conftest import Made, Way, read_made
from tests.clusters.objects import ago, application, event, waiting_pod
from tests.clusters.server import ClusterServer
from tests.support.repos import PREVIEWS, REPO_URL

IMAGE = (
    'Back-off pulling image "us-docker.pkg.dev/myproj/sample-be:1.0.0": ErrImagePull: rpc error: code = NotFound '
    'desc = failed to pull and unpack image "us-docker.pkg.dev/myproj/sample-be:1.0.0": failed to resolve reference '
    '"us-docker.pkg.dev/myproj/sample-be:1.0.0": us-docker.pkg.dev/myproj/sample-be:1.0.0: not found'
)


def first(done):
    return done.json()["causes"][0]["id"]


def test_synced_and_healthy_at_the_commit_is_ready(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application())
    done = made.wait(way)
    assert done.code == 0, done.err
    result = done.json()
    assert (result["state"], result["commit"], result["causes"]) == ("ready", made.commit, [])
    assert {method for method, _, _ in cluster.asked} == {"GET"}


def test_an_earlier_commit_is_not_ready(made: Made, cluster: ClusterServer, way: Way):
    earlier = made.apps.git("rev-parse", "main~1")
    cluster.add(made.application(earlier))
    done = made.wait(way)
    assert (done.code, first(done)) == (12, "unseen")


def test_a_later_commit_with_the_same_files_is_ready(made: Made, cluster: ClusterServer, way: Way):
    later = made.apps.create("preview-2")["commit"]
    cluster.add(made.application(later))
    assert made.wait(way, "--commit", made.commit).code == 0


def test_a_later_commit_with_other_files_supersedes(made: Made, cluster: ClusterServer, way: Way):
    later = made.apps.ok("update", "preview-1", "--image", "backend=2.0.0")["commit"]
    cluster.add(made.application(later))
    done = made.wait(way, "--commit", made.commit)
    assert (done.code, first(done)) == (13, "superseded")


def test_a_revision_that_the_remote_does_not_have_is_not_ready(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application("0123456789" * 4))
    assert first(made.wait(way)) == "unseen"


def test_an_application_of_an_earlier_manifest_is_outdated(made: Made, cluster: ClusterServer, way: Way):
    later = made.apps.ok("update", "preview-1", "--image", "backend=2.0.0", "--ttl", "1h")["commit"]
    cluster.add(made.application(later))
    done = read_made(made.apps, later).wait(way)
    assert (done.code, first(done)) == (12, "outdated")


def test_the_apps_repository_is_the_source_that_values_refer_to(made: Made, cluster: ClusterServer, way: Way):
    chart = "https://github.com/myorg/environment-helm.git"
    sources = [
        {"repoURL": chart, "path": ".", "targetRevision": "main"},
        {"repoURL": REPO_URL, "targetRevision": "HEAD", "ref": "values"},
    ]
    destination = {"server": "https://kubernetes.default.svc", "namespace": "preview-1"}
    spec = {"project": "starry", "sources": sources, "destination": destination}
    compared = {"destination": destination, "sources": sources}
    sync = {"status": "Synced", "revisions": ["a" * 40, made.commit], "comparedTo": compared}
    item = made.application(spec=spec, status={"sync": sync})
    item["status"]["operationState"]["syncResult"] = {"revision": "", "revisions": sync["revisions"]}
    cluster.add(item)
    assert made.wait(way).code == 0
    item["status"]["sync"]["revisions"].reverse()
    assert first(made.wait(way)) == "unseen"


def test_what_argo_cd_has_not_looked_at_again_is_not_ready(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(status={"reconciledAt": ago(seconds=60)}))
    assert first(made.wait(way)) == "syncing"


def test_a_preview_that_git_does_not_have_is_not_found(apps, cluster: ClusterServer, way: Way):
    apps.fails(3, "wait", "nobody", *way.args, env=way.env)


def test_no_application_yet_names_what_stops_the_app_of_apps(made: Made, cluster: ClusterServer, way: Way):
    done = made.wait(way)
    assert (done.code, first(done)) == (12, "absent")
    message = (
        "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "
        "Manifest generation error (cached): error unmarshaling JSON: while decoding JSON: json: unknown field"
    )
    conditions = [("ComparisonError", message)]
    cluster.add(application("previews-dev", None, sync="Unknown", conditions=conditions))
    causes = [one["id"] for one in made.wait(way).json()["causes"]]
    assert causes == ["object_invalid", "absent"]


def test_an_application_that_is_being_deleted_is_waited_for(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(deletionTimestamp=ago(minutes=1), deletionGracePeriodSeconds=0))
    done = made.wait(way)
    assert (done.code, first(done)) == (12, "being_deleted")


def test_a_lasting_cause_ends_the_waiting_at_once(made: Made, cluster: ClusterServer, way: Way):
    message = (
        "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "
        "Manifest generation error (cached): failed to execute helm template command: failed to get command args to "
        "log: `helm template . --name-template preview-1` failed exit status 1: Error: values don't meet the "
        "specifications of the schema(s) in the following chart(s):\nenvironment:\n- global.ttlMinutes: Must be less"
    )
    cluster.add(made.application(sync="Unknown", health="Missing", conditions=[("ComparisonError", message)]))
    done = made.wait(way, "-o", "table", seconds="1h")
    assert done.code == 13
    assert "preview-1 will not become ready by itself: The chart's values.schema.json refuses" in done.out
    assert "next: Run starry validate" in done.out


def test_a_stale_complaint_of_an_earlier_commit_is_waited_out(made: Made, cluster: ClusterServer, way: Way):
    message = "Unable to resolve 'feature' to a commit SHA"
    item = made.application(None, sync="Unknown", conditions=[("ComparisonError", message)])
    item["metadata"]["creationTimestamp"] = ago(hours=1)
    cluster.add(item)
    done = made.wait(way)
    assert (done.code, first(done)) == (12, "revision_unknown")


def test_what_pods_say_is_found_in_kubernetes(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application(health="Progressing"))
    cluster.add(waiting_pod("backend-1", "preview-1", "ImagePullBackOff", IMAGE))
    done = made.wait(ways["kubernetes"])
    found = done.json()["causes"]
    assert done.code == 12
    assert (found[0]["id"], found[0]["where"]) == ("image_missing", "Pod backend-1")
    assert found[-1]["id"] == "progressing"


def test_what_pods_say_is_found_in_argo_cd(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application(health="Degraded"))
    node = {
        "kind": "Pod", "name": "backend-1", "namespace": "preview-1", "uid": "u", "version": "v1",
        "health": {"status": "Degraded", "message": 'Back-off pulling image "x"'},
        "info": [{"name": "Status Reason", "value": "ImagePullBackOff"}],
    }  # fmt: skip
    cluster.trees["preview-1"] = {"nodes": [node]}
    assert first(made.wait(ways["argocd"])) == "image_pull"
    cluster.add(event("Pod", "backend-1", "preview-1", "Failed", f"Failed to pull image: {IMAGE}"))
    assert first(made.wait(ways["argocd"])) == "image_missing"


def test_events_from_before_the_commit_say_nothing(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application(health="Progressing"))
    cluster.add(event("Pod", "old", "preview-1", "Failed", "Error: ErrImagePull", at=ago(minutes=30)))
    assert first(made.wait(ways["kubernetes"])) == "progressing"


def test_it_waits_until_all_is_well(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application(sync="OutOfSync", health="Progressing"))

    def mend() -> None:
        time.sleep(0.5)
        cluster.replace(made.application())

    thread = threading.Thread(target=mend)
    thread.start()
    done = made.wait(way, seconds="1m")
    thread.join()
    assert done.code == 0
    assert "preview-1: " in done.err


@pytest.mark.parametrize("text", ["", "abc", "10", "-1m", "90d", "25h"])
def test_a_duration_that_is_none_is_refused(apps, text: str):
    apps.fails(2, "wait", "preview-1", "--wait-timeout", text)


def test_both_ways_at_once_are_refused(apps, kubeconfig):
    apps.fails(2, "wait", "preview-1", "--argocd-server", "argocd.mycompany.com", "--kubeconfig", str(kubeconfig))


def test_argo_cd_needs_a_token(apps):
    assert "STARRY_ARGOCD_TOKEN" in apps.fails(2, "wait", "preview-1", "--argocd-server", "a.mycompany.com")["hint"]


def test_a_preview_changed_by_hand_has_its_last_commit(made: Made, cluster: ClusterServer, way: Way):
    values = made.apps.git("show", f"main:{PREVIEWS}/preview-1/values.yaml")
    made.apps.commit({f"{PREVIEWS}/preview-1/values.yaml": values + "\n# by hand\n"})
    cluster.add(made.application())
    assert first(made.wait(way)) == "unseen"
