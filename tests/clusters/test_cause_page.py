"""docs/why-not-running.md says what the table of causes says."""

from docs.markdown import ROOT
from starry_gitops.core.cause import Cause
from starry_gitops.core.causes import CAUSES
from starry_gitops.core.doctor import CHECKS
from starry_gitops.core.stuck import KINDS


def row(cause: Cause) -> str:
    patience = "no end" if cause.patience is None else f"{cause.patience} s"
    return f"| `{cause.id}` | {cause.looks} | {cause.cause} | {cause.next_step} | {patience} |"


def test_the_page_has_exactly_the_causes_in_their_order():
    lines = (ROOT / "docs/why-not-running.md").read_text(encoding="utf-8").splitlines()
    shown = [line for line in lines if line.startswith("| `") and line.count("|") == 6]
    assert shown == [row(cause) for cause in CAUSES]


def test_the_doctors_page_has_exactly_the_checks_in_their_order():
    lines = (ROOT / "docs/doctor.md").read_text(encoding="utf-8").splitlines()
    shown = [line for line in lines if line.startswith("| `") and line.count("|") == 5]
    assert shown == [f"| `{name}` | {one.question} | {one.how} | {one.change} |" for name, one in CHECKS.items()]


def test_the_page_of_stuck_has_exactly_the_kinds():
    lines = (ROOT / "docs/stuck.md").read_text(encoding="utf-8").splitlines()
    shown = {line.split("`")[1] for line in lines if line.startswith("| `") and line.count("|") == 4}
    assert shown == set(KINDS)
