"""`starry completion`."""

import click
from click.shell_completion import get_completion_class

from starry_gitops.cli.options import Options, StarryCommand
from starry_gitops.cli.output import write_out


@click.command("completion", cls=StarryCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def command(_options: Options, shell: str) -> None:
    r"""Print the completion script of a shell.

    \b
    Example:
      starry completion bash > ~/.local/share/bash-completion/completions/starry
    """
    from starry_gitops.cli.program import make_program  # noqa: PLC0415 - the program imports this command

    completion = get_completion_class(shell)
    if completion is not None:
        write_out(completion(make_program(), {}, "starry", "_STARRY_COMPLETE").source() + "\n")
