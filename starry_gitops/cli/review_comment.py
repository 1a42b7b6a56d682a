"""One comment below a pull request that is found again by its hidden marker, and kept up to date."""

from starry_gitops.cli.review_reading import Pull
from starry_gitops.forges.sticky import Thread


def keep_comment(pull: Pull, marker: str, body: str) -> None:
    """Writes the comment, or brings it up to date. Anybody can write a marker: only our own comment is touched."""
    own = Thread(pull.forge, pull.number, pull.forge.me).find(marker)
    if own is None:
        pull.forge.create_comment(pull.number, body)
    elif own.body.strip() != body.strip():
        pull.forge.update_comment(pull.number, own.id, body)
