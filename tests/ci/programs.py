"""Programs on PATH for a pipeline's scripts: `starry` itself, and small ones that write down how they were called."""

import json
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docs.markdown import ROOT

# These need a forge or a cluster: here their command line is written down, and held to the real program's parser.
ELSEWHERE = ("comment", "wait", "sync", "review")
_RECORDER = """\
#!{python}
import json, os, sys
with open({record!r}, "a") as file:
    tokens = {{name: os.environ[name] for name in os.environ if name.endswith("_TOKEN")}}
    file.write(json.dumps([[os.path.basename(sys.argv[0]), *sys.argv[1:]], tokens]) + "\\n")
sys.exit(os.path.exists({record!r} + "-" + " ".join(sys.argv[1:2])))
"""
_STARRY = """\
#!/bin/bash
case "$1" in
  {elsewhere}) exec {recorder} "$@" ;;
esac
PYTHONPATH={root} exec {python} -m starry_gitops "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """A folder of programs, and what they wrote down."""

    folder: Path

    @property
    def path(self) -> str:
        """PATH with these programs first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    def break_(self, command: str) -> None:
        """From now on a recorder that is called with this first word ends with 1."""
        (self.folder / f"record-{command}").touch()

    def calls(self, name: str = "") -> list[list[str]]:
        """The command lines so far, of one program or of all."""
        return [call for call, _ in self._lines() if not name or call[0] == name]

    def tokens(self, name: str) -> list[dict[str, str]]:
        """The tokens that each call of a program was given."""
        return [tokens for call, tokens in self._lines() if call[0] == name]

    def _lines(self) -> list[tuple[list[str], dict[str, str]]]:
        record = self.folder / "record"
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return [tuple(json.loads(line)) for line in lines]


def make_programs(folder: Path, *names: str, elsewhere: Sequence[str] = ELSEWHERE) -> Programs:
    """`starry`, and recorders of these names, and of those of `starry`'s commands that run `elsewhere`."""
    folder.mkdir()
    (folder / "elsewhere").mkdir()
    for path in (*(folder / name for name in names), folder / "elsewhere" / "starry"):
        _write(path, _RECORDER.format(python=sys.executable, record=str(folder / "record")))
    values = {"root": ROOT, "python": sys.executable, "recorder": folder / "elsewhere" / "starry"}
    quoted = {key: shlex.quote(str(value)) for key, value in values.items()}
    _write(folder / "starry", _STARRY.format(elsewhere=" | ".join(elsewhere), **quoted))
    return Programs(folder=folder)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
