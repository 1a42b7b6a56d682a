"""Runs the scripts of a GitLab pipeline's job as a shell would, without GitLab."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.ci.expressions import holds

_INPUT = re.compile(r"\$\[\[ *inputs\.([\w-]+) *\]\]")


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a job ended, and what it printed."""

    code: int
    log: str


def load(path: Path) -> dict[str, Any]:
    """A pipeline, its jobs merged with what they extend."""
    return merged(yaml.safe_load(path.read_text(encoding="utf-8")))


def component(path: Path, **given: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A component's inputs and its pipeline with these values, as GitLab fills them in: in the text."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
    inputs: dict[str, Any] = yaml.safe_load(head)["spec"]["inputs"]
    names = {name.replace("-", "_"): name for name in inputs}
    assert given.keys() <= names.keys()
    values = {name: item.get("default") for name, item in inputs.items()}
    values |= {names[name]: value for name, value in given.items()}
    for name, value in values.items():
        assert value is not None, f"{name} is missing"
        assert re.fullmatch(inputs[name].get("regex", ".*"), value), f"{name}: {value!r}"
    return inputs, merged(yaml.safe_load(_INPUT.sub(lambda found: values[found[1]], body)))


def merged(pipeline: dict[str, Any]) -> dict[str, Any]:
    """Every job with what it extends."""
    return {name: _extended(pipeline, item) for name, item in pipeline.items()}


def _extended(pipeline: Mapping[str, Any], job: Any) -> Any:
    if not isinstance(job, dict) or "extends" not in job:
        return job
    base = _extended(pipeline, pipeline[job["extends"]])
    own = {key: value for key, value in job.items() if key != "extends"}
    both = {key: {**base[key], **own[key]} for key in base.keys() & own.keys() if isinstance(own[key], dict)}
    return {**base, **own, **both}


def rule_of(item: Any, variables: Mapping[str, str]) -> dict[str, Any] | None:
    """The first rule that holds, of a job or of the workflow."""
    return next((rule for rule in item.get("rules", [{}]) if holds(rule.get("if", '"x"'), variables)), None)


def jobs_of(pipeline: Mapping[str, Any], variables: Mapping[str, str]) -> list[str]:
    """The jobs that a pipeline with these variables has."""
    if rule_of(pipeline.get("workflow", {}), variables) is None:
        return []
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and "script" in job}
    return [name for name, job in jobs.items() if not name.startswith(".") and rule_of(job, variables) is not None]


def run_job(
    pipeline: Mapping[str, Any], name: str, folder: Path, path: str, variables: Mapping[str, str], *, given: str = ""
) -> Done:
    """One job's scripts, in order; `given` is an earlier job's dotenv report."""
    job = pipeline[name]
    values = {**_expanded({**pipeline.get("variables", {}), **job.get("variables", {})}, variables), **variables}
    values |= dict(line.split("=", 1) for line in given.splitlines())
    lines = [*job.get("before_script", []), *job["script"]]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        env={**os.environ, "PATH": path, **values},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(code=done.returncode, log=done.stdout)


def _expanded(values: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """Variables that stand in variables."""

    def fill(text: str, depth: int = 0) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            if name in known or name not in values or depth > len(values):
                return known.get(name, "")
            return fill(str(values[name]), depth + 1)

        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)

    return {name: fill(str(value)) for name, value in values.items()}
