"""A review as lines for people and as data for programs."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from starry_gitops.cli.findings_output import finding_data, finding_line
from starry_gitops.cli.output import counted
from starry_gitops.cli.review_objects import ObjectDiff, Objects
from starry_gitops.core.review_model import Facts, PlatformChange, PreviewReview, Review
from starry_gitops.core.ttl import format_duration, format_instant
from starry_gitops.shapes import instant

_NONE = "(none)"
_LISTED = 200


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


def as_lines(review: Review, objects: Objects, *, ok: bool) -> Iterator[str]:
    """For people, most important last: it stands where the prompt is."""
    yield f"{review.fork[:12]}...{review.head[:12]}: {summary(review)}"
    for one in review.previews[:_LISTED]:
        yield from _preview_lines(one)
    yield from _rest(len(review.previews), "preview")
    for change in review.platform[:_LISTED]:
        yield f"{change.what}: {change.path} ({change.area})"
        yield from (f"    {detail}" for detail in change.details)
    yield from _rest(len(review.platform), "file")
    yield from object_lines(objects)
    yield from (finding_line(finding) for finding in review.findings)
    old = f", {len(review.old)} from before" if review.old else ""
    yield f"{'ok' if ok else 'not ok'}: {counted(len(review.findings), 'finding')}{old}"


def _rest(count: int, noun: str) -> Iterator[str]:
    if count > _LISTED:
        yield f"… {counted(count - _LISTED, f'more {noun}')}; -o json has them all"


def _preview_lines(one: PreviewReview) -> Iterator[str]:
    events = f": {', '.join(one.events)}" if one.events else ""
    yield f"{one.action}: {one.name} in {one.overlay}{events}"
    facts = {"expires": expiry_words(one), "owner": owner_words(one), "written": author_words(one)}
    yield from (f"    {key}: {value}" for key, value in facts.items() if value)
    yield from (f"    {image.component}: {image_words(image.before, image.after)}" for image in one.images)
    yield from (f"    by hand: {edit.file}:{edit.line}: {edit.text}" for edit in one.edits)
    if one.more_edits:
        yield f"    by hand: {one.more_edits} more values"
    if one.layout_only:
        yield "    by hand: comments, order or spacing"


def object_lines(objects: Objects) -> Iterator[str]:
    """What Argo CD would apply."""
    if objects.problem:
        yield f"objects: not rendered: {objects.problem}"
    for diff in objects.diffs:
        yield f"objects of {diff.name}{' (by the chart)' if diff.by_chart else ''}:"
        yield from (f"    {line}" for line in diff_lines(diff))
    if objects.left_out:
        yield f"objects: {counted(objects.left_out, 'preview')} more not rendered"


def diff_lines(diff: ObjectDiff) -> Iterator[str]:
    """A preview's lines, bounded."""
    yield from diff.lines
    if diff.more:
        yield f"… {diff.more} more lines"
    if diff.problem:
        yield diff.problem


def as_data(review: Review, objects: Objects, *, ok: bool) -> dict[str, Any]:
    """For programs."""
    diffs = {(diff.overlay, diff.name): diff for diff in objects.diffs}
    known = {(one.overlay, one.name) for one in review.previews}
    by_chart = [diff for place, diff in diffs.items() if place not in known]
    findings = [{**finding_data(one), "new": new} for new, group in _groups(review) for one in group]
    return {
        "ok": ok,
        "base": review.base,
        "fork": review.fork,
        "head": review.head,
        "previews": [_preview_data(one, diffs.get((one.overlay, one.name))) for one in review.previews],
        "platform": [_platform_data(change) for change in review.platform],
        "findings": findings,
        "objects": {
            "problem": objects.problem,
            "leftOut": objects.left_out,
            "byChart": [{"name": diff.name, "overlay": diff.overlay, **_diff_data(diff)} for diff in by_chart],
        },
    }


def _groups(review: Review) -> Iterator[tuple[bool, Any]]:
    yield True, review.findings
    yield False, review.old


def _preview_data(one: PreviewReview, diff: ObjectDiff | None) -> dict[str, Any]:
    return {
        "name": one.name,
        "overlay": one.overlay,
        "action": one.action,
        "events": list(one.events),
        "byHand": one.by_hand,
        "contested": one.contested,
        "before": _facts_data(one.before),
        "after": _facts_data(one.after),
        "images": [{"component": it.component, "from": it.before, "to": it.after} for it in one.images],
        "edits": [
            {"file": it.file, "line": it.line, "path": it.path, "from": it.before, "to": it.after} for it in one.edits
        ],
        "moreEdits": one.more_edits,
        "objects": None if diff is None else _diff_data(diff),
    }


def _diff_data(diff: ObjectDiff) -> dict[str, Any]:
    return {"diff": list(diff.lines), "more": diff.more, "problem": diff.problem}


def _facts_data(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "expiresAt": instant(facts.expires_at),
        "ttlMinutes": facts.ttl_minutes,
        "pinned": facts.pinned,
        "owner": facts.owner,
        "pullRequest": facts.pull_request,
        "branch": facts.branch,
        "images": dict(facts.images),
    }


def _platform_data(change: PlatformChange) -> dict[str, Any]:
    return {"path": change.path, "change": change.what, "area": change.area, "details": list(change.details)}
