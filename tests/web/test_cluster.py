"""What Argo CD says of a preview, on its page and in the API: as `starry wait` says it, and never waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from starry_gitops.clusters.finding import argo_cd, kubernetes
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.web import cluster as module
from tests.clusters.conftest import Made, Way, kubeconfig, made, ways
from tests.clusters.objects import application, waiting_pod
from tests.clusters.server import TOKEN, ClusterServer, answers, refuses, stalls
from tests.support.cli import run
from tests.support.repos import Apps
from tests.web.served import Served, process, served, wait_until

__all__ = ["kubeconfig", "made", "ways"]

PAGE = "/previews/dev/preview-1/cluster"
STATUS = "/previews/preview-1/status"
HTML = {"accept": "text/html"}
_ILL = ("ComparisonError", "app path does not exist")


@pytest.fixture
def cluster() -> Iterator[ClusterServer]:
    with ClusterServer() as running:
        yield running


@pytest.fixture(params=["argocd", "kubernetes"])
def source(request: pytest.FixtureRequest, cluster: ClusterServer, kubeconfig: Path, ways: dict[str, Way],
           monkeypatch: pytest.MonkeyPatch) -> tuple[Cluster, Way]:  # fmt: skip
    """Each way to ask, for the page and for the command."""
    way = ways[request.param]
    for name, value in way.env.items():
        monkeypatch.setenv(name, value)
    if request.param == "argocd":
        return argo_cd(cluster.url, seconds=5), way
    return kubernetes(kubeconfig=str(kubeconfig), context=None, seconds=5), way


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a new one."""
    monkeypatch.setattr(module, "_FRESH", 0.0)


