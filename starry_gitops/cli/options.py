"""Options that every command has, before or after the command's name, and how they are merged."""

import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click
from click.core import ParameterSource

from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.target import Target

OUTPUTS = ("table", "json", "yaml", "name")
ANNOTATION_FORMS = ("sarif", "github", "gitlab")
"""Forms of findings that code scanning reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The global options of one call."""

    repo: str | None
    branch: str | None
    overlay: str | None
    output: str
    dry_run: bool
    timeout: float
    verbose: int
    quiet: bool
    log_format: str

    def target(self) -> Target:
        """Which repository to work on."""
        return Target(
            repo=self.repo, branch=self.branch, timeout=self.timeout, dry_run=self.dry_run, watch=self._watch()
        )

    def writing_target(self, values: Mapping[str, Any]) -> Target:
        """Which repository to write to, and how: by the values of `writing_options`."""
        chosen = {key: values[key] for key in ("author", "committer", "sign", "propose", "auto_merge")}
        if chosen["auto_merge"] and chosen["propose"] is False:
            raise UsageFault("--auto-merge and --no-propose contradict each other", hint="leave one out")
        return replace(self.target(), **chosen)

    @property
    def shows_progress(self) -> bool:
        """On a terminal only, where nobody asked for quiet or for lines that a program reads."""
        wanted = not self.quiet and self.log_format == "text" and os.environ.get("TERM", "dumb") != "dumb"
        return wanted and sys.stderr is not None and sys.stderr.isatty()

    def _watch(self) -> Callable[[str, str], None] | None:
        if not self.shows_progress:
            return None
        from starry_gitops.cli.progress import Spinner  # noqa: PLC0415 - only on a terminal

        return Spinner(sys.stderr)


class Seconds(click.FloatRange):
    """Seconds within bounds. `nan` lies within all of them, and is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a number of seconds.", param, ctx)
        return seconds


class StarryOption(click.Option):
    """An option with an environment variable `STARRY_<OPTION>`, named in the help."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("show_envvar", True)
        super().__init__(*args, **kwargs)
        if self.envvar is None and self.name and self.show_envvar:
            longest = max(self.opts, key=len).lstrip("-")
            self.envvar = f"STARRY_{longest.replace('-', '_').upper()}"


class LinesOption(StarryOption):
    """A repeatable option whose variable holds one value a line: the values may have spaces."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """The lines that are not empty."""
        text = self.resolve_envvar_value(ctx)
        return None if text is None else tuple(line for line in text.splitlines() if line.strip())


class _RepeatedOption(StarryOption):
    """A global option after the command's name: its variable is named in the help, but read by the program alone."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:  # noqa: ARG002 - Click's signature
        return None


def global_options(*, on_command: bool) -> list[click.Option]:
    """The global options, for the program itself or for a command."""
    kind = _RepeatedOption if on_command else StarryOption

    def option(*names: str, **kwargs: Any) -> click.Option:
        return kind(names, **kwargs)

    return [
        option("--repo", metavar="URL|PATH", help="The apps repository. Default: the one you stand in."),
        option("--branch", metavar="NAME", help="Its branch. Default: the remote's default branch."),
        option("--overlay", metavar="NAME", help="The overlay. Default: defaultOverlay of starry.yaml."),
        option(
            "-o",
            "--output",
            type=click.Choice([*OUTPUTS, *ANNOTATION_FORMS, "markdown"]),
            metavar="table|json|yaml|name",
            default="table",
            help="Form of the result on stdout.",
        ),
        option("--dry-run", is_flag=True, help="Print the exact diff; change nothing."),
        option(
            "--timeout",
            type=Seconds(min=0.1, max=86_400),
            metavar="SECONDS",
            default=60.0,
            show_default=True,
            help="Budget for winning a contended push.",
        ),
        option("-v", "--verbose", count=True, help="Say what happens, on stderr; -vv says more."),
        option("-q", "--quiet", is_flag=True, help="Only errors on stderr."),
        option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            metavar="text|json",
            default="text",
            help="Form of what is said on stderr; json is one object a line, and says what -v says.",
        ),
    ]


def merge(context: click.Context) -> Options:
    """Takes the global options off a command's parameters; those given before the command's name fill the gaps."""
    program = context.find_root()
    values: dict[str, Any] = {}
    for option in global_options(on_command=True):
        name = option.name or ""
        own = context.params.pop(name, None)
        given = context is not program and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        values[name] = own if given else program.params.get(name, own)
    return Options(**values)


class StarryCommand(click.Command):
    """A command with the global options; its callback gets them as the context's object."""

    outputs: tuple[str, ...] = OUTPUTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A raw docstring holds Click's mark for "do not wrap" as two characters.
        self.help = (self.help or "").replace("\\b", "\b")
        self.params = [*self.params, *global_options(on_command=True)]

    def invoke(self, ctx: click.Context) -> Any:
        """Merges the global options, then runs the callback."""
        ctx.obj = merge(ctx)
        if ctx.obj.output not in self.outputs:
            raise UsageFault(f"-o {ctx.obj.output} is not for {ctx.info_name}", hint=f"use {', '.join(self.outputs)}")
        return super().invoke(ctx)


def writing_options(command: Any) -> Any:
    """Adds how a change is written: pushed or proposed, and who commits."""
    for decorate in (
        click.option(
            "--auto-merge/--no-auto-merge",
            cls=StarryOption,
            default=None,
            help="Ask the forge to merge the proposal once its checks pass. Default: autoMerge of starry.yaml.",
        ),
        click.option(
            "--propose/--no-propose",
            cls=StarryOption,
            default=None,
            help="Open a pull request instead of pushing. Default: mode of starry.yaml.",
        ),
        click.option(
            "--sign/--no-sign", cls=StarryOption, default=None, help="Sign the commit. Default: as Git is set."
        ),
        click.option("--committer", cls=StarryOption, metavar="'NAME <EMAIL>'", help="The commit's committer."),
        click.option("--author", cls=StarryOption, metavar="'NAME <EMAIL>'", help="The commit's author."),
    ):
        command = decorate(command)
    return command


def all_overlays_option(command: Any) -> Any:
    """Adds `--all-overlays`."""
    option = click.option(
        "--all-overlays", cls=StarryOption, is_flag=True, help="In every overlay of starry.yaml, not only --overlay."
    )
    return option(command)


def source_options(command: Any) -> Any:
    """Adds the other two ways to name a preview."""
    for decorate in (
        click.option("--source-branch", cls=StarryOption, metavar="BRANCH", help="Name it by its source branch."),
        click.option("--pr", cls=StarryOption, metavar="N|URL", help="Name it by its pull request: preview-N."),
    ):
        command = decorate(command)
    return command
