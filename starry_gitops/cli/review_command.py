"""`starry review`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from starry_gitops.cli.findings_output import annotations
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import ANNOTATION_FORMS, OUTPUTS, Options, StarryCommand, StarryOption
from starry_gitops.cli.output import emit, write_out
from starry_gitops.cli.review_comment import keep_comment
from starry_gitops.cli.review_output import as_data, as_lines
from starry_gitops.cli.review_reading import Opened, Pull, Request, base_context, head_settings, open_change
from starry_gitops.core.findings import Finding
from starry_gitops.core.review import review
from starry_gitops.core.review_model import REVIEW_RULES, Review
from starry_gitops.core.workflow_commands import harmless_text
from starry_gitops.errors import UsageFault
from starry_gitops.forges.finding import KINDS
from starry_gitops.reviewing.markdown import MARKER, as_markdown
from starry_gitops.reviewing.objects import Objects, render_review

_BROKEN = 7
# GitHub's limit for a comment; of the three forges it is the lowest.
_LONGEST = 65_536
_FAIL_ON = ("hand-edits", "platform", "warnings")
_RULE_OF = {"hand-edits": "hand-edit", "platform": "platform"}


class _ReviewCommand(StarryCommand):
    outputs = (*OUTPUTS, *ANNOTATION_FORMS, "markdown")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reviewed:
    review: Review
    objects: Objects
    ok: bool


@click.command("review", cls=_ReviewCommand)
@click.argument("change", required=False, metavar="[BASE...HEAD]")
@click.option("--pr", cls=StarryOption, metavar="URL", help="A pull request of the apps repository.")
@click.option("--comment", cls=StarryOption, is_flag=True, help="Keep one comment on the pull request up to date.")
@click.option(
    "--fail-on",
    cls=StarryOption,
    multiple=True,
    type=click.Choice(_FAIL_ON),
    help="End with exit 7 for these too; for a broken rule it always does. Repeatable.",
)
@click.option(
    "--render",
    "limit",
    cls=StarryOption,
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Show for at most N previews what Argo CD would apply.",
)
@click.option("--chart", cls=StarryOption, metavar="DIR", help="The chart, when the apps repository does not hold it.")
@click.option("--forge", cls=StarryOption, type=click.Choice(KINDS), help="The kind of forge, where URLs do not tell.")
@click.option("--forge-api", cls=StarryOption, metavar="URL", help="Where its API is, when not in the usual place.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Say what a change of the apps repository means. Exit 7: it breaks a rule.

    The change is BASE...HEAD in the clone you stand in (default: from origin's default branch to HEAD), two branches
    with --repo, or a pull request. Settings and templates are those of BASE; none of HEAD's is used.

    Further forms of -o: markdown, sarif, github, gitlab.

    \b
    Example:
      starry review origin/main...HEAD
      starry review --pr https://github.com/myorg/argocd-apps/pull/7 --comment
    """
    start_log(options)
    if values["comment"] and values["pr"] is None:
        raise UsageFault("--comment needs --pr", hint="name the pull request that gets the comment")
    request = Request(
        range=values["change"], pull_request=values["pr"], kind=values["forge"], api_url=values["forge_api"]
    )
    chart = None if values["chart"] is None else Path(values["chart"])
    with open_change(options, request) as opened:
        done = _reviewed(opened, frozenset(values["fail_on"]), chart=chart, limit=values["limit"])
    if values["comment"] and opened.pull is not None and not options.dry_run:
        _comment(opened.pull, done)
    _show(options, done)
    return 0 if done.ok else _BROKEN


def _reviewed(opened: Opened, fail_on: frozenset[str], *, chart: Path | None, limit: int) -> _Reviewed:
    ends = opened.ends
    base = base_context(opened)
    found = review(base, ends.fork, ends.head, head_settings(ends.fork, ends.head))
    objects = render_review(found, base, ends, chart=chart, limit=limit)
    found = replace(found, findings=(*found.findings, *objects.findings))
    return _Reviewed(review=found, objects=objects, ok=not any(_fails(one, fail_on) for one in found.findings))


def _fails(finding: Finding, fail_on: frozenset[str]) -> bool:
    wanted = {_RULE_OF.get(word, "") for word in fail_on}
    return finding.severity == "error" or "warnings" in fail_on or finding.rule in wanted


def _comment(pull: Pull, done: _Reviewed) -> None:
    body = as_markdown(done.review, done.objects, ok=done.ok, limit=pull.forge.longest_comment)
    keep_comment(pull, MARKER, body)


def _show(options: Options, done: _Reviewed) -> None:
    found, objects = done.review, done.objects
    if options.output == "markdown":
        write_out(harmless_text(as_markdown(found, objects, ok=done.ok, limit=_LONGEST)))
    elif options.output in ANNOTATION_FORMS:
        write_out(annotations(options.output, found.findings, rules=REVIEW_RULES))
    else:
        names = [one.name for one in found.previews]
        emit(options, as_data(found, objects, ok=done.ok), table=as_lines(found, objects, ok=done.ok), names=names)
