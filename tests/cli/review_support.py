"""A change of an apps repository, made on a branch of its own, and what `starry review` says of it."""

from dataclasses import dataclass, replace
from typing import Any

from tests.support.cli import Result, run
from tests.support.repos import PREVIEWS, Apps


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """`base` is the branch that the change goes to, `head` the branch that it is made on."""

    base: Apps
    head: Apps

    def run(self, *args: str, change: str = "main...change") -> Result:
        """`starry review`, standing in the repository; nothing is rendered unless asked for."""
        output = [] if {"-o", "--output"} & set(args) else ["-o", "json"]
        rendered = [] if {"--render", "--chart"} & set(args) else ["--render", "0"]
        return run("review", change, *output, *rendered, *args, cwd=self.base.bare)

    def review(self, *args: str, code: int = 0) -> Any:
        """The JSON result of a review that must end in `code`."""
        done = self.run(*args)
        assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
        found = done.json()
        assert found["ok"] is (code == 0)
        return found


def propose(apps: Apps, branch: str = "change") -> Proposal:
    """A branch that begins where the repository's own branch is now."""
    apps.git("branch", branch, apps.branch)
    return Proposal(base=apps, head=replace(apps, branch=branch))


def path_of(name: str, file: str = "values") -> str:
    """A file of a preview in the default overlay."""
    return f"{PREVIEWS}/{name}/{file}.yaml"


def rules_of(review: Any, severity: str = "error", *, new: bool = True) -> list[str]:
    """The rules that are broken."""
    return [one["rule"] for one in review["findings"] if (one["severity"], one["new"]) == (severity, new)]
