"""The page follows the branch, and shows the last state when the remote is away."""

import threading
import time
from pathlib import Path

import pytest

from starry_gitops.errors import InvalidRepository, NotFound, RemoteUnreachable, StarryError
from starry_gitops.gitrepo.mirror import Mirror, open_mirror
from starry_gitops.gitrepo.remotes import Remote
from tests.support.basics import git
from tests.support.gitserver import Fault, GitServer
from tests.support.repos import Apps
from tests.web.served import served, wait_until


def mirror_of(apps: Apps, branch: str | None = None):
    """A mirror of a local repository."""
    return open_mirror(Remote(url=apps.url or str(apps.bare)), branch=branch, timeout=20)


def test_refresh_says_whether_the_branch_has_moved(apps: Apps) -> None:
    with mirror_of(apps) as mirror:
        assert mirror.branch == "main"
        assert mirror.refresh() is False
        tip = apps.commit({"new.txt": "new"})
        assert mirror.refresh() is True
        assert mirror.snapshot().revision == tip
        assert mirror.snapshot().read("new.txt") == b"new"


def test_a_snapshot_stays_readable_when_the_branch_is_rewritten(apps: Apps) -> None:
    apps.create("alpha")
    with mirror_of(apps) as mirror:
        old = mirror.snapshot()
        apps.git("update-ref", "refs/heads/main", "main~1")
        assert mirror.refresh() is True
        assert mirror.snapshot().entries("overlays/dev/previews").keys() == {"keep.yaml"}
        assert "alpha" in old.entries("overlays/dev/previews")
        assert b"alpha" in (old.read("overlays/dev/previews/alpha/application.yaml") or b"")


def test_many_threads_read_and_refresh_at_once(apps: Apps) -> None:
    stopped, faults = threading.Event(), []

    def read(mirror: Mirror) -> None:
        while not stopped.is_set():
            try:
                snapshot = mirror.snapshot()
                number = (snapshot.read("number.txt") or b"").decode()
                assert number.startswith(("", "n")), number
                assert all(snapshot.read(path) is not None for path in ("starry.yaml", "overlays/dev/previews.yaml"))
                mirror.refresh()
            except BaseException as error:  # noqa: BLE001 - told to the test
                faults.append(error)

    with mirror_of(apps) as mirror:
        threads = [threading.Thread(target=read, args=(mirror,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(8):
            apps.commit({"number.txt": f"n{number}"})
        stopped.set()
        for thread in threads:
            thread.join()
        mirror.refresh()
        assert mirror.snapshot().read("number.txt") == b"n7"
    assert faults == []


def test_a_reading_process_that_died_is_started_again(apps: Apps) -> None:
    with mirror_of(apps) as mirror:
        mirror._reader._process.kill()
        mirror._reader._process.wait()
        assert mirror.snapshot().revision == apps.tip()


def test_it_stays_compact(apps: Apps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starry_gitops.gitrepo.mirror._FETCHES_TO_REPACK", 3)
    with mirror_of(apps) as mirror:
        for number in range(3):
            apps.commit({"number.txt": str(number)})
            mirror.refresh()
        objects = mirror._folder / "objects"
        assert len(list(objects.glob("pack/*.pack"))) == 1
        assert not list(objects.glob("??/*"))
        assert mirror.snapshot().read("number.txt") == b"2"


def test_nothing_is_left(apps: Apps, temporary_folder: Path) -> None:
    with mirror_of(apps) as mirror:
        assert list(temporary_folder.glob("starry-*"))
        mirror.refresh()
    assert not list(temporary_folder.glob("starry-*"))


def test_branches_that_are_not_there(apps: Apps, tmp_path: Path) -> None:
    with pytest.raises(NotFound), mirror_of(apps, "nope"):
        pass
    empty = tmp_path / "empty.git"
    git(tmp_path, "init", "--quiet", "--bare", str(empty))
    with pytest.raises(InvalidRepository, match="no branch"), mirror_of(Apps(bare=empty)):
        pass
    with pytest.raises(RemoteUnreachable), open_mirror(Remote(url=str(tmp_path / "no")), branch=None, timeout=20):
        pass


def test_a_server_that_is_away_leaves_the_last_state(server: GitServer, apps: Apps) -> None:
    apps.create("alpha")
    server.token = None
    with served(apps.at(server.url)) as page:
        reader = page.app.state.services.reader
        assert "Starry-Stale" not in page.get("/previews").headers
        server.fault = Fault.ERROR_503
        with pytest.raises(StarryError):
            reader.refresh()
        answer = page.get("/previews")
        assert [row["name"] for row in answer.json()] == ["alpha"]
        assert int(answer.headers["Starry-Stale"]) >= 0
        ready = page.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "stale")
        assert ready.json()["error"]["code"] == "remote_unreachable"
        assert "starry_web_remote_up 0" in page.http.get("/metrics").text
        refused = page.put("beta")
        assert (refused.status_code, refused.json()["code"]) == (503, "remote_unreachable")
        assert refused.headers["Retry-After"] == "5"
        server.fault = None
        apps.create("gamma")
        reader.refresh()
        assert len(page.get("/previews").json()) == 2
        assert page.http.get("/readyz").json()["status"] == "ready"


def test_what_others_push_is_seen_by_polling(apps: Apps) -> None:
    with served(apps, poll=0.1) as page:
        apps.create("alpha")
        wait_until(lambda: page.get("/previews").json())


def test_callers_share_a_fetch_that_began_after_they_asked(server: GitServer, apps: Apps) -> None:
    server.token = None
    with mirror_of(apps.at(server.url)) as mirror:
        server.before = lambda _: time.sleep(0.2)
        asked = len(server.requests)
        threads = [threading.Thread(target=mirror.refresh) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # One request for the capabilities, one for the refs, each; a fetch that was under way counts for nobody else.
        assert len(server.requests) - asked <= 6
