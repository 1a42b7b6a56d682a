"""Log lines on stderr: words for people, or one JSON object a line for a log collector."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from starry_gitops.cli.options import Options
from starry_gitops.core.workflow_commands import harmless_json, harmless_text

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_ERASE = "\r\x1b[K"


def start_log(options: Options) -> None:
    """Sends log lines to stderr, as many as -v and -q ask for. As JSON, what -v says is always there."""
    verbosity = max(options.verbose, int(options.log_format == "json"))
    level = logging.ERROR if options.quiet else _LEVELS[min(verbosity, 2)]
    logger = logging.getLogger("starry")
    logger.setLevel(level)
    if not logger.handlers:
        logger.addHandler(_StderrHandler())
        logger.propagate = False
    logger.handlers[0].setFormatter(_formatter(options))


def _formatter(options: Options) -> logging.Formatter:
    if options.log_format == "json":
        return _JsonFormatter(click.get_current_context().info_name)
    # On a terminal, a line takes the place of the progress that is shown.
    return logging.Formatter(f"{_ERASE}%(message)s" if options.shows_progress else None)


def json_line(epoch: float, *, level: str, event: str, message: str, fields: Mapping[str, Any]) -> str:
    """One line for a log collector; `epoch` is its time in seconds since 1970."""
    time = datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return harmless_json(json.dumps({"time": time, "level": level, "event": event, "message": message, **fields}))


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic only in the stubs
    """Writes to whatever sys.stderr is at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        return harmless_text(super().format(record))


class _JsonFormatter(logging.Formatter):
    """A record as one JSON object. `extra` gives its event and fields."""

    def __init__(self, command: str | None) -> None:
        super().__init__()
        self._command = command

    def format(self, record: logging.LogRecord) -> str:
        fields = {"command": self._command, **getattr(record, "fields", {})}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json_line(
            record.created,
            level=record.levelname.lower(),
            event=getattr(record, "event", "message"),
            message=record.getMessage(),
            fields=fields,
        )
