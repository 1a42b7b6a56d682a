"""Decides what a change of the apps repository means.

Three commits take part. `base` is the tip of the branch that the change goes to: its settings and templates count, and
its previews are what the changed ones are held against. `fork` is where the change began: what differs between it and
`head` is the change. Nothing that stands in `head` is believed; its settings and templates are named, never used.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from starry_gitops.core.caps import Share, refuse_too_many
from starry_gitops.core.context import Context, folder_of
from starry_gitops.core.findings import Finding
from starry_gitops.core.manifest import APPLICATION_FILE, KEEP_FILE
from starry_gitops.core.model import Snapshot
from starry_gitops.core.review_model import PlatformChange, PreviewReview, Review
from starry_gitops.core.review_platform import platform_change, platform_findings
from starry_gitops.core.review_preview import review_preview
from starry_gitops.core.review_rules import Touched, broken_rules
from starry_gitops.core.review_values import masked
from starry_gitops.core.tree_changes import differing, shown_path, tree_changes
from starry_gitops.errors import TooManyDeletions

_MOST_ENTRIES = 50_000
_MOST_FINDINGS = 1_000


def review(base: Context, fork: Snapshot, head: Snapshot, head_settings: Finding | None = None) -> Review:
    """The whole change. `head_settings` is what is wrong with the settings that the change would bring."""
    base = replace(base, template=cache(base.template))
    touched = _touched(base, fork, head)
    previews = tuple(
        review_preview(one.change, one.overlay, base, fork, head, contested=one.contested)
        for one in touched
        if one.is_preview or one.was_preview
    )
    broken = broken_rules(touched, base, fork, head)
    platform, more = _platform(base, fork, head)
    new = [*([head_settings] if head_settings else []), *broken.new, *more, *_remarks(touched, previews, base)]
    return Review(
        base=base.snapshot.revision,
        fork=fork.revision,
        head=head.revision,
        previews=previews,
        platform=platform,
        findings=_bounded(_sorted(new)),
        old=_bounded(_sorted(broken.old)),
    )


def _touched(base: Context, fork: Snapshot, head: Snapshot) -> list[Touched]:
    """The entries of all `previews/` folders that the change touches, less those that the base branch has already."""
    found: list[Touched] = []
    for overlay in base.settings.overlays.values():
        tip = base.snapshot.entries(overlay.folder)
        for change in differing(fork, head, overlay.folder):
            name = change.path.rpartition("/")[2]
            there = tip.get(name)
            if there != change.after:
                found.append(Touched(overlay=overlay, name=name, change=change, contested=there != change.before))
    return found


def _platform(base: Context, fork: Snapshot, head: Snapshot) -> tuple[tuple[PlatformChange, ...], list[Finding]]:
    folders = sorted({overlay.folder for overlay in base.settings.overlays.values()})
    changes = tree_changes(fork, head, skipped=folders, limit=_MOST_ENTRIES)
    keeps = [one for folder in folders for one in differing(fork, head, folder) if one.path == f"{folder}/{KEEP_FILE}"]
    outside = [*changes.found, *keeps]
    told = tuple(platform_change(change, base, fork, head) for change in outside)
    findings = [
        finding for change, one in zip(outside, told, strict=True) for finding in platform_findings(change, one, head)
    ]
    if not changes.is_whole:
        message = f"more than {_MOST_ENTRIES} entries differ: the change was not looked at as a whole"
        findings.append(Finding(rule="size", file="starry.yaml", line=0, message=message))
    return told, findings


def _remarks(touched: Sequence[Touched], previews: Sequence[PreviewReview], base: Context) -> Iterator[Finding]:
    """What breaks no rule of the repository, and should be seen all the same."""
    real = [one for one in touched if one.is_preview or one.was_preview]
    for one, told in zip(real, previews, strict=True):
        folder = folder_of(one.overlay, one.name)
        if one.contested:
            message = "the base branch changed this preview too since the change began; bring the change up to date"
            yield _warning("contested", f"{folder}/{APPLICATION_FILE}", 0, message)
        for edit in told.edits:
            message = f"by hand, not what Starry writes: {edit.text}"
            yield _warning("hand-edit", f"{folder}/{edit.file}", edit.line, message)
        if told.more_edits or told.layout_only:
            message = (
                f"and {told.more_edits} more by hand" if told.more_edits else "by hand: comments, order or spacing"
            )
            yield _warning("hand-edit", f"{folder}/{APPLICATION_FILE}", 0, message)
    yield from _removals(real, base)


def _removals(real: Sequence[Touched], base: Context) -> Iterator[Finding]:
    gone = [one for one in real if not one.is_preview]
    shares = []
    for overlay in base.settings.overlays.values():
        present = sum(entry.kind == "folder" for entry in base.snapshot.entries(overlay.folder).values())
        going = sum(one.overlay is overlay for one in gone)
        shares.append(Share(overlay=overlay.name, going=going, present=present))
    try:
        refuse_too_many(shares, "would go", base.settings.policy.gc, None)
    except TooManyDeletions as error:
        yield _warning("removal", f"{folder_of(gone[0].overlay, gone[0].name)}/{APPLICATION_FILE}", 0, error.message)


def _warning(rule: str, file: str, line: int, message: str) -> Finding:
    return Finding(rule=rule, file=file, line=line, message=message, severity="warning")


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order of files and lines, errors first on a line; fit to be shown anywhere."""
    fit = {
        replace(finding, file=shown_path(finding.file), message=masked(finding.message)): None for finding in findings
    }
    return tuple(sorted(fit, key=lambda one: (one.file, one.line, one.severity, one.rule, one.message)))


def _bounded(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Errors before warnings as far as there is room; the others are counted, and weigh as much as they did."""
    if len(findings) <= _MOST_FINDINGS:
        return findings
    errors = [one for one in findings if one.severity == "error"]
    ranked = [*errors, *(one for one in findings if one.severity != "error")]
    left = len(findings) - _MOST_FINDINGS
    severity = ranked[_MOST_FINDINGS].severity
    rest = Finding(rule="size", file="starry.yaml", line=0, message=f"{left} more findings", severity=severity)
    return (*_sorted(ranked[:_MOST_FINDINGS]), rest)
