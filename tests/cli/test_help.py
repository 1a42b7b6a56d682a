"""Help and completion."""

import subprocess
from pathlib import Path

import click
import pytest

from starry_gitops.cli import program as programs
from starry_gitops.cli.program import make_program
from tests.support.cli import run

COMMANDS = ("init", "create", "update", "extend", "delete", "list", "show", "history", "gc", "validate", "demo")


def test_the_help_lists_every_command() -> None:
    out = run("--help").out
    assert all(f"\n  {command} " in out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_that_stands_on_its_own_line(command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    lines = [line.strip() for line in done.out.splitlines()]
    assert "Example:" in lines
    assert lines[lines.index("Example:") + 1].startswith(f"starry {command}")
    assert "\\b" not in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_needs_no_repository_and_no_network(command: str, tmp_path: Path) -> None:
    assert run(command, "-h", cwd=tmp_path, env={"PATH": ""}).code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    assert "starry" in done.out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=done.out, text=True, check=True)


def test_completion_for_another_shell_is_a_usage_error() -> None:
    assert run("completion", "tcsh").code == 2


@pytest.mark.parametrize(("words", "word"), [("starry cr", "create"), ("starry create --im", "--image")])
def test_completion_completes(words: str, word: str) -> None:
    env = {"_STARRY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert word in run(env=env).out


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_no_option_of_seconds_takes_what_is_no_number(text: str) -> None:
    """`nan` is neither below nor above any bound."""
    program = make_program()
    context = click.Context(program, help_option_names=["-h", "--help"])
    found = [
        option
        for command in (
            program,
            *(program.get_command(context, name) for name in programs.COMMANDS),
        )
        for option in (command.params if command else ())
        if isinstance(option.type, click.FloatRange)
    ]
    assert {option.name for option in found} >= {"timeout", "interval", "poll", "grace"}
    for option in found:
        with pytest.raises(click.BadParameter):
            option.type.convert(text, option, None)
