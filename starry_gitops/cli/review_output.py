"""A review as lines for people and as data for programs."""

from collections.abc import Iterator
from typing import Any

from starry_gitops.cli.findings_output import finding_data, finding_line
from starry_gitops.core.review_model import Facts, PlatformChange, PreviewReview, Review
from starry_gitops.core.texts import counted
from starry_gitops.reviewing.objects import ObjectDiff, Objects
from starry_gitops.reviewing.words import author_words, diff_lines, expiry_words, image_words, owner_words, summary
from starry_gitops.shapes import instant

_LISTED = 200


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
