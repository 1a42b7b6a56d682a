"""What every row needs: the sandbox, the repositories (each made once) and one run of Starry on one of them."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.repositories import Bare, Shape, make_seed, multiply, reset
from benchmarks.sandbox import STARRY, Sandbox

_IMAGES = ("--image", "backend=2.0.0", "--image", "frontend1=2.0.0", "--image", "frontend2=2.0.0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How large and how often."""

    few: int
    many: int
    most: int
    expired: int
    history: int
    writers: int
    rounds: int
    slow_rounds: int


FULL = Sizes(few=10, many=1_000, most=10_000, expired=50, history=50_000, writers=32, rounds=11, slow_rounds=3)
QUICK = Sizes(few=10, many=100, most=300, expired=5, history=300, writers=4, rounds=2, slow_rounds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table."""

    work: str
    measured: str
    bound: str
    met: bool


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

    def create(self, bare: Bare) -> float:
        """One `starry create` as a whole process, on the repository as it was made. Seconds."""
        reset(self.sandbox, bare)
        return self.sandbox.run(create_command(bare, "new-preview")).seconds


def create_command(bare: Bare, name: str) -> list[str | Path]:
    """The command line that makes a preview with all three components."""
    return [STARRY, "create", name, *_IMAGES, "--repo", bare.path, "-o", "json", "--timeout", "300"]
