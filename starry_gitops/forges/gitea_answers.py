"""What Gitea's answers say, parsed: whatever has not the expected shape is an error, never a guess."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, PullRequestState
from starry_gitops.errors import DoubtfulAnswer

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PERMISSIONS: Mapping[str, Permission] = {
    "none": "none",
    "read": "read",
    "write": "write",
    "admin": "admin",
    "owner": "admin",
}
_MERGE_STYLES = frozenset({"merge", "rebase", "rebase-merge", "squash", "fast-forward-only"})


def parse_pull_request(data: Any) -> ForgePullRequest:
    """A pull request.

    One that was pushed to `refs/for/…` (AGit) has no branch, and anybody who may read can make it, though Gitea names
    the base's repository as its own: here it has no repository, so that it counts as a fork's.
    """
    head, base = _object(data, "head"), _object(data, "base")
    branch = _text(head, "label")
    repository = head.get("repo") if branch else None
    return ForgePullRequest(
        number=_number(data, "number"),
        url=_text(data, "html_url"),
        title=_text(data, "title"),
        state=_state(data),
        draft=_flag(data, "draft"),
        author=_login(data),
        labels=_labels(data),
        head_branch=branch or _text(head, "ref"),
        head_commit=_commit(head),
        head_repository=None if repository is None else _text(repository, "full_name"),
        base_branch=_text(base, "ref"),
        base_repository=_text(_object(base, "repo"), "full_name"),
        body=_text(data, "body"),
        updated_at=_instant(data, "updated_at"),
    )


def parse_comment(data: Any) -> ForgeComment:
    """A comment."""
    return ForgeComment(id=_number(data, "id"), author=_login(data), body=_text(data, "body"))


def parse_paths(data: Any) -> tuple[str, ...]:
    """The paths of one changed file: before it, where it had another, and now."""
    now = _text(data, "filename")
    before = _text(data, "previous_filename") if "previous_filename" in data else ""
    return (before, now) if before and before != now else (now,)


def parse_permission(data: Any) -> Permission:
    """What somebody may do."""
    return _PERMISSIONS.get(_text(data, "permission")) or _doubt("permission")


def parse_team(data: Any) -> tuple[int, Permission]:
    """A team's id, and what its members may do with the code."""
    word = _object(data, "units_map").get("repo.code", "none")
    return _number(data, "id"), (_PERMISSIONS.get(word) if isinstance(word, str) else None) or _doubt("repo.code")


def parse_login(data: Any) -> str:
    """A user's name."""
    return _text(data, "login") or _doubt("login")


def parse_merge_style(data: Any) -> str:
    """How a repository merges unless somebody chooses."""
    style = data.get("default_merge_style") if isinstance(data, dict) else None
    return style if style in _MERGE_STYLES else "merge"


def is_mergeable(data: Any) -> bool:
    """True when Gitea has found no conflict; it looks for one in the background, and says False until then."""
    return _flag(data, "mergeable")


def _object(data: Any, key: str) -> dict[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else _doubt(key)


def _text(data: Any, key: str) -> str:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, str) else _doubt(key)


def _flag(data: Any, key: str) -> bool:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, bool) else _doubt(key)


def _number(data: Any, key: str) -> int:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else _doubt(key)


def _commit(head: Any) -> str:
    found = _text(head, "sha")
    return found if _COMMIT.fullmatch(found) else _doubt("sha")


def _login(data: Any) -> str:
    return _text(_object(data, "user"), "login")


def _state(data: Any) -> PullRequestState:
    if _flag(data, "merged"):
        return "merged"
    match _text(data, "state"):
        case "open":
            return "open"
        case "closed":
            return "closed"
    return _doubt("state")


def _labels(data: Any) -> tuple[str, ...]:
    found = data.get("labels") or []
    return tuple(_text(label, "name") for label in found) if isinstance(found, list) else _doubt("labels")


def _instant(data: Any, key: str) -> datetime:
    try:
        found = datetime.fromisoformat(_text(data, key))
    except ValueError:
        _doubt(key)
    return found.astimezone(UTC) if found.tzinfo else _doubt(key)


def _doubt(key: str) -> NoReturn:
    raise DoubtfulAnswer(f"Gitea: an answer without a valid {key!r}", hint="is it Gitea or Forgejo? Then run it again")
