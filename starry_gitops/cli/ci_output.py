"""What the next step of a pipeline reads of a result: GitHub's outputs and job summary, GitLab's dotenv report."""

import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from starry_gitops.cli.ci_summary import collection_summary, result_summary
from starry_gitops.cli.ci_values import collection_values, result_values
from starry_gitops.cli.options import StarryOption
from starry_gitops.errors import StarryError, UsageFault

log = logging.getLogger("starry")

# What the smallest of GitLab's plans takes of one dotenv report: variables, and bytes.
_MOST_VARIABLES = 20
_MOST_BYTES = 5 * 1024
# A later job gets each URL as a variable of its own.
_FOR_OUTPUTS_ONLY = frozenset({"urls"})
_OUTPUT, _SUMMARY = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """Where a result goes beside stdout; None: not there.

    Attributes:
        output: GitHub's file of the step's outputs.
        summary: GitHub's file of the job's summary.
        dotenv: GitLab's file of variables for later jobs.
    """

    output: Path | None
    summary: Path | None
    dotenv: Path | None


def pipeline_options(command: Any) -> Any:
    """Adds `--github-output` and `--dotenv`."""
    for decorate in (
        click.option(
            "--dotenv", cls=StarryOption, metavar="FILE", help="Write the result as GitLab's dotenv report, too."
        ),
        click.option(
            "--github-output",
            cls=StarryOption,
            is_flag=True,
            help="Write the result as outputs of a step of GitHub Actions, too, and as the job's summary.",
        ),
    ):
        command = decorate(command)
    return command


def find_pipeline(values: Mapping[str, Any]) -> Pipeline:
    """Where the result goes beside stdout; asked before anything is done.

    Raises:
        UsageFault: there is no such place.
    """
    output, summary = (_named(name) for name in (_OUTPUT, _SUMMARY)) if values["github_output"] else (None, None)
    if values["github_output"] and output is None:
        hint = "it is for a step of GitHub Actions; leave it out elsewhere"
        raise UsageFault(f"--github-output: the variable {_OUTPUT} names no file", hint=hint)
    dotenv = Path(values["dotenv"]) if values["dotenv"] else None
    if dotenv is not None and (dotenv.is_dir() or not dotenv.parent.is_dir()):
        raise UsageFault(f"--dotenv {dotenv}: not a file in a folder that exists", hint="e.g. --dotenv starry.env")
    return Pipeline(output=output, summary=summary, dotenv=dotenv)


def _named(variable: str) -> Path | None:
    name = os.environ.get(variable)
    return Path(name) if name else None


def tell_results(pipeline: Pipeline, results: Sequence[Mapping[str, Any]]) -> None:
    """Writes what create, update, extend and delete did, from the objects that they print as JSON."""
    _tell(pipeline, result_values(results), result_summary(results))


def tell_collection(pipeline: Pipeline, collection: Mapping[str, Any]) -> None:
    """Writes what gc did, from the object that it prints as JSON."""
    _tell(pipeline, collection_values(collection), collection_summary(collection))


def _tell(pipeline: Pipeline, values: Mapping[str, str], summary: Iterable[str]) -> None:
    if pipeline.output is not None:
        _write(pipeline.output, "".join(map(_output, values, values.values())), mode="a")
    if pipeline.summary is not None:
        _write(pipeline.summary, "".join(f"{line}\n" for line in summary), mode="a")
    if pipeline.dotenv is not None:
        _write(pipeline.dotenv, _dotenv(values), mode="w")


def _output(name: str, value: str) -> str:
    """One output between delimiters that no value can know: whatever it holds, it cannot begin another one."""
    end = f"starry-{os.urandom(16).hex()}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _dotenv(values: Mapping[str, str]) -> str:
    """As many of the variables as GitLab takes: one it does not take would cost the whole report."""
    text, left_out = list[str](), list[str]()
    for name, value in values.items():
        if name in _FOR_OUTPUTS_ONLY or not value:
            continue
        line = f"{_variable(name)}={value}\n"
        fits = len(text) < _MOST_VARIABLES and len("".join([*text, line]).encode()) <= _MOST_BYTES
        if re.fullmatch(r"[!-~]+", value) and fits:
            text.append(line)
        else:
            left_out.append(_variable(name))
    if left_out:
        log.warning("--dotenv: left out what GitLab would not take: %s", ", ".join(left_out))
    return "".join(text)


def _variable(name: str) -> str:
    """The variable of an output. `STARRY_COMMIT` and `STARRY_URL` are left to the options of later commands."""
    return {"commit": "STARRY_APPS_COMMIT", "url": "STARRY_PREVIEW_URL"}.get(
        name, f"STARRY_{re.sub('[^A-Z0-9]', '_', name.upper())}"
    )


NOWHERE: Final = Pipeline(output=None, summary=None, dotenv=None)
"""A command line that names no pipeline."""


def _write(path: Path, text: str, *, mode: str) -> None:
    try:
        with path.open(mode, encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        hint = "what the command did stands in the repository"
        raise StarryError(f"{path}: cannot be written: {error.strerror}", hint=hint) from None
