"""Holds requests and answers to GitLab's own Go client: its operations, their options, the types of its answers.

What it says of an answer: which fields there are, and of which type each is. Whatever is in a recorded answer of
gitlab.com must be there, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from tests.support import forge_schemas
from tests.support.forge_server import Asked, Reply

_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ALIAS = re.compile(r"^\t?type (\w+) ([\w.\[\]*]+)$|^type (\w+) (?!struct)(\S+)$", re.MULTILINE)
_FIELD = re.compile(r"^\t(\w+)\s+(\S.*?)\s+`(.*?)`$")
_EMBEDDED = re.compile(r"^\t\*?(\w+)(?:\s+`.*`)?$")
_TAG = re.compile(r'(\w+):"([^",]*)')
_FUNCTION = re.compile(r"^func \(s \*\w+\) \w+\((.*?)\) \(.*?\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ERRORS = frozenset({400, 401, 403, 404, 405, 409, 422})
_SUCCESS = {"GET": {200}, "POST": {201}, "PUT": {200}, "DELETE": {204}}
_TEXTS = {"string", "net.IP", "url.URL"}
# In a link to a list's next page GitLab repeats the project, too.
_IN_EVERY_QUERY = {"id"}
# What gitlab.com's answers have, and the client does not read.
_UNREAD = {"approvals_before_merge", "avatar_url", "followers", "following", "merge_status", "reference", "web_url"}
# They are in the answer for one merge request, and not in a list.
ONLY_ALONE = frozenset(
    {
        "changes_count",
        "diff_refs",
        "first_deployed_to_production_at",
        "head_pipeline",
        "latest_build_finished_at",
        "latest_build_started_at",
        "pipeline",
        "subscribed",
        "user",
    }
)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: what it takes in the query or the body, and the Go type of its answer."""

    method: str
    path: re.Pattern[str]
    options: str | None
    answer: str | None


@dataclass(frozen=True, kw_only=True)
class Client:
    """All that the client knows."""

    structs: Mapping[str, Mapping[str, str]]
    queries: Mapping[str, frozenset[str]]
    aliases: Mapping[str, str]
    operations: tuple[Operation, ...]


class GitLabContract:
    """`recorded` are answers of gitlab.com by the type of what is answered."""

    def __init__(self) -> None:
        merge_request = forge_schemas.gitlab_recording("get_merge_request")
        self._recorded = {"MergeRequest": merge_request, "MergeRequestDiff": _first("list_merge_request_diff")}

    def check_request(self, asked: Asked) -> list[str]:
        """What is wrong with a request."""
        operation = find_operation(asked.method, asked.path)
        if operation is None:
            return ["no operation of the client"]
        known = client().queries.get(operation.options or "", frozenset()) | _IN_EVERY_QUERY
        wrong = [f"query: no known {key}" for key in asked.query if key not in known]
        if asked.body is None:
            return wrong
        return [*wrong, *check(operation.options or "none", asked.body, "body")]

    def check_answer(self, asked: Asked, reply: Reply) -> list[str]:
        """What is wrong with an answer."""
        operation = find_operation(asked.method, asked.path)
        if operation is None:
            return []
        if reply.status in _ERRORS:
            return [] if isinstance(reply.data, dict) and "message" in reply.data else ["no message"]
        if reply.status not in _SUCCESS[asked.method]:
            return ["no status of a success"]
        if reply.status == 204:
            return [] if reply.data is None else ["there is a body"]
        return [*check(operation.answer or "none", reply.data, ""), *self._missing(operation.answer, reply.data)]

    def _missing(self, kind: str | None, data: Any) -> list[str]:
        recorded = self._recorded.get((kind or "").strip("[]*"))
        if recorded is None:
            return []
        one = data[0] if isinstance(data, list) and data else data
        left_out = ONLY_ALONE if isinstance(data, list) else frozenset()
        return [f"recorded, and not there: {key}" for key in recorded if one and key not in one and key not in left_out]


def _first(name: str) -> Any:
    return forge_schemas.gitlab_recording(name)[0]


def find_operation(method: str, path: str) -> Operation | None:
    """The client's operation for a method and a path."""
    found = (one for one in client().operations if one.method == method and one.path.fullmatch(path))
    return next(found, None)


def check(kind: str, data: Any, where: str) -> list[str]:  # noqa: PLR0911 - one for each kind of type
    """How data differs from a Go type. Go reads null into anything."""
    if data is None:
        return []
    kind = kind.lstrip("*")
    kind = client().aliases.get(kind, kind).lstrip("*")
    if kind.startswith("[]"):
        if not isinstance(data, list):
            return [f"{where}: no list"]
        return [text for number, one in enumerate(data) for text in check(kind[2:], one, f"{where}/{number}")]
    if kind in client().structs:
        return _check_struct(kind, data, where)
    if kind in {"time.Time", "ISOTime"}:
        return [] if _is_time(data) else [f"{where}: no time"]
    types: dict[str, type | tuple[type, ...]] = {"bool": bool, "float64": (int, float)}
    expected = str if kind in _TEXTS else int if kind.startswith(("int", "uint")) else types.get(kind)
    if expected is None or (isinstance(data, expected) and (expected is bool or not isinstance(data, bool))):
        return []
    return [f"{where}: no {kind}"]


def _check_struct(kind: str, data: Any, where: str) -> list[str]:
    if not isinstance(data, dict):
        return [f"{where}: no object"]
    fields = client().structs[kind]
    wrong = [f"{where}: {kind} has no {key}" for key in data if key not in fields and key not in _UNREAD]
    inner = [check(fields[key], data[key], f"{where}/{key}") for key in data if key in fields]
    return [*wrong, *(text for texts in inner for text in texts)]


def _is_time(data: Any) -> bool:
    try:
        return bool(datetime.fromisoformat(data))
    except (ValueError, TypeError):
        return False


@cache
def client() -> Client:
    """The client, read from its sources."""
    text = "\n".join(forge_schemas.gitlab_sources())
    bodies = dict(_STRUCT.findall(text))
    aliases = {a or c: b or d for a, b, c, d in _ALIAS.findall(text)}
    return Client(
        structs={name: _fields(name, bodies, "json") for name in bodies},
        queries={name: frozenset(_fields(name, bodies, "url")) for name in bodies if name.endswith("Options")},
        aliases=aliases,
        operations=tuple(one for args, body in _FUNCTION.findall(text) for one in _operation(args, body)),
    )


def _fields(name: str, bodies: Mapping[str, str], tag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in bodies.get(name, "").splitlines():
        field, embedded = _FIELD.match(line), _EMBEDDED.match(line)
        if field:
            tags = dict(_TAG.findall(field[3]))
            if tags.get(tag, "-") not in {"-", ""}:
                found[tags[tag]] = field[2]
        elif embedded and embedded[1] in bodies:
            found.update(_fields(embedded[1], bodies, tag))
    return found


def _operation(args: str, body: str) -> list[Operation]:
    path = re.search(r'withPath\("([^"]+)"', body)
    if path is None:
        return []
    method = re.search(r"withMethod\(http\.Method(\w+)\)", body)
    options = re.search(r"\bopts? \*?(\w+)", args)
    answer = re.search(r"do\[([^(]+)\]\(", body)
    pattern = re.sub("%[sdv]", "[^/]+", re.escape(path[1]))
    return [
        Operation(
            method=method[1].upper() if method else "GET",
            path=re.compile(f"/{pattern}"),
            options=options[1] if options else None,
            answer=answer[1] if answer else None,
        )
    ]
