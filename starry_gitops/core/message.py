"""Commit messages: a subject, a body a person can read, and trailers a program can (git-interpret-trailers)."""

from collections.abc import Iterable

from starry_gitops.core.model import ValueEdit
from starry_gitops.core.paths import join_path
from starry_gitops.core.texts import printable


def preview_message(
    *,
    action: str,
    name: str,
    overlay: str,
    version: str,
    body: Iterable[str] = (),
    owner: str | None = None,
    pull_request: str | None = None,
    edits: Iterable[ValueEdit] = (),
) -> str:
    """The message for one preview. `action` is create, update, extend or delete; `edits` are those of `--set`."""
    trailers = [
        ("Starry-Action", action),
        ("Starry-Preview", name),
        ("Starry-Overlay", overlay),
        ("Starry-Owner", owner),
        ("Starry-Pull-Request", pull_request),
        *set_trailers(name, edits),
        ("Starry-Version", version),
    ]
    return compose(f"preview({name}): {action}", body, trailers)


def set_trailers(name: str, edits: Iterable[ValueEdit]) -> list[tuple[str, str]]:
    """Which values a person set through Starry: `upgrade` leaves them alone. The values themselves are not repeated."""
    return [("Starry-Set", f"{name} {join_path(edit.path)}") for edit in edits]


def compose(subject: str, body: Iterable[str], trailers: Iterable[tuple[str, str | None]]) -> str:
    """Subject, body lines and the trailers that have a value."""
    lines = [printable(subject), ""]
    text = [printable(line) for line in body]
    if text:
        lines += [*text, ""]
    lines += [printable(f"{key}: {value}") for key, value in trailers if value]
    return "\n".join(lines) + "\n"
