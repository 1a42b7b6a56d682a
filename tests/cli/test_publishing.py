"""Lost races: fetch, decide again, push again; never force, never give up before the time is over."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from starry_gitops.core.context import Context
from starry_gitops.core.model import Plan, Write
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import publish
from tests.support.gitserver import GitServer, Request
from tests.support.hooks import write_hook, write_script
from tests.support.repos import PREVIEWS, Apps
from tests.support.transport import http

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


MOMENTS: dict[str, Callable[[Request], bool]] = {
    "before the push asks for the tip": lambda request: request.is_push and request.method == "GET",
    "before the pack arrives": lambda request: request.sends_pack,
}


def other_pushes(
    apps: Apps, server: GitServer, times: int, moment: Callable[[Request], bool] = lambda request: request.sends_pack
) -> None:
    """At a moment of each of the next `times` pushes, somebody else's commit lands."""
    left = iter(range(times))

    def interfere(request: Request) -> None:
        if request.authorization and moment(request) and next(left, None) is not None:
            apps.commit({"notes/x": f"{time.monotonic_ns()}"}, "somebody else")

    server.before = interfere


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_lost_race_is_decided_again(
    apps: Apps, server: GitServer, moment: Callable[[Request], bool], lost: int
) -> None:
    other_pushes(apps, server, lost, moment)
    commits = apps.count()
    result = http(apps, server).ok(*CREATE)
    assert result["attempts"] == lost + 1
    assert result["commit"] == apps.tip()
    assert apps.count() == commits + lost + 1
    assert set(apps.changed()) == {f"{PREVIEWS}/preview-1/{kind}.yaml" for kind in ("application", "values")}
    assert "notes/x" in apps.tree()


def test_a_race_that_is_never_won_is_exit_4_within_the_time(apps: Apps, server: GitServer) -> None:
    other_pushes(apps, server, 10_000)
    started = time.monotonic()
    done = http(apps, server).run(*CREATE, "--timeout", "2")
    assert done.code == 4
    assert done.error()["code"] == "contention"
    assert 0.3 < time.monotonic() - started < 12
    assert apps.names() == []


def test_what_somebody_else_did_to_the_same_preview_is_kept(apps: Apps, server: GitServer) -> None:
    apps.create("preview-1")

    def interfere(request: Request) -> None:
        if request.sends_pack:
            server.before = lambda _: None
            apps.edit_values("preview-1", lambda text: text + "# somebody was here\n")

    server.before = interfere
    result = http(apps, server).ok("update", "preview-1", "--image", "backend=2.0.0")
    assert result["attempts"] == 2
    assert apps.read(f"{PREVIEWS}/preview-1/values.yaml").endswith("# somebody was here\n")
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "2.0.0"


def test_a_preview_that_somebody_deleted_meanwhile_is_not_found(apps: Apps, server: GitServer) -> None:
    apps.create("preview-1")
    gone = {f"{PREVIEWS}/preview-1/{kind}.yaml": None for kind in ("application", "values")}

    def interfere(request: Request) -> None:
        if request.sends_pack:
            server.before = lambda _: None
            apps.commit(gone)

    server.before = interfere
    assert http(apps, server).run("update", "preview-1", "--image", "backend=2.0.0").code == 3
    assert apps.names() == []


def test_a_policy_that_changed_meanwhile_is_obeyed(apps: Apps, server: GitServer) -> None:
    def interfere(request: Request) -> None:
        if request.sends_pack:
            server.before = lambda _: None
            apps.settings(lambda settings: settings["policy"].update(images=["ghcr.io/*"]))

    server.before = interfere
    done = http(apps, server).run(*CREATE)
    assert (done.code, done.error()["code"]) == (5, "image")
    assert apps.names() == []


