"""The title and body of a proposal: what will exist, where, until when and for whom."""

from collections.abc import Iterator
from dataclasses import dataclass

from starry_gitops.core.context import Context
from starry_gitops.core.hosts import urls_of
from starry_gitops.core.markdown import cell, fitted, table
from starry_gitops.core.review_model import PreviewReview, Review, ReviewAction
from starry_gitops.reviewing.markdown import change_parts
from starry_gitops.reviewing.objects import Objects
from starry_gitops.reviewing.words import summary

MARKER = "<!-- starry:proposal -->"
_ROWS = 50
_VERBS: dict[ReviewAction, str] = {"added": "create", "changed": "update", "removed": "delete"}
_HOW = (
    "Merging makes it so; it may be merged before or after any other proposal. The command that made it decides it "
    "again when it runs again: on the branch as that is then, with what people changed in the previews' files here."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalText:
    """What people read of a pull request."""

    title: str
    body: str


def write_text(review: Review, objects: Objects, context: Context, *, limit: int) -> ProposalText:
    """The text for a change of previews; the body has at most `limit` characters."""
    return ProposalText(title=_title(review), body=fitted(_parts(review, objects, context), limit))


def _title(review: Review) -> str:
    if len(review.previews) != 1:
        return summary(review)
    [one] = review.previews
    return f"preview({one.name}): {_VERBS[one.action]}"


def _parts(review: Review, objects: Objects, context: Context) -> Iterator[str]:
    yield f"{MARKER}\n### Proposed by Starry\n\n{summary(review)}. {_HOW}"
    yield from _places([one for one in review.previews if one.after is not None], context)
    yield from change_parts(review, objects)
    yield f"Decided on `{review.base[:12]}` by Starry {context.version}."


def _places(previews: list[PreviewReview], context: Context) -> Iterator[str]:
    """What will exist, where, and for which pull request."""
    rows = [row for one in previews[:_ROWS] for row in _rows(one, context)]
    if rows:
        yield f"#### What will exist\n\n{table(('preview', 'component', 'URL', 'for'), rows)}"


def _rows(one: PreviewReview, context: Context) -> Iterator[tuple[str, str, str, str]]:
    if one.after is None:
        return
    urls = urls_of(context.settings, context.settings.overlay(one.overlay), one.name, one.after.images)
    whom = one.after.pull_request or one.after.branch
    for component, url in urls.items():
        yield cell(one.name), cell(component), url, cell(whom) if whom else "-"
