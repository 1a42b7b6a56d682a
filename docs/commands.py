"""The command line, as docs/cli.md shows it."""

import inspect
import re

import click

from docs import notes
from docs.markdown import table
from starry_gitops.cli.options import StarryOption
from starry_gitops.cli.program import COMMANDS, make_program

_EXAMPLE = re.compile(r"(?:\\b|\x08)?\s*Example:\s*?\n(?P<text>.*)\Z", re.DOTALL)


def program() -> click.Group:
    """The program, as Click sees it."""
    return make_program()


def commands() -> dict[str, click.Command]:
    """Every command by name."""
    group = program()
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


def options(command: click.Command) -> list[click.Option]:
    """A command's options, hidden ones left out."""
    return [item for item in command.params if isinstance(item, click.Option) and not item.hidden]


def own_options(command: click.Command) -> list[click.Option]:
    """A command's options without the global ones."""
    everywhere = {option.name for option in options(program())}
    return [option for option in options(command) if option.name not in everywhere]


def variable(option: click.Option) -> str:
    """The option's environment variable, or nothing."""
    return option.envvar if isinstance(option, StarryOption) and isinstance(option.envvar, str) else ""


def _option_row(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" `{option.metavar or option.type.name.upper()}`"
    default = f" Default: {option.default:g}." if isinstance(option.default, float) else ""
    env = f"`{variable(option)}`" if variable(option) else ""
    return names + value, f"{option.help or ''}{default}", env


def _option_table(found: list[click.Option]) -> str:
    return table(("option", "meaning", "environment"), (_option_row(option) for option in found))


def _help(command: click.Command) -> tuple[str, str]:
    """A command's help in words, and its example."""
    text = inspect.cleandoc(command.help or "")
    match = _EXAMPLE.search(text)
    example = inspect.cleandoc("\n" + match["text"]) if match else ""
    words = text[: match.start()] if match else text
    return words.strip().strip("\\b\x08").strip(), example


def _command_section(name: str, command: click.Command) -> str:
    words, example = _help(command)
    arguments = " ".join(
        argument.make_metavar(click.Context(command))
        for argument in command.params
        if isinstance(argument, click.Argument)
    )
    own = own_options(command)
    parts = [
        f"## starry {name}",
        f"`starry {name} {arguments}`".replace(" `", "`"),
        words,
        f"```sh\n{example}\n```",
        _option_table(own) if own else "No options of its own.",
    ]
    return "\n\n".join(part for part in parts if part)


def cli_commands() -> str:
    """One section a command."""
    return "\n\n".join(_command_section(name, command) for name, command in commands().items())


def cli_overview() -> str:
    """The table of commands."""
    rows = ((f"[`{name}`](#starry-{name})", about) for name, about in COMMANDS.items())
    return table(("command", "does"), rows)


def cli_globals() -> str:
    """The global options."""
    return _option_table(options(program()))


def cli_environment() -> str:
    """Variables that belong to no option."""
    rows = ((", ".join(f"`{name}`" for name in key.split(", ")), text) for key, text in notes.ENVIRONMENT.items())
    return table(("variable", "meaning"), rows)
