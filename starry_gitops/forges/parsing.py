"""Strict readers of a forge's JSON: whatever has not the expected shape is an error, never a guess."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Self

from starry_gitops.errors import DoubtfulAnswer

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PAGE = re.compile(r"https?://[^\s/]+/\S*")
_LARGEST = 2**63 - 1
_LONGEST_LINE = 2_000
_LONGEST_BODY = 2_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """The fields of one JSON object. `forge` is what messages call the server.

    Every method raises DoubtfulAnswer where the field is missing or has another shape.
    """

    forge: str
    values: dict[str, Any]

    @classmethod
    def of(cls, forge: str, data: Any, *, what: str) -> Self:
        """The fields of what should be an object; `what` says which."""
        if not isinstance(data, dict):
            raise _doubtful(forge, what)
        return cls(forge=forge, values=data)

    def line(self, key: str) -> str:
        """A text of bounded length, not empty: a name, a title."""
        found = self._text(key, _LONGEST_LINE)
        return found or self.doubt(key)

    def line_or_empty(self, key: str) -> str:
        """A text of bounded length."""
        return self._text(key, _LONGEST_LINE)

    def text(self, key: str) -> str:
        """A text over lines."""
        return self._text(key, _LONGEST_BODY)

    def body(self, key: str) -> str:
        """A text over lines; null is an empty one."""
        return "" if self.values.get(key, 0) is None else self.text(key)

    def page(self, key: str) -> str:
        """The URL of a page."""
        found = self._text(key, _LONGEST_LINE)
        return found if _PAGE.fullmatch(found) and found.isprintable() else self.doubt(key)

    def commit(self, key: str) -> str:
        """A commit's full id."""
        found = self._text(key, _LONGEST_LINE)
        return found if _COMMIT.fullmatch(found) else self.doubt(key)

    def number(self, key: str) -> int:
        """A whole number from 1: an id, a pull request's number."""
        found = self.count(key)
        return found or self.doubt(key)

    def count(self, key: str) -> int:
        """A whole number from 0."""
        found = self.values.get(key)
        if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= _LARGEST:
            return found
        return self.doubt(key)

    def flag(self, key: str) -> bool:
        """True or false."""
        found = self.values.get(key)
        return found if isinstance(found, bool) else self.doubt(key)

    def instant(self, key: str) -> datetime:
        """A time with its offset, in UTC."""
        try:
            found = datetime.fromisoformat(self._text(key, _LONGEST_LINE))
            return found.astimezone(UTC) if found.tzinfo else self.doubt(key)
        except (ValueError, OverflowError):
            self.doubt(key)

    def inner(self, key: str) -> "Fields":
        """An object's fields."""
        return Fields(forge=self.forge, values=self._of_type(key, dict))

    def inner_or_none(self, key: str) -> "Fields | None":
        """An object's fields; None for null. A missing key is an error."""
        return None if self.values.get(key, 0) is None else self.inner(key)

    def items(self, key: str) -> list[Any]:
        """A list."""
        found: list[Any] = self._of_type(key, list)
        return found

    def doubt(self, key: str) -> NoReturn:
        """Raises for a field."""
        raise _doubtful(self.forge, key)

    def _text(self, key: str, longest: int) -> str:
        found = self.values.get(key)
        return found if isinstance(found, str) and len(found) <= longest else self.doubt(key)

    def _of_type(self, key: str, kind: type) -> Any:
        found = self.values.get(key)
        return found if isinstance(found, kind) else self.doubt(key)


def _doubtful(forge: str, key: str) -> DoubtfulAnswer:
    hint = f"is it {forge}, and its API's URL right? Then run it again"
    return DoubtfulAnswer(f"{forge}: an answer without a valid {key!r}", hint=hint)
