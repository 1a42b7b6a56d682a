"""The page of one preview, and what is done to it: extend, pin, delete."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from starry_gitops.core.context import folder_of
from starry_gitops.core.extend import Extend
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE
from starry_gitops.core.model import Result, Source
from starry_gitops.core.remove import Remove
from starry_gitops.core.settings import Overlay
from starry_gitops.core.texts import printable
from starry_gitops.core.ttl import format_duration
from starry_gitops.errors import NotFound, StarryError
from starry_gitops.publishing import Outcome
from starry_gitops.service import current_time
from starry_gitops.web.forms import Fault, fault_of, read_ttl
from starry_gitops.web.links import preview_path, proposed_path
from starry_gitops.web.listing import make_rows
from starry_gitops.web.problems import status_of
from starry_gitops.web.visit import PageRoute, Typed, Visit, Visiting, go_to, new_key

router = APIRouter(prefix="/previews/{overlay}/{name}", route_class=PageRoute, include_in_schema=False)

_ROLES = {"viewer": "You may look at it, not change it.", "developer": "Only its owner or an admin may change it."}


@router.get("")
def show_preview(visit: Visiting, overlay: str, name: str) -> Response:
    """All that is known of a preview; of one that is gone, its history."""
    try:
        return preview_page(visit, overlay, name)
    except NotFound as error:
        return _gone(visit, visit.overlay(overlay), name, error)


@router.post("/extend")
def extend(visit: Visiting, typed: Typed, overlay: str, name: str) -> Response:
    """Keeps it for longer."""
    text = typed.get("ttl", "").strip()

    def work() -> Outcome[Result]:
        ttl = read_ttl(text, visit.view.settings.policy.ttl)
        intent = Extend(source=Source(name=name), overlay=overlay, ttl=ttl)
        return visit.parts.writer.extend(visit.person, intent, key=typed.get("key"))

    return _changed(visit, overlay, name, "extended", work, ttl=text)


@router.post("/pin")
def pin(visit: Visiting, typed: Typed, overlay: str, name: str) -> Response:
    """Lets it never expire."""
    return _pinned(visit, typed, overlay, name, pinned=True)


@router.post("/unpin")
def unpin(visit: Visiting, typed: Typed, overlay: str, name: str) -> Response:
    """Lets it expire again."""
    return _pinned(visit, typed, overlay, name, pinned=False)


@router.get("/delete")
def ask_delete(visit: Visiting, overlay: str, name: str) -> Response:
    """Asks once more."""
    return _delete_page(visit, overlay, name)


@router.post("/delete")
def delete(visit: Visiting, typed: Typed, overlay: str, name: str) -> Response:
    """Deletes it."""
    where = visit.overlay(overlay)
    try:
        intent = Remove(sources=(Source(name=name),), overlay=where.name)
        outcome = visit.parts.writer.remove(visit.person, intent, key=typed.get("key"))
    except StarryError as error:
        return _delete_page(visit, overlay, name, [fault_of(error, "")], status=status_of(error))
    if outcome.proposal:
        return go_to(proposed_path(where.name, name, outcome.proposal))
    query = f"?overlay={where.name}&done={outcome.answer[0].action}&of={name}&commit={outcome.commit or ''}"
    return go_to(f"/{query}")


def preview_page(
    visit: Visit, overlay: str, name: str, faults: list[Fault] | None = None, *, status: int = 200, ttl: str = ""
) -> Response:
    """The page of a preview, perhaps with what went wrong.

    Raises:
        NotFound, InvalidRepository: there is none, or it is broken.
    """
    where, now, policy = visit.overlay(overlay), current_time(), visit.view.settings.policy.ttl
    one = visit.view.details(name, where.name, now)
    row = make_rows(visit.view.settings, [one])[0]
    return visit.page(
        "preview.html.j2",
        where,
        status=status,
        one=one,
        row=row,
        now=now,
        state=row.state(now),
        created_at=row.created_at,
        expires_at=row.expires_at,
        here=preview_path(where.name, name),
        commits=_commits(visit, where, name),
        files=_files(visit, where, name),
        policy=policy,
        ttl=ttl or format_duration(policy.clamp(one["ttlMinutes"])),
        faults=faults or [],
        key=new_key(),
        second_key=new_key(),
        may_change=visit.may("extend", one["owner"]) and visit.may("delete", one["owner"]),
        why_not=_ROLES.get(visit.person.role, ""),
        cluster=visit.parts.statuses.what if visit.parts.statuses else "",
    )


def _pinned(visit: Visit, typed: dict[str, str], overlay: str, name: str, *, pinned: bool) -> Response:
    def work() -> Outcome[Result]:
        intent = Extend(source=Source(name=name), overlay=overlay, pinned=pinned)
        return visit.parts.writer.extend(visit.person, intent, key=typed.get("key"))

    return _changed(visit, overlay, name, "pinned" if pinned else "unpinned", work)


def _changed(
    visit: Visit, overlay: str, name: str, done: str, work: Callable[[], Outcome[Result]], *, ttl: str = ""
) -> Response:
    try:
        outcome = work()
    except NotFound:
        raise
    except StarryError as error:
        return preview_page(visit, overlay, name, [fault_of(error)], status=status_of(error), ttl=ttl)
    if outcome.proposal:
        return go_to(proposed_path(overlay, name, outcome.proposal))
    word = done if outcome.answer.action == "updated" else outcome.answer.action
    return go_to(preview_path(overlay, name, done=word, commit=outcome.commit or ""))


def _delete_page(
    visit: Visit, overlay: str, name: str, faults: list[Fault] | None = None, *, status: int = 200
) -> Response:
    where = visit.overlay(overlay)
    one = visit.view.details(name, where.name)
    return visit.page(
        "delete.html.j2",
        where,
        status=status,
        one=one,
        here=preview_path(where.name, name),
        is_mine=visit.person.role == "developer" or one["owner"] == visit.person.email,
        faults=faults or [],
        key=new_key(),
    )


def _gone(visit: Visit, overlay: Overlay, name: str, error: NotFound) -> Response:
    try:
        commits = visit.view.history(name, overlay.name)
    except NotFound:
        raise error from None
    may_create = overlay.previews and visit.may("create", visit.person.email)
    return visit.page("gone.html.j2", overlay, status=404, name=name, commits=commits, may_create=may_create)


def _commits(visit: Visit, overlay: Overlay, name: str) -> list[dict[str, Any]]:
    try:
        return visit.view.history(name, overlay.name)
    except NotFound:
        return []


def _files(visit: Visit, overlay: Overlay, name: str) -> list[tuple[str, str]]:
    folder = folder_of(overlay, name)
    paths = [f"{folder}/{file}" for file in (APPLICATION_FILE, VALUES_FILE)]
    found = visit.view.context().snapshot.read_many(paths)
    return [(path, _lines(found[path].decode(errors="replace"))) for path in paths if path in found]


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))
