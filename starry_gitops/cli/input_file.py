"""Reads a list that a person or a program made: YAML or JSON, from a file or stdin."""

import json
import re
import sys
from pathlib import Path

from starry_gitops.core.secrets import SECRETS_HINT, secret_shape
from starry_gitops.core.yamltext import Node, parse_document
from starry_gitops.errors import InvalidRepository, PolicyRefusal, StarryError, UsageFault

STDIN = "-"
MAX_BYTES = 4 << 20
# What a message repeats of the list.
_LONGEST = 500
# A JSON text, or a tab between two: neither holds a line break.
_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\t')


def read_input(path: str) -> bytes:
    """The file's bytes, or stdin's.

    Raises:
        UsageFault: it cannot be read, or is larger than 4 MiB.
    """
    try:
        data = _read(path)
    except OSError as error:
        raise UsageFault(f"{file_name(path)} cannot be read: {error.strerror}", hint="check the path") from None
    if len(data) > MAX_BYTES:
        raise UsageFault(f"{file_name(path)} is larger than {MAX_BYTES >> 20} MiB", hint="split the list")
    return data


def _read(path: str) -> bytes:
    if path != STDIN:
        with Path(path).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    if sys.stdin is None:
        raise UsageFault("stdin is closed", hint="name a file")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def file_name(path: str) -> str:
    """What messages call it."""
    return "stdin" if path == STDIN else path


def parse_input(data: bytes, file: str) -> Node:
    """The document, each part with its line.

    Raises:
        UsageFault: it is neither strict YAML nor JSON.
        PolicyRefusal: the complaint would repeat a secret.
    """
    try:
        return parse_document(data, file=file, limit=MAX_BYTES)
    except InvalidRepository as error:
        text = _json_as_yaml(data)
        if text is None:
            raise as_usage(error) from None
    try:
        # What stands between the quotes may have become longer.
        return parse_document(text, file=file, limit=12 * MAX_BYTES)
    except InvalidRepository as error:
        raise as_usage(error) from None


def _json_as_yaml(data: bytes) -> str | None:
    """JSON that YAML reads otherwise (tabs, some escapes), line by line as YAML; None when it is no JSON."""
    try:
        text = data.decode()
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _JSON_TOKEN.sub(lambda part: _quoted(part[0]), text)


def _quoted(part: str) -> str:
    if part == "\t":
        return " "
    text = json.dumps(json.loads(part), ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)


def as_usage(error: StarryError, place: str = "") -> StarryError:
    """What is wrong with the list, as the caller's fault; without the value where that looks like a secret."""
    message = error.message
    if isinstance(error, InvalidRepository):
        place, message = f"{error.file}:{error.line or 1}", error.bare_message
    shape = secret_shape(f"{message} {error.hint}")
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    if shape:
        return PolicyRefusal(f"{place}: a value looks like {shape}", hint=SECRETS_HINT, code="secret")
    if isinstance(error, InvalidRepository):
        return UsageFault(f"{place}: {message}", hint=error.hint)
    error.message = f"{place}: {message}"
    return error
