"""What GitLab's answers say, parsed."""

from typing import Any

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, PullRequestState
from starry_gitops.forges.parsing import Fields

_FORGE = "GitLab"
# From the strongest: the least access level, and what it allows. Roles that a group makes have one of these too.
# https://docs.gitlab.com/api/access_requests/#valid-access-levels
_LEVELS: tuple[tuple[int, Permission], ...] = ((40, "admin"), (30, "write"), (10, "read"))
_UNSETTLED = frozenset({"unchecked", "checking", "preparing", "approvals_syncing"})


def parse_merge_request(data: Any, *, base_repository: str, head_repository: str | None) -> ForgePullRequest:
    """A merge request, alone or from a list. It names its projects by their ids only: the paths come from elsewhere."""
    fields = Fields.of(_FORGE, data, what="merge request")
    return ForgePullRequest(
        number=fields.number("iid"),
        url=fields.page("web_url"),
        title=fields.line("title"),
        state=_state(fields),
        draft=fields.flag("draft"),
        author=_username(fields.inner("author")),
        labels=tuple(_label(fields, label) for label in fields.items("labels")),
        head_branch=fields.line("source_branch"),
        head_commit=fields.commit("sha"),
        head_repository=head_repository,
        base_branch=fields.line("target_branch"),
        base_repository=base_repository,
        body=fields.body("description"),
        updated_at=fields.instant("updated_at"),
    )


def parse_projects(data: Any) -> tuple[int | None, int]:
    """The ids of the projects that the head and the base branch are in; None where the head's is gone."""
    fields = Fields.of(_FORGE, data, what="merge request")
    is_gone = fields.values.get("source_project_id", 0) is None
    return (None if is_gone else fields.number("source_project_id")), fields.number("target_project_id")


def parse_project_path(data: Any) -> str:
    """A project's path."""
    return Fields.of(_FORGE, data, what="project").line("path_with_namespace")


def parse_comment(data: Any) -> ForgeComment | None:
    """A comment; None for what GitLab itself wrote, and for a comment on a line of the changes."""
    fields = Fields.of(_FORGE, data, what="note")
    if fields.flag("system") or fields.values.get("type") == "DiffNote":
        return None
    return parse_own_comment(data)


def parse_own_comment(data: Any) -> ForgeComment:
    """A comment that was just written."""
    fields = Fields.of(_FORGE, data, what="note")
    return ForgeComment(id=fields.number("id"), author=_username(fields.inner("author")), body=fields.body("body"))


def parse_paths(data: Any) -> tuple[str, ...]:
    """The paths of one changed file: before it, where it had another, and now."""
    fields = Fields.of(_FORGE, data, what="changed file")
    before, now = fields.line("old_path"), fields.line("new_path")
    return (before, now) if before != now else (now,)


def count_changed_files(data: Any) -> int | None:
    """How many files a merge request changes; None where GitLab does not know all of them (`1000+`), or not yet."""
    fields = Fields.of(_FORGE, data, what="merge request")
    if fields.values.get("changes_count", 0) is None:
        # Without a change there is no count either.
        return None if fields.values.get("prepared_at") is None else 0
    count = fields.line("changes_count")
    if count.endswith("+"):
        return None
    return int(count[:9]) if count.isascii() and count.isdigit() else fields.doubt("changes_count")


def parse_user(data: Any) -> str:
    """A user's name."""
    return _username(Fields.of(_FORGE, data, what="user"))


def find_user(data: Any, name: str) -> int | None:
    """The id of the user of a name, among those that a search found."""
    found = [
        Fields.of(_FORGE, user, what="user") for user in Fields(forge=_FORGE, values={"users": data}).items("users")
    ]
    return next((user.number("id") for user in found if _username(user).lower() == name.lower()), None)


def parse_permission(data: Any) -> Permission:
    """What a member may do; nothing while the account is blocked."""
    fields = Fields.of(_FORGE, data, what="member")
    level = fields.count("access_level")
    if fields.line("state") != "active":
        return "none"
    return next((permission for least, permission in _LEVELS if level >= least), "none")


def check_status(data: Any) -> None:
    """What GitLab says of a status that it took."""
    Fields.of(_FORGE, data, what="status").line("status")


def is_settled(data: Any) -> bool:
    """False while GitLab still finds out whether a merge request can be merged."""
    return Fields.of(_FORGE, data, what="merge request").line("detailed_merge_status") not in _UNSETTLED


def is_to_be_merged(data: Any) -> bool:
    """True where a merge request's merge was asked for, or done."""
    fields = Fields.of(_FORGE, data, what="merge request")
    return fields.flag("merge_when_pipeline_succeeds") or _state(fields) == "merged"


def _username(fields: Fields) -> str:
    return fields.line("username")


def _label(fields: Fields, label: Any) -> str:
    return label if isinstance(label, str) and label else fields.doubt("labels")


def _state(fields: Fields) -> PullRequestState:
    match fields.line("state"):
        # It is locked while it is being merged, which may fail.
        case "opened" | "locked":
            return "open"
        case "closed":
            return "closed"
        case "merged":
            return "merged"
    return fields.doubt("state")
