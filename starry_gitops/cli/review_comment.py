"""One comment below a pull request that is found again by its hidden marker, and kept up to date."""

from starry_gitops.cli.review_reading import Pull
from starry_gitops.core.forge import ForgeComment
from starry_gitops.errors import AccessDenied, NotFound


def keep_comment(pull: Pull, marker: str, body: str) -> None:
    """Writes the comment, or brings it up to date. Anybody can write a marker: only our own comment is touched."""
    own = _find_own(pull, marker)
    if own is None:
        pull.forge.create_comment(pull.number, body)
    elif own.body.strip() != body.strip():
        _update(pull, own, body)


def _find_own(pull: Pull, marker: str) -> ForgeComment | None:
    me = pull.forge.me()
    comments = pull.forge.comments(pull.number)
    return next((one for one in comments if one.body.startswith(marker) and me in {"", one.author}), None)


def _update(pull: Pull, own: ForgeComment, body: str) -> None:
    """A token that does not know its name may have met somebody else's comment."""
    try:
        pull.forge.update_comment(pull.number, own.id, body)
    except (AccessDenied, NotFound):
        pull.forge.create_comment(pull.number, body)
