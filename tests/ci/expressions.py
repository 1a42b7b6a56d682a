"""Expressions of GitHub Actions and conditions of GitLab rules, as far as the project's pipelines use them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_GITHUB = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||==|!=|!|\(|\)|[A-Za-z_][\w.-]*)")
_GITLAB = re.compile(r"\s*(\"[^\"]*\"|/(?:[^/\\]|\\.)*/|&&|\|\||==|!=|=~|\(|\)|\$\w+|null)")
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)

Context = Mapping[str, Any]


def evaluate(text: str, context: Context) -> Any:
    """An expression's value; a context that holds nothing at a place gives an empty text."""
    inside = _INSIDE.fullmatch(text.strip())
    return _Reader(_tokens(_GITHUB, inside[1] if inside else text), lambda word: _github(word, context)).whole()


def filled(text: Any, context: Context) -> str:
    """A text with the value of each `${{ … }}` in its place."""
    return _INSIDE.sub(lambda found: shown(evaluate(found[1], context)), shown(text))


def shown(value: Any) -> str:
    """A value as a text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def holds(rule: str, variables: Mapping[str, str]) -> bool:
    """Whether the condition of a GitLab rule holds."""
    return bool(_Reader(_tokens(_GITLAB, rule), lambda word: _gitlab(word, variables)).whole())


def _tokens(pattern: re.Pattern[str], text: str) -> list[str]:
    found, position = list[str](), 0
    while text[position:].strip():
        token = pattern.match(text, position)
        assert token, f"not understood: {text[position:]!r}"
        found.append(token[1])
        position = token.end()
    return found


def _github(word: str, context: Context) -> Any:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    if word in {"cancelled", "always", "success", "failure"}:
        return {"cancelled": False, "failure": bool(context.get("failed"))}.get(word, True)
    value: Any = context
    for part in word.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value


def _gitlab(word: str, variables: Mapping[str, str]) -> Any:
    if word.startswith("$"):
        return variables.get(word[1:])
    return None if word == "null" else re.compile(word[1:-1]) if word.startswith("/") else word[1:-1]


class _Reader:
    """Reads from the loosest operator to the tightest."""

    def __init__(self, tokens: list[str], value: Callable[[str], Any]) -> None:
        self.tokens = tokens
        self.value = value

    def whole(self) -> Any:
        found = self.either()
        assert not self.tokens, f"left over: {self.tokens}"
        return found

    def either(self) -> Any:
        left = self.both()
        while self.take("||"):
            right = self.both()
            left = left or right
        return left

    def both(self) -> Any:
        left = self.comparison()
        while self.take("&&"):
            right = self.comparison()
            left = left and right
        return left

    def comparison(self) -> Any:
        left = self.single()
        for operator in ("==", "!=", "=~"):
            if self.take(operator):
                right = self.single()
                return bool(right.search(left or "")) if operator == "=~" else (left == right) == (operator == "==")
        return left

    def single(self) -> Any:
        if self.take("!"):
            return not self.single()
        if self.take("("):
            found = self.either()
            assert self.take(")")
            return found
        word = self.tokens.pop(0)
        if self.take("("):
            assert self.take(")"), "a function with arguments"
        return self.value(word)

    def take(self, token: str) -> bool:
        if self.tokens[:1] != [token]:
            return False
        self.tokens.pop(0)
        return True
