"""A review as Markdown: the comment on a pull request."""

from collections.abc import Iterator, Sequence

from starry_gitops.core.findings import Finding
from starry_gitops.core.markdown import block, cell, code, fitted, folded, table
from starry_gitops.core.review_model import PreviewReview, Review
from starry_gitops.core.texts import counted
from starry_gitops.reviewing.objects import ObjectDiff, Objects
from starry_gitops.reviewing.words import author_words, diff_lines, expiry_words, image_words, owner_words, summary

MARKER = "<!-- starry:review -->"
_ROWS = 50
_NOTHING = "-"


def as_markdown(review: Review, objects: Objects, *, ok: bool, limit: int) -> str:
    """At most `limit` characters, most important first."""
    return fitted(_parts(review, objects, ok=ok), limit)


def _parts(review: Review, objects: Objects, *, ok: bool) -> Iterator[str]:
    verdict = "✅ No rule is broken" if ok else "❌ Not fit to be merged"
    yield f"{MARKER}\n### Starry: what this change means\n\n**{verdict}.** {summary(review)}."
    yield from change_parts(review, objects)
    if review.old:
        yield folded(f"{counted(len(review.old), 'finding')} from before this change", _items(review.old))
    yield f"Base `{review.base[:12]}`, head `{review.head[:12]}`. Settings and templates are the base's."


def change_parts(review: Review, objects: Objects) -> Iterator[str]:
    """What the change does and breaks, most important first."""
    yield from _findings([one for one in review.findings if one.severity == "error"], "What it breaks")
    if review.previews:
        yield _previews(review.previews)
    yield from _findings([one for one in review.findings if one.severity == "warning"], "What to look at")
    if review.platform:
        rows = ([change.what, change.area, cell(change.path)] for change in review.platform[:_ROWS])
        more = _more(len(review.platform), "file")
        yield f"#### Outside the previews\n\n{table(('change', 'part', 'file'), rows)}{more}"
    details = [f"{change.path}: {detail}" for change in review.platform for detail in change.details]
    if details:
        yield block(details[:_ROWS])
    yield from _objects(objects)


def _previews(previews: Sequence[PreviewReview]) -> str:
    head = ("preview", "change", "expires", "owner", "images", "written")
    rows = ([_cell(text) for text in _row(one)] for one in previews[:_ROWS])
    return f"#### Previews\n\n{table(head, rows)}{_more(len(previews), 'preview')}"


def _row(one: PreviewReview) -> Iterator[str | Sequence[str] | None]:
    yield f"{one.overlay}/{one.name}"
    yield [", ".join((one.action, *one.events))]
    yield expiry_words(one)
    yield owner_words(one)
    yield [f"{cell(it.component)}: {cell(image_words(it.before, it.after))}" for it in one.images]
    yield [author_words(one) or _NOTHING]


def _cell(content: str | Sequence[str] | None) -> str:
    """A text is anybody's; a list holds Markdown already."""
    if content is None:
        return _NOTHING
    return cell(content) if isinstance(content, str) else "<br>".join(content) or _NOTHING


def _findings(findings: Sequence[Finding], title: str) -> Iterator[str]:
    if findings:
        yield f"#### {title}\n\n{_items(findings)}"


def _items(findings: Sequence[Finding]) -> str:
    lines = [f"- **{one.rule}** {code(one.place)}: {code(one.message)}" for one in findings[:_ROWS]]
    return "\n".join(lines) + _more(len(findings), "finding")


def _more(count: int, noun: str) -> str:
    return f"\n\n… and {counted(count - _ROWS, noun)} more" if count > _ROWS else ""


def _objects(objects: Objects) -> Iterator[str]:
    if objects.problem:
        yield f"What Argo CD would apply was not rendered: {code(objects.problem)}"
    for diff in objects.diffs:
        yield folded(_title(diff), block(_as_diff(diff), "diff"))
    if objects.left_out:
        yield f"{counted(objects.left_out, 'preview')} more not rendered."


def _title(diff: ObjectDiff) -> str:
    """A preview that is rendered has a valid name; one that is not may have any."""
    name = diff.name if diff.name.replace("-", "").isalnum() else "a preview"
    return f"What Argo CD would apply: {name}{', by the changed chart' if diff.by_chart else ''}"


def _as_diff(diff: ObjectDiff) -> Iterator[str]:
    """Signs at the lines' beginnings, where a forge colours them."""
    for line in diff_lines(diff):
        inner = line.strip()
        yield f"{inner[0]}{line[: -len(inner)]}{inner[1:]}" if line.startswith(" ") and inner[:1] in "+-" else line
