"""The program `starry`: its commands, each imported only when it is needed."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from starry_gitops import __version__
from starry_gitops.cli.options import global_options

COMMANDS: Mapping[str, str] = {
    "init": "Write the scaffold of an apps repository.",
    "create": "Create a preview, or update it.",
    "update": "Change a preview that exists.",
    "extend": "Change when a preview expires.",
    "delete": "Remove previews.",
    "apply": "Apply a list of previews in one commit.",
    "upgrade": "Bring live previews up to today's templates and settings.",
    "list": "List the previews.",
    "show": "Show everything about one preview.",
    "history": "Show a preview's commits.",
    "gc": "Remove all expired previews in one commit.",
    "sync": "Make the previews equal to the open pull requests.",
    "comment": "Keep one comment on a pull request that tells of its preview.",
    "command": "Do what a comment on a pull request asks for.",
    "render": "Show what Argo CD would apply for a preview.",
    "validate": "Check every invariant of an apps repository.",
    "review": "Say what a change of the apps repository means.",
    "wait": "Wait until Argo CD runs a preview, or say why it does not.",
    "stuck": "Find what should be gone and is not, and what should run and does not.",
    "doctor": "Check the whole set-up, and say what to change.",
    "serve": "Serve the web page and the API.",
    "demo": "Play the whole story on a local repository.",
    "completion": "Print the shell's completion script.",
}
"""Name → short help. The command is `command` in `starry_gitops.cli.<name>_command`."""


class Program(click.Group):
    """Loads a command when it is called for: `--help` and `--version` stay fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a preview's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"starry_gitops.cli.{cmd_name}_command").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command when there is none of that name."""
        import difflib  # noqa: PLC0415 - only for a mistyped command

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from their short helps, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def make_program() -> Program:
    """The program with its global options."""
    params: list[click.Parameter] = [
        *global_options(on_command=False),
        click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
        ),
    ]
    return Program(
        name="starry",
        params=params,
        help=(
            "Preview environments the GitOps way: one Argo CD Application and one values file per preview, "
            "committed to your apps repository.\n\n"
            "\b\nExample:\n  starry --repo https://github.com/myorg/argocd-apps.git create --pr 123 \\\n"
            "    --image backend=pr-123-abcd123"
        ),
        epilog="Global options may stand before or after the command. STARRY_GIT_TOKEN holds the token for HTTPS.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
        no_args_is_help=True,
    )


def _version(context: click.Context, _parameter: Any, value: bool) -> None:  # noqa: FBT001 - Click's signature
    if value:
        click.echo(f"starry {__version__}")
        context.exit()
