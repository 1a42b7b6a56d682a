"""What Gitea's answers say, parsed."""

from collections.abc import Mapping
from typing import Any

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, PullRequestState
from starry_gitops.forges.parsing import Fields

_FORGE = "Gitea"
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
    fields = Fields.of(_FORGE, data, what="pull request")
    head, base = fields.inner("head"), fields.inner("base")
    branch = head.line_or_empty("label")
    repository = head.inner_or_none("repo") if branch else None
    return ForgePullRequest(
        number=fields.number("number"),
        url=fields.page("html_url"),
        title=fields.line("title"),
        state=_state(fields),
        draft=fields.flag("draft"),
        author=_login(fields),
        labels=_labels(fields),
        head_branch=branch or head.line("ref"),
        head_commit=head.commit("sha"),
        head_repository=None if repository is None else repository.line("full_name"),
        base_branch=base.line("ref"),
        base_repository=base.inner("repo").line("full_name"),
        body=fields.text("body"),
        updated_at=fields.instant("updated_at"),
    )


def parse_comment(data: Any) -> ForgeComment:
    """A comment."""
    fields = Fields.of(_FORGE, data, what="comment")
    return ForgeComment(id=fields.number("id"), author=_login(fields), body=fields.text("body"))


def parse_paths(data: Any) -> tuple[str, ...]:
    """The paths of one changed file: before it, where it had another, and now."""
    fields = Fields.of(_FORGE, data, what="changed file")
    now = fields.line("filename")
    before = fields.line_or_empty("previous_filename") if "previous_filename" in fields.values else ""
    return (before, now) if before and before != now else (now,)


def parse_permission(data: Any) -> Permission:
    """What somebody may do."""
    fields = Fields.of(_FORGE, data, what="permission")
    return _PERMISSIONS.get(fields.line("permission")) or fields.doubt("permission")


def parse_team(data: Any) -> tuple[int, Permission]:
    """A team's id, and what its members may do with the code."""
    fields = Fields.of(_FORGE, data, what="team")
    units = fields.inner("units_map")
    word = units.line("repo.code") if "repo.code" in units.values else "none"
    return fields.number("id"), _PERMISSIONS.get(word) or units.doubt("repo.code")


def parse_login(data: Any) -> str:
    """A user's name."""
    return Fields.of(_FORGE, data, what="user").line("login")


def parse_merge_style(data: Any) -> str:
    """How a repository merges unless somebody chooses."""
    style = data.get("default_merge_style") if isinstance(data, dict) else None
    return style if isinstance(style, str) and style in _MERGE_STYLES else "merge"


def is_mergeable(data: Any) -> bool:
    """True when Gitea has found no conflict; it looks for one in the background, and says False until then."""
    return Fields.of(_FORGE, data, what="pull request").flag("mergeable")


def _login(fields: Fields) -> str:
    return fields.inner("user").line("login")


def _state(fields: Fields) -> PullRequestState:
    if fields.flag("merged"):
        return "merged"
    match fields.line("state"):
        case "open":
            return "open"
        case "closed":
            return "closed"
    return fields.doubt("state")


def _labels(fields: Fields) -> tuple[str, ...]:
    """Null, or no such field, is no label."""
    if fields.values.get("labels") is None:
        return ()
    return tuple(Fields.of(_FORGE, label, what="label").line("name") for label in fields.items("labels"))
