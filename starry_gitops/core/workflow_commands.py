"""Keeps a pipeline's log from taking what stands in a repository for a command to its runner.

GitHub's runner obeys `::command::` at a line's beginning, after spaces too, and `##[command]` anywhere in a line: it
masks words, makes annotations, or obeys nothing any more until a word comes that the author chose.

Whatever goes to stdout or stderr passes through here, or as YAML through `yaml_output`, as the last thing.
"""

import re

_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def has_command(text: str) -> bool:
    """Whether a line of the text would be obeyed."""
    return _COMMAND.search(text) is not None


def harmless_json(text: str) -> str:
    """JSON in which no line is a command; whoever reads it as JSON gets the very same data."""
    return text.replace("##[", r"#\u0023[")


def harmless_line(line: str) -> str:
    """A line for people, with a space in what would be a command."""
    text = line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line
    return text.replace("##[", "## [")


def harmless_text(text: str) -> str:
    """Lines for people."""
    return "\n".join(map(harmless_line, text.split("\n")))


def harmless_name(name: str) -> str:
    r"""A name on one line, with the first sign of what would be a command as `\xNN`."""
    return _COMMAND.sub(lambda found: _escaped(found[0]), name)


def _escaped(command: str) -> str:
    sign = command.strip()[0]
    return command.replace(sign, f"\\x{ord(sign):02x}", 1)
