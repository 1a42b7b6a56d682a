"""Each command of the table has a help with an example that the command itself can read."""

import re
import shlex

import click
import pytest

from starry_gitops.cli.program import COMMANDS, make_program
from tests.support.cli import run


def command_of(name: str) -> click.Command:
    found = make_program().get_command(click.Context(make_program()), name)
    assert found is not None
    return found


def examples_in(text: str) -> list[list[str]]:
    """The command lines of a help text's examples."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [shlex.split(line.strip()) for line in joined.splitlines() if line.strip().startswith("starry ")]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_help_with_an_example(name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert done.err == ""
    assert "Example" in done.out
    assert f"starry {name}" in done.out
    assert max(map(len, done.out.splitlines())) <= 120


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_example_is_read_by_the_command(name: str) -> None:
    command = command_of(name)
    examples = [line for line in examples_in(command.help or "") if name in line]
    assert examples, command.help
    for words in examples:
        rest = [word for word in words[words.index(name) + 1 :] if word != "|"]
        command.make_context(name, rest[: rest.index(">")] if ">" in rest else rest)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text_and_an_environment_variable(name: str) -> None:
    for parameter in command_of(name).params:
        if isinstance(parameter, click.Option) and not parameter.hidden and parameter.name != "help":
            assert parameter.help, parameter.name
            variables = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or [])
            assert any(variable.startswith("STARRY_") for variable in variables), parameter.name


def test_the_programs_help_lists_every_command_with_its_short_help() -> None:
    out = " ".join(run("--help").out.split())
    for name, about in COMMANDS.items():
        assert f"{name} {about}" in out


def test_a_mistyped_command_is_told_the_nearest() -> None:
    done = run("creat", "preview-1")
    assert done.code == 2
    assert "create" in done.err
