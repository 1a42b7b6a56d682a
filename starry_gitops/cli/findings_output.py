"""Findings for people, for code scanning (SARIF 2.1.0) and for GitHub's workflow annotations."""

import json
from collections.abc import Iterator
from typing import Any

from starry_gitops import __version__
from starry_gitops.cli.output import counted
from starry_gitops.core.findings import RULES, Finding
from starry_gitops.core.texts import printable
from starry_gitops.core.validate import Report

ANNOTATION_FORMS = ("sarif", "github")


def as_table(report: Report) -> list[str]:
    """A line a finding, and a sum."""
    lines = [f"{place(finding)}: {finding.severity}: {finding.message} [{finding.rule}]" for finding in report.findings]
    return [*lines, f"{counted(report.previews, 'preview')} checked, {counted(len(report.findings), 'finding')}"]


def place(finding: Finding) -> str:
    """`file:line`, as editors and terminals link it."""
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def as_github(report: Report) -> Iterator[str]:
    """GitHub's workflow commands, one for each finding."""
    for finding in report.findings:
        where = f"file={_property(finding.file)},line={max(finding.line, 1)},title={finding.rule}"
        yield f"::{finding.severity} {where}::{_escape(finding.message)}"


def _escape(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(report: Report) -> str:
    """A SARIF log with one run."""
    rules = [{"id": rule, "shortDescription": {"text": about}} for rule, about in RULES.items()]
    driver = {"name": "starry", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(finding) for finding in report.findings]}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _sarif_result(finding: Finding) -> dict[str, Any]:
    location = {
        "artifactLocation": {"uri": finding.file},
        "region": {"startLine": max(finding.line, 1)},
    }
    return {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
