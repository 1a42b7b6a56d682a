"""Exit codes, rules and settings, as the reference pages show them."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docs import notes
from docs.markdown import ROOT, table
from starry_gitops import errors
from starry_gitops.core.findings import POLICY_RULES, RULES
from starry_gitops.settings.kinds import Block, Duration, Flag, Items, Kind, Named, Number, Text
from starry_gitops.settings.table import SETTINGS

API_CODES: Mapping[str, str] = {
    "not_signed_in": "Nobody is signed in. Only reading the sign-in page needs no name.",
    "not_allowed": "The person's role does not allow it, or the preview is somebody else's.",
    "other_origin": "The request comes from a page of another server.",
    "csrf": "The form is not of this session, or too old. Load the page again.",
    "sign_in_failed": "The issuer refused, or what it said does not hold.",
    "method_not_allowed": "There is no such action at this path.",
    "too_large": "The body is larger than any that is meant.",
    "media_type": "The body is not of the type that this path takes.",
    "idempotency_key_reused": "The key belongs to another request.",
    "too_many_followers": "Too many listen for changes already. Ask for the list from time to time.",
    "webhook_signature": "The webhook is not signed with a secret of `STARRY_WEBHOOK_SECRET`.",
    "busy": "Too many webhooks wait already, or the page is being stopped. Send it once more later.",
    "too_many_requests": "One person, or one address, asks too often. `Retry-After` says how long to wait.",
}
"""Codes that only the API has."""


def error_kinds() -> list[type[errors.StarryError]]:
    """Every kind of error."""
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [kind for kind in found if issubclass(kind, errors.StarryError)]


def exit_codes() -> dict[int, str]:
    """Every exit code and the class that carries it; those that no error has (0, 9) have an empty class."""
    found = {kind.exit_code: kind.__name__ for kind in error_kinds()}
    return {code: found.get(code, "") for code in sorted({*found, *notes.EXIT_CODES})}


def error_codes() -> dict[str, int]:
    """Every slug of `-o json` errors, with its exit code."""
    found = {kind.code: kind.exit_code for kind in error_kinds()}
    folder = ROOT / "starry_gitops"
    for path in sorted(set(folder.rglob("*.py")) - set((folder / "web").rglob("*.py"))):
        for kind, code in _raised(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(code, kind.exit_code)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _raised(module: ast.Module) -> Iterator[tuple[type[errors.StarryError], str]]:
    """Kinds of error that get a code of their own: `PolicyRefusal(…, code="ttl")`, also by `partial`."""
    kinds = {kind.__name__: kind for kind in error_kinds()}
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        names = [node.id for node in (call.func, *call.args[:1]) if isinstance(node, ast.Name)]
        codes = [
            word.value.value for word in call.keywords if word.arg == "code" and isinstance(word.value, ast.Constant)
        ]
        yield from ((kinds[name], str(code)) for name in names if name in kinds for code in codes)


def exit_code_table() -> str:
    """Codes, meanings, remedies."""
    rows = ((f"**{code}**", notes.EXIT_CODES[code].meaning, notes.EXIT_CODES[code].remedy) for code in exit_codes())
    return table(("code", "meaning", "what to do"), rows)


def error_code_table() -> str:
    """The slugs."""
    rows = ((f"`{code}`", str(number), notes.ERROR_CODES[code]) for code, number in error_codes().items())
    return table(("`error.code`", "exit", "meaning"), rows)


def api_codes() -> dict[str, int]:
    """The codes to which the API gives a status of their own."""
    from starry_gitops.web.problems import STATUS_BY_CODE  # noqa: PLC0415 - needs the extra

    return dict(STATUS_BY_CODE)


def api_code_table() -> str:
    """Statuses that the code tells; those of the API alone have their meaning here."""
    rows = (
        (f"`{code}`", str(status), API_CODES.get(code) or notes.ERROR_CODES[code])
        for code, status in api_codes().items()
    )
    return table(("`code`", "status", "meaning"), rows)


def api_status_table() -> str:
    """Statuses that the exit code tells."""
    from starry_gitops.web.problems import STATUS_BY_EXIT_CODE  # noqa: PLC0415 - needs the extra

    rows = ((f"**{code}**", str(status)) for code, status in STATUS_BY_EXIT_CODE.items())
    return table(("exit code", "status"), rows)


def rule_table() -> str:
    """Every rule."""
    return "\n\n".join(_rule(rule, holds) for rule, holds in RULES.items())


def _rule(rule: str, holds: str) -> str:
    note = notes.RULES[rule]
    policy = " What broke it before does not block another change to that preview."
    return (
        f"### {rule}\n\nHolds when {holds}.\n\n- *Why:* {note.reason}{policy if rule in POLICY_RULES else ''}\n"
        f"- *How to mend:* {note.remedy}"
    )


def settings_keys(block: Kind = SETTINGS, prefix: str = "") -> Iterator[tuple[str, Kind, bool]]:
    """Path, kind and whether it must be there, for every key of starry.yaml."""
    if isinstance(block, Named):
        yield from settings_keys(block.item, f"{prefix}NAME.")
    if not isinstance(block, Block):
        return
    for name, kind in block.keys.items():
        yield f"{prefix}{name}", kind, name in block.required
        yield from settings_keys(kind, f"{prefix}{name}.")


def _number(kind: Any) -> str:
    if kind.minimum == kind.maximum:
        return f"`{kind.minimum}`"
    return f"{'whole number' if kind.whole else 'number'}, {kind.minimum:,} to {kind.maximum:,}"


_SHAPES: Mapping[type, Callable[[Any], str]] = {
    Text: lambda kind: str(kind.shape),
    Number: _number,
    Flag: lambda _: "`true` or `false`",
    Duration: lambda _: "a duration: `30m`, `4h`, `1h30m`",
    Items: lambda kind: f"a list; each {_SHAPES[type(kind.item)](kind.item)}",
    Named: lambda _: "a map; you choose the keys",
    Block: lambda _: "a map",
}


def _default(path: str, kind: Kind, *, required: bool) -> str:
    if required:
        return "**required**"
    if path in notes.DEFAULTS:
        return notes.DEFAULTS[path]
    return "" if kind.default is None else f"`{_plain(kind.default)}`"


def _plain(value: Any) -> str:
    """A value as YAML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings_table() -> str:
    """Every key."""
    rows = (
        (f"`{path}`", kind.about, _SHAPES[type(kind)](kind), _default(path, kind, required=required))
        for path, kind, required in settings_keys()
    )
    return table(("key", "meaning", "value", "default"), rows)
