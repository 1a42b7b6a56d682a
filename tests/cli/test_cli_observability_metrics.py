"""gc --metrics-file: what an alert needs, also when gc fails; the alerts of the documentation fit it."""

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest
import yaml

from docs.markdown import ROOT
from tests.docs.pages import blocks
from tests.support.cli import finish, spawn
from tests.support.gitserver import GitServer, Request
from tests.support.hooks import write_hook, write_script
from tests.support.repos import Apps
from tests.support.transport import http
from tests.unit.exposition import Samples, read_exposition

PAGE = ROOT / "docs" / "observability.md"
PREVIEWS = ("previews", "pinned_previews", "expired_previews", "removed_previews", "skipped_previews")
SUCCESS = ("starry_gc_last_success_timestamp_seconds", ())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gc.prom"


@pytest.fixture
def four(apps: Apps) -> Apps:
    """Two that have expired, one of them broken; one pinned, one fresh."""
    for name in ("preview-1", "preview-2", "preview-4"):
        apps.create(name)
    apps.create("preview-3", "--pin")
    apps.age("preview-1", "preview-2", "preview-3", minutes=60)
    apps.edit_application("preview-2", lambda text: re.sub(r"expires-at: .*", "expires-at: never", text))
    return apps


def read(file: Path) -> Samples:
    return read_exposition(file.read_text(encoding="utf-8"))


def counts(file: Path, overlay: str = "dev") -> tuple[float | None, ...]:
    """Previews after the run, pinned, expired, removed, skipped."""
    found = read(file)
    return tuple(found.get((f"starry_gc_{name}", (("overlay", overlay),))) for name in PREVIEWS)


def value(file: Path, name: str) -> float:
    return read(file)[f"starry_gc_{name}", ()]


def test_a_run_tells_what_it_found_and_did(four: Apps, file: Path) -> None:
    before = time.time()
    done = four.run("gc", "--metrics-file", str(file))
    assert done.code == 9
    assert counts(file) == (3, 1, 1, 1, 1)
    assert value(file, "push_attempts") == 1
    assert value(file, "exit_code") == 9
    assert 0 < value(file, "duration_seconds") < time.time() - before
    assert before - 1 < value(file, "last_run_timestamp_seconds") < time.time() + 1
    assert read(file)[SUCCESS] == value(file, "last_run_timestamp_seconds")


def test_nothing_to_do_is_told_too(apps: Apps, file: Path) -> None:
    apps.create("preview-1")
    apps.ok("gc", "--metrics-file", str(file))
    assert counts(file) == (1, 0, 0, 0, 0)
    assert value(file, "push_attempts") == 0


def test_every_overlay_has_its_own(apps: Apps, file: Path) -> None:
    apps.create("preview-1")
    apps.ok("gc", "--include-overlay", "prod", "--metrics-file", str(file))
    assert counts(file) == (1, 0, 0, 0, 0)
    assert counts(file, "prod") == (0, 0, 0, 0, 0)


def test_json_stays_one_document(four: Apps, file: Path) -> None:
    done = four.run("gc", "--metrics-file", str(file))
    assert done.json()["removed"] == ["preview-1"]
    assert done.err == ""


def test_a_refusal_keeps_the_counts_and_the_last_success(four: Apps, file: Path) -> None:
    four.run("gc", "--now", "2020-01-01T00:00:00Z", "--metrics-file", str(file))
    success = read(file)[SUCCESS]
    assert four.run("gc", "--max-deletes", "0", "--metrics-file", str(file)).code == 10
    assert counts(file) == (4, 1, 1, 0, 1)
    assert value(file, "exit_code") == 10
    assert read(file)[SUCCESS] == success
    assert value(file, "last_run_timestamp_seconds") > success


def test_a_remote_that_is_gone_is_told(apps: Apps, file: Path, tmp_path: Path) -> None:
    assert apps.at(str(tmp_path / "nowhere.git")).run("gc", "--metrics-file", str(file)).code == 8
    assert counts(file) == (None,) * 5
    assert value(file, "exit_code") == 8
    assert SUCCESS not in read(file)


def test_a_hook_that_refuses_is_told(four: Apps, file: Path) -> None:
    write_hook(four.bare, "pre-receive", "exit 1")
    assert four.run("gc", "--metrics-file", str(file)).code == 6
    assert counts(file) == (4, 1, 1, 0, 1)
    assert (value(file, "exit_code"), value(file, "push_attempts")) == (6, 1)


