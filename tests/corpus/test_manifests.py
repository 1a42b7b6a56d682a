"""Hostile manifests: all of them previews of one repository, so that each command meets all of them at once."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.cases import Case, content_of, load
from tests.support.repos import PREVIEWS, Apps, Content, copy_of

CASES = [*load("repositories", "applications"), *load("repositories", "values")]
FILES = {"applications": "application.yaml", "values": "values.yaml"}
NOW = "2026-01-01T02:00:00Z"
_TIMES = {"created": "2026-01-01T00:00:00Z", "expires": "2026-01-01T00:30:00Z"}


def name_of(number: int) -> str:
    return f"case-{number}"


def _changed(text: str, case: Case, name: str) -> str | bytes:
    if "text" in case.entry:
        return content_of(case.entry["text"])
    pairs = [content_of(part) for part in case.entry["put"]]
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        before = str(old).replace("NAME", name)
        assert before in text, f"{case.id}: {before!r} is not there"
        text = text.replace(before, str(new).replace("NAME", name))
    return text


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Apps:
    """The repository with one preview for each case."""
    apps = copy_of(template, tmp_path_factory.mktemp("corpus") / "apps.git")
    apps.settings(lambda settings: settings["policy"].pop("quota"))
    apps.create("base")
    written = {file: apps.read(f"{PREVIEWS}/base/{file}") for file in FILES.values()}
    for key, time in _TIMES.items():
        pattern = rf"(starry\.env/{key}-at: )\"[^\"]*\""
        written["application.yaml"] = re.sub(pattern, rf'\1"{time}"', written["application.yaml"])
    files: dict[str, Content] = {}
    for number, case in enumerate(CASES):
        name = name_of(number)
        texts: dict[str, str | bytes] = {file: text.replace("base", name) for file, text in written.items()}
        file = FILES[case.kind]
        texts[file] = _changed(str(texts[file]), case, name)
        files |= {f"{PREVIEWS}/{name}/{each}": text for each, text in texts.items()}
    apps.commit({**files, f"{PREVIEWS}/base/application.yaml": None, f"{PREVIEWS}/base/values.yaml": None})
    return apps


@pytest.fixture(scope="module")
def found(shared: Apps) -> dict[str, Any]:
    """What gc (dry), list and validate say of all of them together."""
    collected = shared.run("gc", "--now", NOW, "--force", "--dry-run")
    assert collected.code == 9, collected.err
    report, listed = shared.run("validate"), shared.run("list")
    assert (report.code, listed.code) == (7, 0)
    gc = collected.json()
    assert gc["checked"] == report.json()["previews"] == len(CASES)
    for result in (collected, report, listed):
        for case in CASES:
            if "hidden" in case.entry:
                assert case.entry["hidden"] not in (result.out if result is report else "") + result.err, case.id
    return {
        "removed": set(gc["removed"]),
        "skipped": {item["name"]: item["reason"] for item in gc["skipped"]},
        "listed": {row["name"] for row in listed.json()},
        "findings": [item for item in report.json()["findings"] if item["severity"] == "error"],
    }


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_each_file_gets_what_it_must(shared: Apps, found: dict[str, Any], number: int) -> None:
    case, name = CASES[number], name_of(number)
    entry = case.entry
    fate = "removed" if name in found["removed"] else "skipped" if name in found["skipped"] else "kept"
    assert fate == entry.get("gc", "removed"), found["skipped"].get(name)
    assert entry.get("says", "") in found["skipped"].get(name, ""), found["skipped"]
    seen = "shown" if name in found["listed"] else "skipped"
    assert seen == entry.get("list", "skipped" if _is_unreadable(entry) else "shown")
    mine = [item for item in found["findings"] if f"/{name}/" in item["file"]]
    check_findings(entry["finds"], mine, FILES[case.kind])
    check_change(shared, name, entry)


def _is_unreadable(entry: dict[str, Any]) -> bool:
    """Skipped for its annotations or its YAML, not for what a second look finds."""
    return entry.get("gc") == "skipped" and entry["finds"][0].partition(":")[0] in {"annotations", "yaml"}


def check_findings(wanted: list[str], mine: list[dict[str, Any]], file: str) -> None:
    """The rules, and lines where the entry names them; `rule/values` is in the other file."""
    left = [(item["rule"], item["line"], item["file"].rpartition("/")[2]) for item in mine]
    for text in wanted:
        rule, _, line = text.partition(":")
        rule, slash, _ = rule.partition("/")
        place = "values.yaml" if slash else file
        hit = next((one for one in left if one[0] == rule and one[2] == place and line in {"", str(one[1])}), None)
        assert hit is not None, (text, left)
        left.remove(hit)
    assert left == [], [item["message"][:200] for item in mine]
    assert all(item["message"].isprintable() and len(item["message"]) < 2_500 for item in mine), mine


def check_change(apps: Apps, name: str, entry: dict[str, Any]) -> None:
    """A change of it works, or is refused in words."""
    words = ("extend", name, "--ttl", "1h") if "extend" in entry else ("update", name, "--image", "backend=2.0.0")
    done = apps.run(*words, "--dry-run")
    assert done.code == entry.get("extend", entry.get("update")), done.err or done.out[:500]
    assert "hidden" not in entry or entry["hidden"] not in done.err
    if done.code:
        error = done.error()
        assert error["message"].isprintable(), error
        assert len(error["message"]) < 2_500, len(error["message"])
