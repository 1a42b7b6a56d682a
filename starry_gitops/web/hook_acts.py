"""What the events of forges make Starry do: what the forge commands do, on the branch that the page shows."""

import logging
from dataclasses import replace

from starry_gitops.core.component_repositories import ComponentRepositories
from starry_gitops.core.forge_event import CommentEvent, PullRequestEvent, PushEvent
from starry_gitops.core.forge_url import parse_forge_url
from starry_gitops.core.sync import Synced
from starry_gitops.core.texts import printable
from starry_gitops.errors import StarryError, UsageFault
from starry_gitops.service import current_time
from starry_gitops.talking.following import follow
from starry_gitops.talking.obeying import Order, obey
from starry_gitops.web.config import WebConfig
from starry_gitops.web.reading import Reader

log = logging.getLogger("starry")

_WARN = 15
_HEADS = "refs/heads/"


class Acts:
    """Does what events ask for. Each gives a word for what became of it; commits are Starry's own."""

    def __init__(self, config: WebConfig, reader: Reader) -> None:
        self._reader = reader
        self._branch = config.target.branch
        self._apps_url = config.target.repo or ""
        self._target = replace(config.target, author=config.target.committer)
        self._pages = config.component_repos
        self._order = Order(
            name=None,
            overlay=None,
            images=(),
            commit=None,
            component_repos=config.component_repos,
            warn=_WARN,
            status=True,
        )

    def comment(self, event: CommentEvent) -> str:
        """As `starry command`.

        Raises:
            StarryError: the forge or the apps repository fails.
        """
        if not self._knows(event.page, self._pages):
            return "ignored"
        obeyed = obey(event, self._order, self._target, current_time())
        if obeyed.outcome and obeyed.outcome.commit:
            self._show()
        return obeyed.action

    def pull_request(self, event: PullRequestEvent) -> str:
        """As `starry sync --only-pr`, then as `starry comment --pr`.

        Raises:
            StarryError: the forge or the apps repository fails.
        """
        if not self._knows(event.page, ()):
            return "ignored"
        followed = follow(event, self._target, current_time(), warn=_WARN)
        if followed is None:
            return "ignored"
        outcome = followed.outcome
        if outcome.commit:
            self._show()
        if outcome.answer.skipped:
            _say_skipped(outcome.answer)
            return "skipped"
        return next((one.action for one in outcome.answer.done), "unchanged")

    def push(self) -> str:
        """Looks at the branch.

        Raises:
            StarryError: the remote does not answer.
        """
        before = self._reader.revision
        self._reader.refresh()
        return "unchanged" if self._reader.revision == before else "updated"

    def is_ours(self, event: PushEvent) -> bool:
        """Whether the push is to the branch that is shown. Hosts are not compared: Git's may have another name."""
        return event.ref == f"{_HEADS}{self._branch}" and _path(event.page) in self._paths()

    def _paths(self) -> set[str]:
        try:
            named = self._reader.view().settings.repo_url or ""
        except StarryError:
            named = ""  # the push may be what mends it
        return {_path(self._apps_url), _path(named)} - {""}

    def _knows(self, page: str, pages: tuple[str, ...]) -> bool:
        """Whether Starry was told of the repository. Who has just named it in starry.yaml is right, too."""
        if self._is_known(page, pages):
            return True
        self._reader.refresh()
        return self._is_known(page, pages)

    def _is_known(self, page: str, pages: tuple[str, ...]) -> bool:
        return ComponentRepositories(self._reader.view().settings, pages).page(page) is not None

    def _show(self) -> None:
        try:
            self._reader.refresh()
        except StarryError as error:
            log.warning("what was pushed is not shown yet: %s", error.message, extra={"event": "stale"})


def _say_skipped(answer: Synced) -> None:
    for one in answer.skipped:
        fields = {"preview": one.name, "reason": printable(one.reason)}
        extra = {"event": "hook_skipped", "fields": fields}
        log.warning("%s was skipped: %s", one.name, fields["reason"], extra=extra)


def _path(url: str) -> str:
    """A repository's path on its server, of any of its URLs; "" for what is on no server."""
    try:
        return parse_forge_url(url).path.casefold()
    except UsageFault:
        return ""
