"""What `gc` tells Prometheus of the previews: how many there are, how many have expired, what became of those."""

from collections.abc import Callable, Iterable

from starry_gitops.cli.metrics import Gauge
from starry_gitops.core.collect import Round


def gc_gauges(rounds: Iterable[Round], *, landed: bool) -> tuple[Gauge, ...]:
    """The gauges, by overlay; `landed` when what had expired is removed."""
    rounds = list(rounds)

    def gauge(name: str, meaning: str, count: Callable[[Round], int]) -> Gauge:
        return Gauge(
            name=name, meaning=meaning, samples=[({"overlay": one.overlay.name}, count(one)) for one in rounds]
        )

    def removed(one: Round) -> int:
        return len(one.expired) if landed else 0

    return (
        gauge("previews", "Previews that are there after the run.", lambda one: one.checked - removed(one)),
        gauge("pinned_previews", "Previews that never expire.", lambda one: one.pinned),
        gauge("expired_previews", "Previews that the run found expired.", lambda one: len(one.expired)),
        gauge("removed_previews", "Previews that the run removed.", removed),
        gauge("skipped_previews", "Previews that the run could not judge.", lambda one: len(one.skipped)),
    )
