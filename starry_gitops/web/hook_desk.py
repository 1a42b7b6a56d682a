"""Takes webhooks in: looks whether they are genuine and new, and has done what they ask for."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from starry_gitops.core.forge_event import CommentEvent, ForgeEvent, PullRequestEvent, PushEvent
from starry_gitops.core.sync_settings import ForgeKind
from starry_gitops.core.texts import printable
from starry_gitops.errors import StarryError
from starry_gitops.forges.webhooks import parse_event
from starry_gitops.service import current_time
from starry_gitops.shapes import error_data
from starry_gitops.talking.obeying import why_ignored
from starry_gitops.web.config import WebConfig
from starry_gitops.web.hook_acts import Acts
from starry_gitops.web.hook_check import SECRETS, Deliveries, check, delivery_id
from starry_gitops.web.hook_line import Fate, Job, Line, Told
from starry_gitops.web.metrics import Metrics
from starry_gitops.web.reading import Reader

log = logging.getLogger("starry")

_LEVELS: Mapping[Fate, int] = {
    "done": logging.INFO,
    "again": logging.WARNING,
    "dropped": logging.WARNING,
    "failed": logging.ERROR,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the forge is answered: `queued`, `known` from before, or `ignored`, with why."""

    status: Literal["queued", "known", "ignored"]
    delivery: str
    reason: str = ""


class Desk:
    """Webhooks of one page. One worker does what changes the branch, another one looks at it when others pushed."""

    def __init__(self, config: WebConfig, reader: Reader, metrics: Metrics) -> None:
        self._secrets = config.webhook_secrets
        self._acts = Acts(config, reader)
        self._metrics = metrics
        self._deliveries = Deliveries()
        self._work = Line("starry-hooks", self._on_told)
        self._looks = Line("starry-looks", self._on_told)
        metrics.watch_hooks(lambda: len(self._work) + len(self._looks))

    def take(self, kind: ForgeKind, headers: Mapping[str, str], body: bytes) -> Receipt:
        """Answers one webhook; what it asks for is done afterwards. Header names are lower-case.

        Raises:
            NotGenuine: its signature is not ours.
            UsageFault: it is not what this kind of forge sends.
            Busy: too much waits already.
        """
        check(kind, headers, body, self._secrets, current_time())
        delivery = delivery_id(kind, headers, body)
        event = parse_event(body, kind)
        reason = self._why_ignored(event)
        if event is None or reason:
            return self._received(kind, Receipt(status="ignored", delivery=delivery, reason=reason or ""))
        if not self._deliveries.is_new(delivery):
            return self._received(kind, Receipt(status="known", delivery=delivery, reason="it came before"))
        try:
            self._queue(event, delivery)
        except StarryError:
            self._deliveries.forget(delivery)
            raise
        return self._received(kind, Receipt(status="queued", delivery=delivery))

    def close(self) -> None:
        """From now on nothing is begun; what is under way ends."""
        for line in (self._work, self._looks):
            line.close()

    def join(self) -> None:
        """Waits for what is under way."""
        for line in (self._work, self._looks):
            line.join()

    def _why_ignored(self, event: ForgeEvent | None) -> str | None:
        if event is None:
            return "nothing follows from such an event"
        if isinstance(event, PushEvent):
            return None if self._acts.is_ours(event) else "it is no push to the branch that is shown"
        return why_ignored(event) if isinstance(event, CommentEvent) else None

    def _queue(self, event: ForgeEvent, delivery: str) -> None:
        """Events of one pull request that wait are one: the forge is asked what is so, whatever they say."""
        if isinstance(event, PushEvent):
            self._looks.add(_job("push", "", self._acts.push, delivery))
        elif isinstance(event, PullRequestEvent):
            key = f"{event.page.casefold()}#{event.number}"
            self._work.add(_job("pull_request", key, partial(self._acts.pull_request, event), delivery))
        else:
            key = f"{event.page.casefold()}#{event.number}/{event.comment}"
            self._work.add(_job("comment", key, partial(self._acts.comment, event), delivery))

    def _received(self, kind: ForgeKind, receipt: Receipt) -> Receipt:
        self._metrics.hook(forge=kind, result=receipt.status)
        fields = {"delivery": receipt.delivery, "status": receipt.status, "reason": receipt.reason}
        log.info("webhook %s: %s", receipt.delivery, receipt.status, extra={"event": "hook", "fields": fields})
        return receipt

    def _on_told(self, told: Told) -> None:
        """Who sends once more what came to nothing, as a person may on the forge, is heard."""
        if told.fate in {"failed", "dropped"}:
            self._deliveries.forget(*told.job.deliveries)
        self._metrics.hook_job(what=told.job.what, result=told.result)
        fields = {
            "deliveries": list(told.job.deliveries),
            "what": told.job.what,
            "fate": told.fate,
            "result": told.result,
            "attempts": told.attempts,
            **({"error": error_data(told.error)} if told.error else {}),
        }
        words = printable(told.error.message) if told.error else told.result
        cause = told.error.__cause__ if told.error else None
        log.log(
            _LEVELS[told.fate],
            "webhook's %s %s: %s",
            told.job.what,
            told.fate,
            words,
            exc_info=cause,
            extra={"event": "hook_job", "fields": fields},
        )


def open_desk(config: WebConfig, reader: Reader, metrics: Metrics) -> Desk | None:
    """None where no secret is known: nobody could be told from anybody else."""
    if config.webhook_secrets:
        return Desk(config, reader, metrics)
    log.info("webhooks are off: %s is not set", SECRETS, extra={"event": "hooks_off"})
    return None


def _job(what: str, key: str, work: Callable[[], str], delivery: str) -> Job:
    return Job(key=(what, key), what=what, work=work, deliveries=(delivery,))
