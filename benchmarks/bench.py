"""What every row needs: the sandbox, the repositories (each made once) and one run of Starry on one of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.repositories import Bare, Shape, make_seed, multiply, reset
from benchmarks.sandbox import STARRY, Sandbox

IMAGES = ("--image", "backend=2.0.0", "--image", "frontend1=2.0.0", "--image", "frontend2=2.0.0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How large and how often."""

    few: int
    many: int
    most: int
    expired: int
    rendered: int
    applied: int
    history: int
    writers: int
    people: int
    crowds: tuple[int, ...]
    previews: tuple[int, ...]
    commits: tuple[int, ...]
    rounds: int
    slow_rounds: int


FULL = Sizes(
    few=10,
    many=1_000,
    most=10_000,
    expired=50,
    rendered=100,
    applied=500,
    history=50_000,
    writers=32,
    people=50,
    crowds=(1, 8, 32, 128),
    previews=(10, 100, 1_000, 10_000, 30_000),
    commits=(10, 1_000, 10_000, 50_000),
    rounds=11,
    slow_rounds=3,
)
QUICK = Sizes(
    few=10,
    many=100,
    most=300,
    expired=5,
    rendered=5,
    applied=20,
    history=300,
    writers=4,
    people=5,
    crowds=(1, 2, 4),
    previews=(10, 100, 300),
    commits=(10, 300),
    rounds=2,
    slow_rounds=1,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table of bounds."""

    work: str
    measured: str
    bound: str
    met: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An SVG beside the page: its file's name, its content, and what it shows in words."""

    file: str
    svg: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the page with a table of its own: figures that have no bound."""

    heading: str
    columns: tuple[str, ...]
    lines: Sequence[tuple[str, ...]]
    picture: Picture | None = None


@dataclass(slots=True)
class Bench:
    """Makes repositories when they are asked for, and keeps them."""

    sandbox: Sandbox
    sizes: Sizes
    _seed: Bare | None = None
    _made: dict[Shape, Bare] = field(default_factory=dict)

    def repository(self, *, previews: int, expired: int = 0, history: int = 0) -> Bare:
        """A repository of this shape."""
        shape = Shape(previews=previews, expired=expired, history=history)
        if shape not in self._made:
            self._seed = self._seed or make_seed(self.sandbox)
            self._made[shape] = multiply(self.sandbox, self._seed, f"apps-{len(self._made)}", shape)
        return self._made[shape]

    def list_new(self) -> Path:
        """A file for `starry apply` that lists new previews with all three components."""
        images = dict.fromkeys(("backend", "frontend1", "frontend2"), "2.0.0")
        names = [f"applied-{number}" for number in range(self.sizes.applied)]
        path = self.sandbox.folder / "previews.json"
        path.write_text(json.dumps([{"name": name, "images": images, "ttl": "2h"} for name in names]), encoding="utf-8")
        return path

    def create(self, bare: Bare) -> float:
        """One `starry create` as a whole process, on the repository as it was made. Seconds."""
        reset(self.sandbox, bare)
        return self.sandbox.run(create_command(bare.path, "new-preview")).seconds


def create_command(repo: str | Path, name: str) -> list[str | Path]:
    """The command line that makes a preview with all three components."""
    return [STARRY, "create", name, *IMAGES, "--repo", repo, "-o", "json", "--timeout", "600"]