@contextmanager
def _page(apps: Apps, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", TOKEN)
    with served(apps, cluster=argo_cd(cluster.url, seconds=5)) as page:
        yield page


def test_it_says_what_wait_says(made: Made, cluster: ClusterServer, source: tuple[Cluster, Way], fresh: None) -> None:
    found, way = source
    with served(made.apps, cluster=found) as page:
        items = [
            None,
            made.application(),
            made.application(health="Progressing"),
            made.application(
                sync="Unknown", health="Missing", conditions=[("ComparisonError", "app path does not exist")]
            ),
            made.application(made.apps.git("rev-parse", "main~1")),
        ]
        for item in items:
            cluster.objects.clear()
            cluster.add(*([item] if item else []), waiting_pod("backend-1", "preview-1", "ImagePullBackOff"))
            told = page.get(STATUS).json()
            waited = made.wait(way).json()
            extra = {key: told.pop(key) for key in ("sync", "health", "revision", "seenAt")}
            assert told == {key: value for key, value in waited.items() if key != "seconds"}
            assert extra["sync"] == (item["status"]["sync"]["status"] if item else None)
            text = page.http.get(PAGE, headers=HTML).text
            assert all(cause["id"] == "" or _escaped(cause["cause"]) in text for cause in told["causes"][:1])
            assert ("It runs what Git holds." in text) == (told["state"] == "ready")
    assert {method for method, _, _ in cluster.asked} == {"GET"}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;").replace("<", "&lt;")


def test_the_page_of_a_preview_does_not_wait_for_it(
    made: Made, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.faults["/"] = stalls(3)
    with _page(made.apps, cluster, monkeypatch) as page:
        text = page.http.get("/previews/dev/preview-1", headers=HTML).text
        assert 'data-part="/previews/dev/preview-1/cluster?part=1"' in text
        assert f'<a href="{PAGE}">Ask Argo CD</a>' in text
        assert cluster.asked == []


def test_where_nobody_is_asked_nothing_is_shown(apps: Apps, page: Served) -> None:
    apps.create("preview-1")
    page.app.state.services.reader.refresh()
    assert "In the cluster" not in page.http.get("/previews/dev/preview-1", headers=HTML).text
    assert page.http.get(PAGE, headers=HTML).status_code == 404
    answer = page.get(STATUS)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "--argocd-server" in answer.json()["hint"]


def test_one_look_is_for_everybody_for_some_seconds(
    made: Made, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.add(made.application())
    with _page(made.apps, cluster, monkeypatch) as page:
        told = [page.get(STATUS).json() for _ in range(5)]
        page.http.get(PAGE, headers=HTML)
        page.http.get(f"{PAGE}?part=1", headers=HTML)
        assert len(cluster.asked) == 1
        assert all(one == told[0] for one in told)
        made.apps.ok("update", "preview-1", "--image", "backend=2.0.0", "--ttl", "1h")
        page.app.state.services.reader.refresh()
        assert page.get(STATUS).json()["causes"][0]["id"] == "outdated"


def test_a_part_is_a_part(made: Made, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.add(made.application(health="Progressing"))
    with _page(made.apps, cluster, monkeypatch) as page:
        part = page.http.get(f"{PAGE}?part=1", headers=HTML).text
        assert "<html" not in part
        assert 'data-again="10"' in part
        whole = page.http.get(PAGE, headers=HTML).text
        assert "<h1>preview-1 in the cluster</h1>" in whole
        assert "Synced, Progressing" in whole


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (answers(401, {"message": "<b>no</b> session"}), 502),
        (answers(200, b"<html>", "text/html"), 503),
        (answers(200, {"items": [{"kind": "Secret"}], "metadata": {}}), 503),
        (refuses(403, "Forbidden", "you may not"), 502),
    ],
)
def test_a_failure_is_one_line(made: Made, cluster: ClusterServer, monkeypatch, fault, status: int) -> None:
    cluster.faults["/api/v1/applications"] = fault
    with _page(made.apps, cluster, monkeypatch) as page:
        answer = page.get(STATUS)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        part = page.http.get(f"{PAGE}?part=1", headers=HTML)
        assert part.status_code == 200
        assert part.text.count("<p>") == 1
        assert "Argo CD could not be asked: " in part.text
        assert "<b>" not in part.text
        assert TOKEN not in part.text + answer.text
        assert page.http.get(PAGE, headers=HTML).status_code == status
        assert page.http.get("/previews/dev/preview-1", headers=HTML).status_code == 200


def test_who_waits_too_long_is_told(made: Made, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.add(made.application())
    cluster.faults["/"] = stalls(1)
    monkeypatch.setattr(module, "SECONDS", 0.1)
    with _page(made.apps, cluster, monkeypatch) as page:
        assert "did not answer within" in page.get(STATUS).json()["detail"]
        assert page.get("/previews").status_code == 200


def test_what_a_cluster_says_is_shown_as_text(made: Made, cluster: ClusterServer, monkeypatch, fresh: None) -> None:
    words = "Failed to load: <script>alert(1)</script> \x1b[31m" + "x" * 5_000
    cluster.add(made.application(sync="Unknown", conditions=[("ComparisonError", words)]))
    with _page(made.apps, cluster, monkeypatch) as page:
        text = page.http.get(f"{PAGE}?part=1", headers=HTML).text
        assert "<script" not in text
        assert "\x1b" not in text
        assert len(text) < 5_000


def test_a_preview_that_is_not_there(apps: Apps, cluster: ClusterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.add(application("preview-1", None))
    with _page(apps, cluster, monkeypatch) as page:
        assert page.get(STATUS).status_code == 404
        assert page.http.get(PAGE, headers=HTML).status_code == 404
        assert cluster.asked == []


def test_serve_is_told_as_wait_is(made: Made, cluster: ClusterServer) -> None:
    cluster.add(made.application())
    apps = made.apps.at(str(made.apps.bare), STARRY_ARGOCD_TOKEN=TOKEN)
    with process(apps, "--argocd-server", cluster.url) as one:
        import httpx  # noqa: PLC0415

        wait_until(lambda: httpx.get(f"{one.url}/readyz").status_code == 200)
        assert httpx.get(f"{one.url}/api/v1{STATUS}").json()["state"] == "ready"
        assert one.end() == 0
        assert not any(TOKEN in line for line in one.lines)


@pytest.mark.parametrize(
    "words",
    [
        ("--argocd-server", "argocd.example.com"),
        ("--argocd-server", "argocd.example.com", "--kubernetes"),
        ("--registry", "https://x.example"),
        ("--registry", "a.example", "--registry", "b.example"),
    ],
)
def test_options_that_make_no_sense_are_refused(apps: Apps, words: tuple[str, ...]) -> None:
    done = run("serve", "--repo", str(apps.bare), *words, env={"STARRY_REGISTRY_TOKEN": "ada:secret-of-hers"})
    assert done.code == 2
    assert "secret-of-hers" not in done.err
