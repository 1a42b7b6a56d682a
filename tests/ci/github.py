"""Runs the scripts of a GitHub workflow or composite action as the runner would, without GitHub."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ci.expressions import evaluate, filled, shown

_SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


def load(path: Path | str) -> Any:
    """A workflow. BaseLoader: in GitHub's reading `on` is a key, and every scalar a text."""
    text = path.read_text(encoding="utf-8") if isinstance(path, Path) else path
    return yaml.load(text, Loader=yaml.BaseLoader)


@dataclass(kw_only=True)
class Job:
    """One run of steps: what they printed, gave to later steps, and left in the summary."""

    folder: Path
    path: str
    context: dict[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    failed: str = ""
    log: str = ""
    summary: str = ""
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def run(self, steps: list[Any]) -> "Job":
        """Every step whose condition holds; after one that fails only those that say so."""
        steps_context = self.context.setdefault("steps", {})
        for number, step in enumerate(steps):
            condition = step.get("if", "success()")
            asks = any(word in condition for word in ("always()", "failure()", "cancelled()"))
            if (self.failed and not asks) or not evaluate(condition, {**self.context, "failed": self.failed}):
                continue
            if "uses" in step:
                self.used.append((step["uses"], self._filled(step.get("with", {}))))
                continue
            failed = self.failed
            outputs = self._script(number, step)
            if "id" in step:
                steps_context[step["id"]] = {"outputs": outputs, "outcome": "failure" if self.failed else "success"}
            if step.get("continue-on-error") == "true":
                self.failed = failed
        return self

    def outputs(self, declared: Mapping[str, Any]) -> dict[str, str]:
        """The job's or action's outputs, from what is declared."""
        values = {name: item["value"] if isinstance(item, Mapping) else item for name, item in declared.items()}
        return self._filled(values)

    def _filled(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {key: filled(value, self.context) for key, value in values.items()}

    def _script(self, number: int, step: Mapping[str, Any]) -> dict[str, str]:
        assert "${{" not in step["run"], "a value inside a script"
        script, output, summary = (self.folder / f"step-{number}-{name}" for name in ("run", "output", "summary"))
        script.write_text(step["run"], encoding="utf-8")
        output.touch()
        summary.touch()
        done = subprocess.run(
            [*_SHELLS[step.get("shell")], str(script)],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": self.path,
                **self.variables,
                **self.env,
                **self._filled(step.get("env", {})),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.log += done.stdout
        self.summary += summary.read_text(encoding="utf-8")
        if done.returncode:
            self.failed = f"{step.get('name', number)}: exit {done.returncode}"
        return read_outputs(output.read_text(encoding="utf-8"))


def read_outputs(text: str) -> dict[str, str]:
    """A file of outputs, as the runner reads it."""
    found, lines = dict[str, str](), text.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        name, mark, rest = re.match(r"(.*?)(<<|=)(.*)", line).groups()
        if mark == "=":
            found[name] = rest
            continue
        end = lines.index(rest)
        found[name] = "\n".join(lines[:end])
        del lines[: end + 1]
    return found


def run_job(flow: Any, name: str, folder: Path, path: str, context: Mapping[str, Any], **variables: str) -> Job | None:
    """One job of a workflow; None when its condition does not hold."""
    job, context = flow["jobs"][name], {**context, "steps": {}}
    if not evaluate(job.get("if", "success()"), context):
        return None
    work = folder / name
    work.mkdir(exist_ok=True)
    env = {**flow.get("env", {}), **job.get("env", {})}
    values = {key: filled(value, context) for key, value in env.items()}
    return Job(folder=work, path=path, context=context, env=values, variables=variables).run(job["steps"])


def action_job(action: Any, given: Mapping[str, Any], folder: Path, path: str, action_path: Path) -> Job:
    """A composite action with these inputs."""
    assert given.keys() <= action["inputs"].keys()
    inputs = {name: shown(given.get(name, item.get("default", ""))) for name, item in action["inputs"].items()}
    variables = {"GITHUB_ACTION_PATH": str(action_path)}
    return Job(folder=folder, path=path, context={"inputs": inputs}, variables=variables).run(action["runs"]["steps"])
