"""Hostile words on the command line: each gets what its entry says, through the real command."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.corpus.cases import Case, content_of, kinds, load
from tests.support.cli import Result
from tests.support.repos import Apps

CASES = [case for kind in kinds("arguments") for case in load("arguments", kind)]
IMAGE = ("--image", "backend=1.0.0")


def written(result: Result, file: str) -> Any:
    """What a dry run would write into a new preview's file."""
    parts = result.json()["diff"].split("diff --git ")
    part = next(one for one in parts if one.partition("\n")[0].endswith(file))
    return yaml.load("".join(f"{line[1:]}\n" for line in part.split("\n")[5:]), Loader=yaml.CSafeLoader)


def annotations(result: Result) -> dict[str, str]:
    found: dict[str, str] = written(result, "application.yaml")["metadata"]["annotations"]
    return found


def _image(result: Result, text: str) -> list[str]:
    component = text.partition("=")[0]
    image = written(result, "values.yaml")[component]["image"]
    return [component, image["repository"], image["tag"]]


def _owner(result: Result, _text: str) -> list[str]:
    labels = written(result, "application.yaml")["metadata"]["labels"]
    return [annotations(result)["starry.env/owner"], labels["starry.env/owner"]]


def _create(*words: str) -> Callable[[str], list[str]]:
    return lambda text: ["create", *[word.replace("TEXT", text) for word in words], "--dry-run"]


COMMANDS: dict[str, tuple[Callable[[str], list[str]], Callable[[Result, str], Any]]] = {
    "names": (
        lambda text: ["create", *IMAGE, "--dry-run", "--repo", "REPO", "-o", "json", "--", text],
        lambda result, _: result.json()["name"],
    ),
    "branches": (_create("--source-branch=TEXT", *IMAGE), lambda result, _: result.json()["name"]),
    "pull_requests": (
        _create("--pr=TEXT", *IMAGE),
        lambda result, _: [result.json()["name"], annotations(result)["starry.env/pull-request"]],
    ),
    "images": (_create("p", "--image=TEXT"), _image),
    "ttls": (_create("p", *IMAGE, "--ttl=TEXT"), lambda result, _: result.json()["ttlMinutes"]),
    "instants": (lambda text: ["gc", f"--now={text}", "--dry-run"], lambda result, _: result.json()["now"]),
    "sets": (_create("p", *IMAGE, "--set=TEXT"), lambda result, _: written(result, "values.yaml")),
    "owners": (_create("p", *IMAGE, "--owner=TEXT"), _owner),
    "remotes": (lambda text: ["list", f"--repo={text}", "-o", "json"], lambda result, _: result.json()),
    "refs": (lambda text: ["list", f"--branch={text}"], lambda result, _: result.json()),
}


def run(apps: Apps, case: Case, text: str) -> Result:
    """The command of the case's kind with a text in it."""
    words = COMMANDS[case.kind][0](text)
    if case.kind == "names":
        return bare(apps).run(*[str(apps.bare) if word == "REPO" else word for word in words])
    return bare(apps).run(*words) if case.kind == "remotes" else apps.run(*words)


class _Plain(Apps):
    def args(self, *args: str) -> list[str]:
        return list(args)


def bare(apps: Apps) -> Apps:
    """Runs words as they are."""
    return _Plain(bare=apps.bare)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Any) -> Apps:
    """One repository for all: nothing here may change it."""
    return Apps(bare=template)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_word_gets_what_it_must(shared: Apps, case: Case) -> None:
    before = shared.refs()
    result = run(shared, case, case.text)
    assert shared.refs() == before
    if "exit" in case.entry:
        check_refusal(case, result)
    else:
        assert result.code == 0, result.err
        check_value(case, COMMANDS[case.kind][1](result, case.text))
    if "unlike" in case.entry:
        assert run(shared, case, case.entry["unlike"]).json()["name"] != result.json()["name"]


def check_refusal(case: Case, result: Result) -> None:
    """The exit code, the error's code and words; one line, printable, and no secret in it."""
    entry = case.entry
    assert (result.code, result.out) == (entry["exit"], ""), (result.err, result.out)
    error = result.error()
    assert error["code"] == entry["code"], error
    assert entry["says"] in error["message"], error
    assert error["message"].isprintable(), error
    assert len(error["message"]) < 2_500, len(error["message"])
    assert "hidden" not in entry or entry["hidden"] not in result.err


def check_value(case: Case, found: Any) -> None:
    """What the entry says was read."""
    if "like" in case.entry:
        patterns = case.entry["like"]
        pairs = [(patterns, found)] if isinstance(patterns, str) else zip(patterns, found, strict=True)
        for pattern, text in pairs:
            assert re.fullmatch(pattern, text), (pattern, text)
        return
    wanted = filled(case.entry["is"])
    assert contains(found, wanted), (found, wanted)


def filled(wanted: Any) -> Any:
    """What is wanted, with long texts spelled out."""
    if isinstance(wanted, dict):
        return {key: filled(value) for key, value in wanted.items()}
    is_parts = isinstance(wanted, list) and any(isinstance(part, dict) for part in wanted)
    if is_parts:
        return content_of(wanted)
    return [filled(part) for part in wanted] if isinstance(wanted, list) else wanted


def contains(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there, with its type."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(contains(found.get(key), value) for key, value in wanted.items())
    return type(found) is type(wanted) and bool(found == wanted)
