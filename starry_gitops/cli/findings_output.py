"""Findings for people, for code scanning (SARIF 2.1.0), for GitHub's annotations and for GitLab's code quality."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from starry_gitops import __version__
from starry_gitops.core.findings import RULES, Finding, Severity
from starry_gitops.core.texts import counted, printable
from starry_gitops.core.validate import Report
from starry_gitops.core.workflow_commands import harmless_json

# The words of https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
_GITLAB_SEVERITIES: Mapping[Severity, str] = {"error": "critical", "warning": "minor"}


def as_table(report: Report) -> list[str]:
    """A line a finding, and a sum."""
    lines = [finding_line(finding) for finding in report.findings]
    return [*lines, f"{counted(report.previews, 'preview')} checked, {counted(len(report.findings), 'finding')}"]


def finding_line(finding: Finding) -> str:
    """A finding on one line."""
    return f"{finding.place}: {finding.severity}: {finding.message} [{finding.rule}]"


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as programs get it."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
    }


def annotations(form: str, findings: Iterable[Finding], *, rules: Mapping[str, str] = RULES) -> str:
    """The findings in one of the forms of `options.ANNOTATION_FORMS`."""
    if form == "github":
        return "".join(f"{line}\n" for line in as_github(findings))
    return harmless_json(as_sarif(findings, rules) if form == "sarif" else as_gitlab(findings)) + "\n"


def as_github(findings: Iterable[Finding]) -> Iterator[str]:
    """GitHub's workflow commands, one for each finding."""
    for finding in findings:
        where = f"file={_property(finding.file)},line={max(finding.line, 1)},title={finding.rule}"
        yield f"::{finding.severity} {where}::{_escape(finding.message)}"


def _escape(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(findings: Iterable[Finding]) -> str:
    """A code quality report. A finding keeps its fingerprint when it moves to another line."""
    seen: Counter[str] = Counter()
    items = []
    for finding in findings:
        key = json.dumps([finding.rule, finding.file, finding.message])
        seen[key] += 1
        items.append(_gitlab_item(finding, f"{key}{seen[key]}"))
    return json.dumps(items, indent=2)


def _gitlab_item(finding: Finding, key: str) -> dict[str, Any]:
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": hashlib.sha256(key.encode()).hexdigest(),
        "severity": _GITLAB_SEVERITIES[finding.severity],
        "location": {"path": printable(finding.file), "lines": {"begin": max(finding.line, 1)}},
    }


def as_sarif(findings: Iterable[Finding], rules: Mapping[str, str] = RULES) -> str:
    """A SARIF log with one run."""
    described = [{"id": rule, "shortDescription": {"text": about}} for rule, about in rules.items()]
    driver = {"name": "starry", "version": __version__, "rules": described}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(finding) for finding in findings]}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _sarif_result(finding: Finding) -> dict[str, Any]:
    location = {
        "artifactLocation": {"uri": quote(finding.file.encode(errors="surrogateescape"))},
        "region": {"startLine": max(finding.line, 1)},
    }
    return {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
