"""Reads JSON that a cluster answered: the wrong shape is an error, and every text is one bounded line."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from starry_gitops.core.texts import printable
from starry_gitops.core.ttl import parse_instant
from starry_gitops.errors import DoubtfulAnswer, UsageFault

_LONGEST = 4_000
_MOST = 50_000


class Shape:
    """One JSON object, and where it came from for messages.

    Raises:
        DoubtfulAnswer: by every method, when what is there is something else than was asked for.
    """

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise _wrong(where, "no JSON object")
        self._data: dict[str, Any] = data
        self.where = where

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def has(self, key: str) -> bool:
        """Whether the key is there, be it null."""
        return key in self._data

    def text(self, *path: str) -> str:
        """The text at a place, on one line; "" when there is none."""
        value = self._at(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._unlike(path, "a text")
        return one_line(value)

    def number(self, *path: str) -> int:
        """The whole number at a place; 0 when there is none."""
        value = self._at(path)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._unlike(path, "a whole number")
        return value

    def instant(self, *path: str) -> datetime | None:
        """The time at a place, in UTC; None when there is none."""
        text = self.text(*path)
        try:
            return parse_instant(text) if text else None
        except UsageFault:
            raise self._unlike(path, "a time") from None

    def texts(self, *path: str) -> tuple[str, ...]:
        """The list of texts at a place."""
        values = self._list(path)
        if not all(isinstance(value, str) for value in values):
            raise self._unlike(path, "a list of texts")
        return tuple(one_line(value) for value in values)

    def each(self, *path: str) -> Iterator["Shape"]:
        """The objects of the list at a place."""
        for number, value in enumerate(self._list(path)):
            yield Shape(value, f"{self.where}: {'.'.join(path)}[{number}]")

    def at(self, *path: str) -> "Shape":
        """The object at a place; an empty one when there is none."""
        value = self._at(path)
        return Shape({} if value is None else value, f"{self.where}: {'.'.join(path)}")

    def mapping(self, *path: str) -> Mapping[str, str]:
        """The texts by their keys at a place, each on one line; what is no text is left out."""
        return {one_line(key): one_line(value) for key, value in self._items(path) if isinstance(value, str)}

    def mapping_of_objects(self, *path: str) -> Mapping[str, "Shape"]:
        """The objects by their keys at a place."""
        place = f"{self.where}: {'.'.join(path)}"
        return {one_line(key): Shape(value, f"{place}: {one_line(key)}") for key, value in self._items(path)}

    def _items(self, path: tuple[str, ...]) -> list[tuple[str, Any]]:
        value = self._at(path)
        if not isinstance(value, dict | None) or len(value or {}) > _MOST:
            raise self._unlike(path, f"an object of {_MOST} keys at most")
        return list((value or {}).items())

    def _at(self, path: tuple[str, ...]) -> Any:
        value: Any = self._data
        for number, key in enumerate(path):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise self._unlike(path[:number], "an object")
            value = value.get(key)
        return value

    def _list(self, path: tuple[str, ...]) -> list[Any]:
        value = self._at(path)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > _MOST:
            raise self._unlike(path, f"a list of {_MOST} at most")
        return value

    def _unlike(self, path: tuple[str, ...], wanted: str) -> DoubtfulAnswer:
        return _wrong(self.where, f"{'.'.join(path)} is not {wanted}")


def _wrong(where: str, problem: str) -> DoubtfulAnswer:
    return DoubtfulAnswer(f"{where}: {problem}", hint="check the URL; is it what it should be that answers?")


def one_line(text: str) -> str:
    """The text without line breaks and control characters, cut where it is far too long."""
    return " ".join(printable(text[:_LONGEST]).split())