def test_a_newer_sequence_that_landed_meanwhile_wins(apps: Apps, server: GitServer) -> None:
    apps.create("preview-1", "--sequence", "1")
    newer = apps.read(f"{PREVIEWS}/preview-1/application.yaml").replace('sequence: "1"', 'sequence: "9"')

    def interfere(request: Request) -> None:
        if request.sends_pack:
            server.before = lambda _: None
            apps.commit({f"{PREVIEWS}/preview-1/application.yaml": newer})

    server.before = interfere
    done = http(apps, server).run("create", "preview-1", "--image", "backend=2.0.0", "--sequence", "5")
    assert (done.code, done.error()["code"]) == (5, "superseded")
    assert apps.values("preview-1")["backend"]["image"]["tag"] == "1.0.0"


def test_a_ref_that_is_locked_for_a_moment_is_a_lost_race(apps: Apps, server: GitServer) -> None:
    apps.git("pack-refs", "--all")
    lock = apps.bare / "refs/heads/main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()

    def unlock(request: Request) -> None:
        if sum(earlier.sends_pack for earlier in server.requests) > 1:
            lock.unlink(missing_ok=True)

    server.before = unlock
    assert http(apps, server).ok(*CREATE)["attempts"] == 2
    assert apps.names() == ["preview-1"]


# How forges word a lost race in a push's porcelain report.
WORDINGS = [
    "[rejected] (non-fast-forward)",
    "[rejected] (fetch first)",
    "[rejected] (stale info)",
    "[remote rejected] (failed to update ref)",
    "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
    "[remote rejected] (incorrect old value provided)",
]


@pytest.mark.parametrize("words", WORDINGS)
def test_every_forges_wording_of_a_lost_race_counts(
    apps: Apps, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    lose_once(folder, f"!\\tabc:refs/heads/main\\t{words}")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    assert apps.ok(*CREATE)["attempts"] == 2
    assert apps.names() == ["preview-1"]


@pytest.mark.parametrize(
    "words",
    ["[remote rejected] (protected branch hook declined)", "[remote rejected] (pre-receive hook declined)",
     "[remote rejected] (permission denied)", "[remote rejected] (deny updating a hidden ref)"],
)  # fmt: skip
def test_every_forges_wording_of_a_refusal_is_permanent(
    apps: Apps, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    lose_once(folder, f"!\\tabc:refs/heads/main\\t{words}")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    error = apps.fails(6, *CREATE)
    assert words.split("(")[1].rstrip(")") in error["message"]


def lose_once(folder: Path, report: str) -> None:
    """A `git` whose first push is answered as a forge would."""
    real = shutil.which("git")
    write_script(
        folder / "git",
        f'case " $* " in *" push "*) if mkdir {folder}/lost 2>/dev/null; then\n'
        f"  printf 'To x\\n{report.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}\\nDone\\n'\n"
        f"  echo 'error: failed to push some refs' >&2; exit 1; fi;; esac\n"
        f'exec {real} "$@"',
    )


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_pushes_are_never_forced(apps: Apps, server: GitServer, moment: Callable[[Request], bool]) -> None:
    log = apps.bare / "updates"
    judge = f'if git merge-base --is-ancestor "$2" "$3"; then echo forward; else echo FORCED; fi >> {log}'
    write_hook(apps.bare, "update", judge)
    other_pushes(apps, server, 2, moment)
    http(apps, server).ok(*CREATE)
    http(apps, server).ok("delete", "preview-1")
    assert set(log.read_text(encoding="utf-8").split()) == {"forward"}


def test_the_time_that_a_decision_takes_is_not_the_races(apps: Apps) -> None:
    """A forge that is asked may be slow: what is left for races must not depend on it."""
    decided: list[str] = []

    def decide(context: Context) -> Plan[str]:
        decided.append(context.snapshot.revision)
        if len(decided) == 1:
            time.sleep(0.6)
            apps.commit({"notes/x": "1\n"}, "somebody else")
        return Plan(changes=(Write(path="notes/y", text="1\n"),), message="Decide\n", answer="done")

    target = Target(repo=str(apps.bare), timeout=0.5)
    assert publish(target, decide, proposal=lambda _: "starry/x").attempts == 2
    assert len(decided) == 2
    assert {"notes/x", "notes/y"} <= set(apps.tree())
