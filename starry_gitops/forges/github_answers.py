"""What GitHub's answers say, parsed."""

from collections.abc import Mapping
from typing import Any

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, PullRequestState
from starry_gitops.core.texts import shown
from starry_gitops.errors import ForgeRefusal, NotFound, RemoteUnreachable, StarryError
from starry_gitops.forges.parsing import Fields

_FORGE = "GitHub"
# Who GitHub shows for what somebody wrote whose account is gone.
_NOBODY = "ghost"
_PERMISSIONS: Mapping[str, Permission] = {"none": "none", "read": "read", "write": "write", "admin": "admin"}
_MERGE_METHODS = {"allow_merge_commit": "MERGE", "allow_squash_merge": "SQUASH", "allow_rebase_merge": "REBASE"}
_HEAD_MOVED = "head branch was modified"
_NOT_ALLOWED = frozenset({"UNPROCESSABLE", "FORBIDDEN"})


def parse_pull_request(data: Any) -> ForgePullRequest:
    """A pull request, alone or from a list."""
    fields = Fields.of(_FORGE, data, what="pull request")
    head, base = fields.inner("head"), fields.inner("base")
    repository = head.inner_or_none("repo")
    return ForgePullRequest(
        number=fields.number("number"),
        url=fields.page("html_url"),
        title=fields.line("title"),
        state=_state(fields),
        draft=fields.flag("draft"),
        author=_login(fields),
        labels=tuple(_label(label) for label in fields.items("labels")),
        head_branch=head.line("ref"),
        head_commit=head.commit("sha"),
        head_repository=None if repository is None else repository.line("full_name"),
        base_branch=base.line("ref"),
        base_repository=base.inner("repo").line("full_name"),
        body=fields.body("body"),
        updated_at=fields.instant("updated_at"),
    )


def parse_comment(data: Any) -> ForgeComment:
    """A comment."""
    fields = Fields.of(_FORGE, data, what="comment")
    return ForgeComment(id=fields.number("id"), author=_login(fields), body=fields.body("body"))


def parse_paths(data: Any) -> tuple[str, ...]:
    """The paths of one changed file: before it, where it had another, and now."""
    fields = Fields.of(_FORGE, data, what="changed file")
    # A copied file has a previous name too: that one does not change.
    is_renamed = fields.line("status") == "renamed"
    return (fields.line("previous_filename"), fields.line("filename")) if is_renamed else (fields.line("filename"),)


def count_changed_files(data: Any) -> int:
    """How many files a pull request changes."""
    return Fields.of(_FORGE, data, what="pull request").count("changed_files")


def parse_permission(data: Any) -> Permission:
    """What somebody may do. The roles `triage` and `maintain`, and an organisation's own, are `read` and `write` here.

    GitHub gives the role's own name beside it, in `role_name`.
    """
    fields = Fields.of(_FORGE, data, what="permission")
    return _PERMISSIONS.get(fields.line("permission")) or fields.doubt("permission")


def parse_user(data: Any) -> str:
    """A user's name."""
    return Fields.of(_FORGE, data, what="user").line("login")


def check_status(data: Any) -> None:
    """What GitHub says of a status that it took."""
    Fields.of(_FORGE, data, what="status").line("state")


def parse_merge_method(data: Any) -> str:
    """How a repository merges: a merge commit where it allows one."""
    allowed = Fields.of(_FORGE, data, what="repository").values
    return next((method for key, method in _MERGE_METHODS.items() if allowed.get(key) is True), "MERGE")


def is_checked(data: Any) -> bool:
    """False while GitHub still finds out whether a pull request can be merged."""
    return Fields.of(_FORGE, data, what="pull request").line("mergeable_state") != "unknown"


def is_to_be_merged(data: Any) -> bool:
    """True where a pull request's merge was asked for before."""
    return Fields.of(_FORGE, data, what="pull request").inner_or_none("auto_merge") is not None


def parse_node(data: Any) -> str:
    """A pull request's id in the GraphQL API."""
    return Fields.of(_FORGE, data, what="pull request").line("node_id")


def parse_enabled(data: Any) -> bool:
    """Whether the merge was accepted; False where GitHub does not allow it.

    Raises:
        ForgeRefusal: the head is another commit.
        NotFound, RemoteUnreachable: as GraphQL words them.
    """
    fields = Fields.of(_FORGE, data, what="GraphQL answer")
    if "errors" not in fields.values:
        done = fields.inner("data").inner("enablePullRequestAutoMerge").inner("pullRequest")
        return done.inner_or_none("autoMergeRequest") is not None
    errors = [Fields.of(_FORGE, error, what="errors") for error in fields.items("errors")]
    if not errors:
        fields.doubt("errors")
    first = errors[0]
    kind, words = str(first.values.get("type", ""))[:100], first.line("message")
    if kind in _NOT_ALLOWED and _HEAD_MOVED not in words.lower():
        return False
    raise _graphql_error(kind, f"{_FORGE}: auto-merge: {shown(words)[:300]}")


def _graphql_error(kind: str, message: str) -> StarryError:
    match kind:
        case "UNPROCESSABLE" | "FORBIDDEN":
            return ForgeRefusal(message, hint="somebody has pushed to it: run it again")
        case "NOT_FOUND":
            return NotFound(message, hint="the token may not be allowed to see it")
        case "RATE_LIMITED":
            return RemoteUnreachable(message, hint="its rate limit is used up: try later", code="rate_limited")
    return RemoteUnreachable(message, hint="try later")


def _login(fields: Fields) -> str:
    user = fields.inner_or_none("user")
    return _NOBODY if user is None else user.line("login")


def _label(data: Any) -> str:
    return Fields.of(_FORGE, data, what="labels").line("name")


def _state(fields: Fields) -> PullRequestState:
    if fields.values.get("merged_at") is not None:
        fields.instant("merged_at")
        return "merged"
    match fields.line("state"):
        case "open":
            return "open"
        case "closed":
            return "closed"
    return fields.doubt("state")
