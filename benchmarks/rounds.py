"""Takes measurements in turns: machines slow down for minutes, so what is compared must run side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of each kind of work, one value a round."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """The median of all rounds."""
        return median(self.seconds[name])

    def best(self, name: str) -> float:
        """The fastest round."""
        return min(self.seconds[name])

    def ratio(self, name: str, base: str) -> float:
        """The median of the ratios of each round."""
        return median(one / other for one, other in zip(self.seconds[name], self.seconds[base], strict=True))

    def difference(self, name: str, base: str) -> float:
        """The median of the differences of each round."""
        return median(one - other for one, other in zip(self.seconds[name], self.seconds[base], strict=True))


def take_turns(rounds: int, works: Mapping[str, Callable[[], float]]) -> Rounds:
    """Does each work once a round, in one order and then in the other: A B, B A, and so on."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        order = list(works) if number % 2 == 0 else list(works)[::-1]
        for name in order:
            seconds[name].append(works[name]())
    return Rounds(seconds)
