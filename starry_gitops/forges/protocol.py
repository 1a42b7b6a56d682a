"""What Starry asks of a forge, and nothing more."""

from collections.abc import Sequence
from typing import Protocol

from starry_gitops.core.forge import ForgeComment, ForgePullRequest, Permission, Status


class Forge(Protocol):
    """One repository on one forge.

    Every method raises `AccessDenied` (401, 403), `NotFound` (404), `RemoteUnreachable` (no answer, a wrong answer, a
    rate limit that outlasts the time budget) or `ForgeRefusal` (409, 422: the forge understood and says no). A list is
    complete, or an error: never a part.
    """

    kind: str
    """`github`, `gitlab` or `gitea`."""
    repository: str
    """The repository's path: `owner/name`; in GitLab also `group/sub/name`."""
    longest_comment: int
    """The most characters that a comment's or a pull request's body may have."""

    def pull_requests(self) -> Sequence[ForgePullRequest]:
        """All open pull requests. Read again when the pages changed while they were read."""

    def pull_request(self, number: int) -> ForgePullRequest:
        """One pull request, whatever its state."""

    def changed_files(self, number: int) -> Sequence[str]:
        """The paths that a pull request changes, all of them; of a renamed file both paths."""

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """All comments below a pull request, oldest first. None of a review's line comments."""

    def create_comment(self, number: int, body: str) -> ForgeComment:
        """Adds a comment."""

    def update_comment(self, number: int, comment: int, body: str) -> ForgeComment:
        """Replaces a comment's text."""

    def delete_comment(self, number: int, comment: int) -> None:
        """Removes a comment; one that is gone is no error."""

    def me(self) -> str:
        """Whose token it is: the name that stands beside comments made with it. "" where a token cannot know it."""

    def permission(self, user: str) -> Permission:
        """What a person may do in the repository; none for a stranger."""

    def find_open(self, head_branch: str, base_branch: str) -> ForgePullRequest | None:
        """The open pull request from a branch of the repository itself, never a fork's."""

    def open_pull_request(self, head_branch: str, base_branch: str, title: str, body: str) -> ForgePullRequest:
        """Opens a pull request between two branches of the repository."""

    def update_pull_request(self, number: int, title: str, body: str) -> None:
        """Replaces title and body."""

    def close_pull_request(self, number: int) -> None:
        """Closes it without merging; one that is closed is no error."""

    def auto_merge(self, number: int, head_commit: str) -> bool:
        """Asks for the merge as soon as the checks allow it; False where the forge does not allow that."""

    def set_status(self, commit: str, status: Status) -> None:
        """Shows a status beside a commit."""

    def head_ref(self, number: int) -> str:
        """The Git ref under which the forge keeps a pull request's head commit."""
