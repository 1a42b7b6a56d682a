"""Events: what Kubernetes' own controllers say about an object, for an hour."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from starry_gitops.clusters.shape import Shape
from starry_gitops.core.health import Sign

# Seconds. Kubernetes repeats what goes on failing within five minutes.
_LASTING = 600.0


def event_signs(events: Iterable[Shape]) -> list[Sign]:
    """The warnings among events, the newest first, each once."""
    warnings = [event for event in events if event.text("type") == "Warning"]
    warnings.sort(key=lambda event: _seconds(_last(event)), reverse=True)
    return list(dict.fromkeys(_signs(warnings)))


def _signs(warnings: list[Shape]) -> Iterator[Sign]:
    newest = _seconds(_last(warnings[0])) if warnings else 0.0
    for event in warnings:
        # What was said long before the last word is over: an image that could not be pulled has arrived since.
        if newest - _seconds(_last(event)) <= _LASTING:
            about = event.at("involvedObject")
            text = f"{event.text('reason')}: {event.text('message')}"
            yield Sign(where=f"{about.text('kind')} {about.text('name')}", text=text, at=_last(event))


def _last(event: Shape) -> datetime | None:
    """When it was said last: repeated events count in `series` or in `lastTimestamp`."""
    return (
        event.instant("series", "lastObservedTime")
        or event.instant("lastTimestamp")
        or event.instant("eventTime")
        or event.instant("metadata", "creationTimestamp")
    )


def _seconds(instant: datetime | None) -> float:
    return instant.timestamp() if instant else 0.0
