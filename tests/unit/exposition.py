"""A strict reader of Prometheus' text format: what a collector would refuse, or read otherwise than meant, fails."""

import re
from collections.abc import Mapping

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"'
_SAMPLE = re.compile(
    rf"(?P<name>{_NAME})(?:\{{(?P<labels>{_LABEL}(?:,{_LABEL})*)\}})? (?P<value>-?[0-9]+(?:\.[0-9]+)?)"
)
_PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"')

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def read_exposition(text: str) -> Samples:
    """Name and labels → value. Each metric stands in one group: HELP, TYPE gauge, its samples."""
    assert text.endswith("\n")
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    seen: list[str] = []
    lines = iter(text[:-1].split("\n"))
    current = ""
    for line in lines:
        if line.startswith("# HELP "):
            current = re.fullmatch(rf"# HELP ({_NAME}) \S.*", line)[1]
            assert next(lines) == f"# TYPE {current} gauge"
            assert current not in seen
            seen.append(current)
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, line
        assert sample["name"] == current, line
        labels = tuple((key, _unescaped(value)) for key, value in _PAIR.findall(sample["labels"] or ""))
        assert (current, labels) not in found, line
        found[current, labels] = float(sample["value"])
    assert {name for name, _ in found} == set(seen), "a metric without a sample"
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
