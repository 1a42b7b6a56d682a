"""The caps on how many previews one commit may remove: a wrong clock or a bad list must not empty a cluster."""

from collections.abc import Iterable
from dataclasses import dataclass

from starry_gitops.core.settings import GcPolicy
from starry_gitops.errors import TooManyDeletions

# The share cap makes no sense for a handful of previews: one of one is 100 %.
_SHARE_FROM = 10
_CHECK = "check what this was decided by (the clock, the list, the last commits)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """How many of an overlay's previews would go."""

    overlay: str
    going: int
    present: int


def refuse_too_many(shares: Iterable[Share], why: str, gc: GcPolicy, max_deletes: int | None) -> None:
    """`why` says what those that would go have in common: "have expired".

    Raises:
        TooManyDeletions: more than `max_deletes` (None: the policy's) would go, or too large a share of one overlay or
            of all.
    """
    parts = list(shares)
    cap = gc.max_deletes if max_deletes is None else max_deletes
    going, present = sum(part.going for part in parts), sum(part.present for part in parts)
    if going > cap:
        raise TooManyDeletions(
            f"{going} previews {why}; at most {cap} may go in one run",
            hint=f"{_CHECK}, then raise --max-deletes or use --force",
        )
    for part in [*parts, Share(overlay="all overlays", going=going, present=present)]:
        if part.present >= _SHARE_FROM and part.going > gc.max_delete_share * part.present:
            raise TooManyDeletions(
                f"{part.going} of {part.present} previews in {part.overlay} {why}; "
                f"at most {gc.max_delete_share:.0%} may go in one run",
                hint=f"{_CHECK}, then use --force",
            )
