"""Results on stdout: a table for people, JSON or YAML for programs, names for pipes."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starry_gitops.cli.ci_output import NOWHERE, Pipeline, tell_results
from starry_gitops.cli.options import Options
from starry_gitops.core.model import Result
from starry_gitops.core.ttl import format_instant
from starry_gitops.core.workflow_commands import harmless_json, harmless_line
from starry_gitops.core.yaml_output import harmless_document
from starry_gitops.errors import StarryError
from starry_gitops.publishing import Outcome
from starry_gitops.shapes import has_changed, result_data, with_outcome


def emit(options: Options, data: Any, *, table: Iterable[str], names: Iterable[str]) -> None:
    """Prints the result in the form asked for."""
    if options.output == "json":
        write_out(harmless_json(_json_text(data)))
    elif options.output == "yaml":
        write_out(harmless_document(data))
    else:
        lines = names if options.output == "name" else table
        write_out("".join(f"{harmless_line(_on_terminal(line))}\n" for line in lines))


def _json_text(data: Any) -> str:
    """One thing over several lines; of a list, one item a line: ten thousand are listed four times as fast."""
    if not isinstance(data, list):
        return json.dumps(data, indent=2) + "\n"
    return "[" + ",".join(f"\n{json.dumps(item)}" for item in data) + ("\n]\n" if data else "]\n")


def write_out(text: str) -> None:
    """Writes to stdout. A reader that has left, or no stdout at all, is no failure: what was to be done is done.

    Raises:
        StarryError: the disk behind stdout is full, or the like.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python would still write at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        hint = "what the command did stands in the repository"
        raise StarryError(f"the result cannot be written: {error.strerror}", hint=hint) from None


def _on_terminal(line: str) -> str:
    """The line without what would command a terminal: what stands in a repository may be anybody's."""
    text, end = (line[:-1], "\r") if line.endswith("\r") else (line, "")
    return "".join(character if character.isprintable() or character == "\t" else " " for character in text) + end


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows under a head, in columns as wide as they need to be."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def emit_result(options: Options, outcome: Outcome[Result], pipeline: Pipeline = NOWHERE) -> None:
    """Prints what create, update and extend did."""
    data = with_outcome(result_data(outcome.answer, outcome), outcome)
    emit(options, data, table=_result_table(outcome.answer, outcome), names=[outcome.answer.name])
    tell_results(pipeline, [data])


def _result_table(result: Result, outcome: Outcome[Any]) -> list[str]:
    if outcome.dry_run and outcome.diff:
        return outcome.diff.rstrip("\n").split("\n")
    lines = [f"{result.name} {result.action}{_in_commit(result, outcome)}", *proposal_lines(outcome)]
    lines += [f"  {component}: {url}" for component, url in result.urls.items()]
    if result.expires_at is not None:
        pin = " (pinned)" if result.pinned else ""
        lines.append(f"  expires: {format_instant(result.expires_at)}{pin}")
    return lines


def proposal_lines(outcome: Outcome[Any]) -> list[str]:
    """Where the change waits to be merged; nothing where it was pushed."""
    proposal = outcome.proposal
    if proposal is None:
        return []
    merging = ", merged once its checks pass" if proposal.auto_merge else ""
    return [f"  proposal {proposal.state}: {proposal.url}{merging}"]


def _in_commit(result: Result, outcome: Outcome[Any]) -> str:
    return f" in {outcome.commit[:12]}" if has_changed(result) and outcome.commit else ""


def emit_removals(
    options: Options, outcome: Outcome[tuple[Result, ...]], *, as_list: bool, pipeline: Pipeline = NOWHERE
) -> None:
    """Prints what delete did: an object for one name, a list for several."""
    items = [with_outcome(result_data(result, outcome), outcome) for result in outcome.answer]
    data: Any = items if as_list else items[0]
    if outcome.dry_run and outcome.diff:
        table: Iterable[str] = outcome.diff.rstrip("\n").split("\n")
    else:
        table = [f"{result.name} {result.action}{_in_commit(result, outcome)}" for result in outcome.answer]
        table = [*table, *proposal_lines(outcome)]
    emit(options, data, table=table, names=[result.name for result in outcome.answer])
    tell_results(pipeline, items)


def described(mapping: Mapping[str, Any]) -> list[str]:
    """A table of one thing: its keys and values."""
    return columns(("FIELD", "VALUE"), [(key, _word(value)) for key, value in mapping.items()])


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