def test_broken_settings_are_told(apps: Apps, file: Path) -> None:
    apps.commit({"starry.yaml": "domain: [\n"})
    assert apps.run("gc", "--metrics-file", str(file)).code == 7
    assert value(file, "exit_code") == 7


def test_a_wrong_value_is_told(apps: Apps, file: Path) -> None:
    assert apps.run("gc", "--grace", "soon", "--metrics-file", str(file)).code == 2
    assert value(file, "exit_code") == 2


def test_lost_pushes_are_counted(four: Apps, file: Path, server: GitServer) -> None:
    rivals = iter(["one", "two"])

    def overtake(request: Request) -> None:
        rival = next(rivals, None) if request.sends_pack else None
        if rival:
            four.commit({f"{rival}.txt": "first\n"})

    server.before = overtake
    assert http(four, server).run("gc", "--metrics-file", str(file)).code == 9
    assert value(file, "push_attempts") == 3
    assert counts(file) == (3, 1, 1, 1, 1)


def test_contention_that_is_not_won_is_told(four: Apps, file: Path, server: GitServer) -> None:
    rivals = iter(range(10_000))

    def overtake(request: Request) -> None:
        if request.sends_pack:
            four.commit({f"{next(rivals)}.txt": "first\n"})

    server.before = overtake
    done = http(four, server).run("gc", "--timeout", "0.1", "--metrics-file", str(file))
    assert done.code == 4
    assert value(file, "exit_code") == 4
    assert value(file, "push_attempts") >= 1
    assert counts(file) == (4, 1, 1, 0, 1)


def test_a_push_that_landed_without_an_answer_is_counted_as_what_it_did(
    four: Apps, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = tmp_path / "bin", shutil.which("git")
    lose = f"if mkdir {folder}/lost; then {real} \"$@\" >&2; echo 'fatal: Connection reset by peer' >&2; exit 128; fi"
    write_script(folder / "git", f'case "$1" in push) {lose};; esac\nexec {real} "$@"')
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    done = four.run("gc", "--metrics-file", str(file))
    assert (done.code, done.json()["removed"]) == (9, ["preview-1"])
    assert counts(file) == (3, 1, 1, 1, 1)


def test_an_interrupted_run_is_told(four: Apps, file: Path, tmp_path: Path) -> None:
    write_hook(four.bare, "pre-receive", f"touch {tmp_path}/pushing; sleep 20")
    process = spawn(*four.args("gc", "--metrics-file", str(file)))
    end = time.monotonic() + 30
    while not (tmp_path / "pushing").exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.terminate()
    assert finish(process).code == 130
    assert value(file, "exit_code") == 130
    assert counts(file) == (4, 1, 1, 0, 1)


def test_a_file_that_cannot_be_written_fails_late_and_says_what_stands(four: Apps, tmp_path: Path) -> None:
    done = four.run("gc", "--metrics-file", str(tmp_path / "nowhere" / "gc.prom"))
    assert done.code == 1
    assert done.json()["removed"] == ["preview-1"]
    assert four.names() == ["preview-2", "preview-3", "preview-4"]
    error = json.loads(done.err)["error"]
    assert "nowhere" in error["message"]
    assert four.tip() in error["hint"]


def test_the_runs_own_exit_code_comes_before_the_files(apps: Apps, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "gc.prom")
    done = apps.at(str(tmp_path / "nowhere.git")).run("gc", "--metrics-file", nowhere)
    assert done.code == 8
    assert nowhere in done.err
    assert json.loads(done.err.splitlines()[-1])["error"]["code"] == "remote_unreachable"


def test_a_dry_run_writes_none(four: Apps, file: Path) -> None:
    four.run("gc", "--dry-run", "--metrics-file", str(file))
    assert not file.exists()


def test_the_variable_names_the_file(apps: Apps, file: Path) -> None:
    apps.ok("gc", env={"STARRY_METRICS_FILE": str(file)})
    assert value(file, "exit_code") == 0


def test_the_alerts_ask_for_what_is_there(four: Apps, file: Path) -> None:
    four.run("gc", "--metrics-file", str(file))
    written = {name for name, _ in read(file)}
    (block,) = [block for block in blocks(PAGE) if block.language == "yaml"]
    rules = [rule for group in yaml.safe_load(block.text)["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        asked = set(re.findall(r"starry_\w+", rule["expr"]))
        assert asked
        assert asked <= written, rule
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
        assert rule["annotations"]["summary"]


def test_the_page_names_every_metric(four: Apps, file: Path) -> None:
    four.run("gc", "--metrics-file", str(file))
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name, _ in read(file) if f"| `{name}` |" not in text] == []
