"""Holds values against the chart's values.schema.json, as Helm does, when the chart is in the apps repository."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from starry_gitops.core.findings import Finding
from starry_gitops.core.model import Snapshot
from starry_gitops.core.settings import Chart
from starry_gitops.core.yamltext import Node, line_of, parse_document, plain
from starry_gitops.errors import InvalidRepository

_LONGEST_REASON = 300


class ChartSchema:
    """The chart's schema and default values. `findings` tells when they are broken; `check` then checks nothing."""

    def __init__(self, snapshot: Snapshot, chart: Chart) -> None:
        self.findings: list[Finding] = []
        self._defaults: dict[str, Any] = {}
        self._validator: Any = None
        self._unreadable = False
        if chart.repo_url is None:
            self._read(snapshot, chart)

    def check(self, values: Node, file: str) -> Iterator[Finding]:
        """What in the values, laid over the chart's defaults, the schema refuses."""
        own = plain(values)
        if self._validator is None or self._unreadable or not isinstance(own, dict):
            return
        for error in self._validator.iter_errors(merge_values(self._defaults, own)):
            path = [str(part) for part in error.instance_path]
            place = ".".join(path) or "the values"
            message = f"{place}: {_reason(error.message)}"
            yield Finding(rule="schema", file=file, line=line_of(values, *path), message=message)

    def _read(self, snapshot: Snapshot, chart: Chart) -> None:
        folder = "" if chart.path == "." else f"{chart.path}/"
        schema_file = f"{folder}values.schema.json"
        defaults = [f"{folder}{name}" for name in chart.value_files]
        files = snapshot.read_many([schema_file, *defaults])
        data = files.get(schema_file)
        if data is None:
            return
        for file in defaults:
            self._add_defaults(files.get(file), file)
        try:
            self._validator = _validator(data)
        except (ValueError, RecursionError) as error:
            # Helm's engine may read patterns that this one cannot: no reason to stop.
            message = f"values cannot be checked, the schema cannot be read: {str(error).splitlines()[0][:200]}"
            self.findings.append(Finding(rule="schema", file=schema_file, line=0, message=message, severity="warning"))

    def _add_defaults(self, data: bytes | None, file: str) -> None:
        if data is None:
            self.findings.append(Finding(rule="schema", file=file, line=0, message="named in valueFiles, but missing"))
            return
        try:
            content = _content(data, file)
        except InvalidRepository as error:
            message = f"values cannot be checked: {error.bare_message}"
            warning = Finding(rule="schema", file=file, line=error.line, message=message, severity="warning")
            self.findings.append(warning)
            self._unreadable = True
            return
        if isinstance(content, dict):
            self._defaults = merge_values(self._defaults, content)


def _reason(text: str) -> str:
    """The message begins with the value and ends with what is wrong with it: the end stays."""
    return text if len(text) <= _LONGEST_REASON else f"…{text[-_LONGEST_REASON:]}"


@lru_cache(maxsize=8)
def _validator(schema: bytes) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - costs 30 ms, needed for charts at hand only

    return jsonschema_rs.validator_for(json.loads(schema), retriever=_retrieve_nothing)


@lru_cache(maxsize=8)
def _content(data: bytes, file: str) -> Any:
    """Not to be changed: it is kept for the next preview."""
    return plain(parse_document(data, file=file))


def merge_values(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Helm's merge: maps are merged key by key, everything else replaces, and null removes a default."""
    merged = dict(below)
    for key, value in above.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge_values(merged[key], value)
        else:
            merged[key] = value
    return merged


def _retrieve_nothing(uri: str) -> Any:
    """A `$ref` to another place is never fetched."""
    raise ValueError(f"{uri} is not fetched")
