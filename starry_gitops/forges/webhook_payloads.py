"""What the payloads of the forges' webhooks say, parsed strictly. Each parser gives None for another sort of event.

- https://docs.github.com/en/webhooks/webhook-events-and-payloads
- https://docs.gitlab.com/user/project/integrations/webhook_events/
- https://docs.gitea.com/usage/webhooks
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starry_gitops.core.forge_event import (
    CommentAction,
    CommentEvent,
    ForgeEvent,
    PullRequestAction,
    PullRequestEvent,
    PushEvent,
)
from starry_gitops.forges.parsing import Fields

# Letters of any forge's names; GitHub's apps end in `[bot]`.
_LOGIN = re.compile(r"[A-Za-z0-9_.-]{1,255}(?:\[bot\])?", re.ASCII)
_BOT = "[bot]"
_GITLAB_TIME = "%Y-%m-%d %H:%M:%S UTC"
_COMMENT_ACTIONS: Mapping[str, CommentAction] = {"created": "created", "edited": "edited", "deleted": "deleted"}
_PULL_REQUEST_ACTIONS: Mapping[str, PullRequestAction] = {
    "opened": "opened", "reopened": "opened", "closed": "closed",
}  # fmt: skip
_NOTE_ACTIONS: Mapping[str, CommentAction] = {"create": "created", "update": "edited"}
_MERGE_REQUEST_ACTIONS: Mapping[str, PullRequestAction] = {
    "open": "opened", "reopen": "opened", "close": "closed", "merge": "closed",
}  # fmt: skip


def parse_github(content: dict[str, Any]) -> ForgeEvent | None:
    """`issue_comment`, `pull_request` and `push`."""
    fields = Fields(forge="GitHub", values=content)
    if "comment" in content and "issue" in content:
        is_pull = fields.inner("issue").values.get("pull_request") is not None
        return _comment(fields) if is_pull else None
    return _pull_request(fields) or _push(fields)


def parse_gitea(content: dict[str, Any]) -> ForgeEvent | None:
    """`issue_comment` (also sent as `pull_request_comment`), `pull_request`, `push`; Forgejo's are the same."""
    fields = Fields(forge="Gitea", values=content)
    if "comment" in content and "issue" in content:
        return _comment(fields) if fields.flag("is_pull") else None
    return _pull_request(fields) or _push(fields)


def _comment(fields: Fields) -> CommentEvent:
    comment, user = fields.inner("comment"), fields.inner("comment").inner("user")
    author = _login(user, "login")
    return CommentEvent(
        page=fields.inner("repository").page("html_url"),
        number=fields.inner("issue").number("number"),
        action=_COMMENT_ACTIONS.get(fields.line("action")) or fields.doubt("action"),
        comment=comment.number("id"),
        author=author,
        body=comment.body("body"),
        created_at=comment.instant("created_at").replace(microsecond=0),
        by_bot=author.endswith(_BOT) or user.values.get("type") == "Bot",
    )


def _pull_request(fields: Fields) -> PullRequestEvent | None:
    """Reviews of a pull request hold one too, but no number beside it."""
    if "pull_request" not in fields.values or "number" not in fields.values:
        return None
    return PullRequestEvent(
        page=fields.inner("repository").page("html_url"),
        number=fields.number("number"),
        action=_PULL_REQUEST_ACTIONS.get(fields.line("action"), "changed"),
    )


def _push(fields: Fields) -> PushEvent | None:
    """Other events hold a `ref` as well: a branch that was made, a cache of an Enterprise Server that follows."""
    if not {"ref", "before", "after", "pusher"} <= fields.values.keys():
        return None
    return PushEvent(page=fields.inner("repository").page("html_url"), ref=fields.line("ref"))


def parse_gitlab(content: dict[str, Any]) -> ForgeEvent | None:
    """Note Hook, Merge Request Hook and Push Hook."""
    fields = Fields(forge="GitLab", values=content)
    kind = fields.line("object_kind")
    if kind == "note":
        return _note(fields)
    if kind == "push":
        return PushEvent(page=fields.inner("project").page("web_url"), ref=fields.line("ref"))
    if kind != "merge_request":
        return None
    attributes = fields.inner("object_attributes")
    # Where somebody only looks at it again, there is no action.
    action = attributes.values.get("action")
    return PullRequestEvent(
        page=fields.inner("project").page("web_url"),
        number=attributes.number("iid"),
        action=_MERGE_REQUEST_ACTIONS.get(action, "changed") if isinstance(action, str) else "changed",
    )


def _note(fields: Fields) -> CommentEvent | None:
    """A note on a merge request that a person wrote. Older releases send no action, and only new notes."""
    attributes = fields.inner("object_attributes")
    if attributes.line("noteable_type") != "MergeRequest" or attributes.values.get("system") is True:
        return None
    action = "create" if attributes.values.get("action") is None else attributes.line("action")
    return CommentEvent(
        page=fields.inner("project").page("web_url"),
        number=fields.inner("merge_request").number("iid"),
        action=_NOTE_ACTIONS.get(action) or attributes.doubt("action"),
        comment=attributes.number("id"),
        author=_login(fields.inner("user"), "username"),
        body=attributes.body("note"),
        created_at=_gitlab_instant(attributes),
        by_bot=False,
    )


def _gitlab_instant(attributes: Fields) -> datetime:
    """GitLab writes times in two ways."""
    try:
        return datetime.strptime(attributes.line("created_at"), _GITLAB_TIME).replace(tzinfo=UTC)
    except ValueError:
        return attributes.instant("created_at").replace(microsecond=0)


def _login(user: Fields, key: str) -> str:
    found = user.line(key)
    return found if _LOGIN.fullmatch(found) else user.doubt(key)
