"""Loads the corpus: one YAML file per kind, each a list of cases with what must become of them."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tests.support.repos import Apps, Content

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input: what it is, and what the rest of its entry says."""

    kind: str
    why: str
    entry: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.kind}: {self.why}"

    @property
    def text(self) -> str:
        """The input as a word of a command line; bytes that are no UTF-8 are as Python hands them on."""
        content = content_of(self.entry["text"])
        return content if isinstance(content, str) else content.decode(errors="surrogateescape")


def content_of(part: Any) -> str | bytes:
    """A text, `{base64: …}`, `{times: [text, number]}`, or a list of those."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        pieces = [content_of(piece) for piece in part]
        if all(isinstance(piece, str) for piece in pieces):
            return "".join(str(piece) for piece in pieces)
        return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    if "base64" in part:
        return base64.b64decode(part["base64"], validate=True)
    unit, number = part["times"]
    return str(unit) * int(number)


def load(folder: str, kind: str) -> list[Case]:
    """The cases of one file."""
    entries = yaml.load((HERE / folder / f"{kind}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [Case(kind=kind, why=entry["why"], entry=entry) for entry in entries]


def kinds(folder: str) -> list[str]:
    """The files of a folder."""
    return sorted(path.stem for path in (HERE / folder).glob("*.yaml"))


def branches(apps: Apps, cases: Sequence[Case], files: Callable[[Case], Mapping[str, Content]]) -> Apps:
    """The repository with a branch for each case, `case-N`, that has the case's files on top of the first commit."""
    names = [f"case-{number}" for number in range(len(cases))]
    apps.git("update-ref", "--stdin", stdin="".join(f"create refs/heads/{name} {apps.tip()}\n" for name in names))
    for name, case in zip(names, cases, strict=True):
        replace(apps, branch=name).commit(files(case), case.why)
    return apps
