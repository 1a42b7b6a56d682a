"""The one place where errors become a line on stderr and an exit code."""

import errno
import io
import json
import logging
import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

import click

from starry_gitops.cli.log import json_line
from starry_gitops.cli.program import make_program
from starry_gitops.core.workflow_commands import harmless_json, harmless_line
from starry_gitops.errors import Interrupted, StarryError, UsageFault, shortened

log = logging.getLogger("starry")

# `--output X`, `--output=X`, `-o X`, `-oX`, and short flags before the o.
_OUTPUT = re.compile(r"(?:--output|-[vqh]*o)(?:(?<=t)=|(?<=o)=?)?(.*)", re.DOTALL)
_LOG_FORMAT = re.compile(r"--log-format=?(.*)", re.DOTALL)


def run_words(words: Sequence[str]) -> int:
    """Runs one command line; gives its exit code."""
    _write_anything()
    try:
        code = make_program().main(args=words, prog_name="starry", standalone_mode=False)
    except SystemExit as end:  # Click's shell completion ends so
        return end.code if isinstance(end.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - the boundary: nothing may leave as a traceback
        return _report(_as_starry_error(error), words)
    return code if isinstance(code, int) else 0


def _write_anything() -> None:
    """A character that the terminal's encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _as_starry_error(error: BaseException) -> StarryError:
    if isinstance(error, StarryError):
        return error
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return Interrupted("interrupted", hint="nothing is half-done; run the command again")
    if isinstance(error, click.ClickException):
        return UsageFault(_one_line(error.format_message()).rstrip("."), hint=_usage_hint(error))
    log.debug("the failure in full", exc_info=error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StarryError(f"the disk is full: {error.strerror}", hint="free some space, or set TMPDIR")
    if isinstance(error, OSError):
        return StarryError(_one_line(str(error)), hint="check the path and its permissions")
    return StarryError(
        f"unexpected failure: {type(error).__name__}: {_one_line(str(error))}",
        hint="this is a fault of Starry's; run with -vv and report what it prints",
    )


def _one_line(text: str) -> str:
    return shortened(" ".join(text.split()) or "no reason given")


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"see {context.command_path} --help" if context else "see starry --help"


def _report(error: StarryError, words: Sequence[str]) -> int:
    """Writes one line to stderr: for people, as the object that `-o json` promises, or as a line of a JSON log."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(_told(error, words), file=sys.stderr, flush=True)  # noqa: T201 - the boundary speaks
    return error.exit_code


def _told(error: StarryError, words: Sequence[str]) -> str:
    content = {"code": error.code, "message": shortened(error.message), "hint": shortened(error.hint)}
    if _wanted(words, _LOG_FORMAT, "STARRY_LOG_FORMAT") == "json":
        # The same object with a log line's fields beside it: `.error` is where `-o json` promises it.
        fields = {"exitCode": error.exit_code, "error": content}
        return json_line(time.time(), level="error", event="error", message=shortened(error.message), fields=fields)
    if _wanted(words, _OUTPUT, "STARRY_OUTPUT") == "json":
        return harmless_json(json.dumps({"error": content}))
    label = click.style("error:", fg="red", bold=True) if _is_colourful() else "error:"
    message, hint = _one_line(error.message), _one_line(error.hint) if error.hint else ""
    divider = " " if message.endswith("?") else "; "
    return harmless_line(f"{label} {message}{divider}{hint}" if hint else f"{label} {message}")


def _wanted(words: Sequence[str], option: re.Pattern[str], variable: str) -> str:
    """What an option was given, also when the command line itself is at fault."""
    wanted = os.environ.get(variable, "")
    for number, word in enumerate(words):
        match = option.fullmatch(word)
        if match:
            wanted = match[1] or (words[number + 1] if number + 1 < len(words) else "")
    return wanted


def _is_colourful() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
