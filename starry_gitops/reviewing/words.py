"""The words in which a review tells what it found."""

from collections import Counter
from collections.abc import Iterator

from starry_gitops.core.review_model import Facts, PreviewReview, Review
from starry_gitops.core.texts import counted
from starry_gitops.core.ttl import format_duration, format_instant
from starry_gitops.reviewing.objects import ObjectDiff

_NONE = "(none)"


def summary(review: Review) -> str:
    """`2 previews added, 1 changed; 3 files outside the previews`."""
    counts = Counter(one.action for one in review.previews)
    words = [f"{counts[action]} {action}" for action in ("added", "changed", "removed") if counts[action]]
    first = f"{counted(len(review.previews), 'preview')}: {', '.join(words)}" if words else "no preview changes"
    by_hand = sum(one.by_hand for one in review.previews)
    parts = [first, *([f"{by_hand} by hand"] if by_hand else [])]
    outside = counted(len(review.platform), "file")
    return "; ".join([*parts, *([f"{outside} outside the previews"] if review.platform else [])])


def expiry_words(one: PreviewReview) -> str | None:
    """`until T`, `T → T`; None where nothing is known."""
    sides = [None if facts is None else _until(facts) for facts in (one.before, one.after)]
    known = [side for side in sides if side is not None]
    return " → ".join(dict.fromkeys(known)) or None


def _until(facts: Facts) -> str:
    when = f"{format_instant(facts.expires_at)} (TTL {format_duration(facts.ttl_minutes)})"
    return f"{when}, pinned" if facts.pinned else when


def owner_words(one: PreviewReview) -> str | None:
    """`alice`, `alice → bob`; None where there is none."""
    before, after = (facts.owner if facts else None for facts in (one.before, one.after))
    if one.before is None or one.after is None or before == after:
        return after or before
    return f"{before or _NONE} → {after or _NONE}"


def image_words(before: str | None, after: str | None) -> str:
    """`old → new`; a new component's image alone."""
    if before is None:
        return after or _NONE
    return f"{before} → {after or _NONE}"


def author_words(one: PreviewReview) -> str | None:
    """Who wrote it, as far as the content tells; of a removal it does not."""
    if one.action == "removed":
        return None
    if one.by_hand:
        return "by hand"
    return "as Starry writes it" if one.after is not None else None


def diff_lines(diff: ObjectDiff) -> Iterator[str]:
    """A preview's lines, bounded."""
    yield from diff.lines
    if diff.more:
        yield f"… {diff.more} more lines"
    if diff.problem:
        yield diff.problem
