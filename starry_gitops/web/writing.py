"""What is written: the same decisions as the CLI's, each published as one commit, in the name of the person."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.context import Context, find_existing
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import Plan, Result, Source
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.proposal import Naming, branch_of, branch_of_many
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.errors import ContentionLost, Interrupted, InvalidRepository, StarryError, UsageFault
from starry_gitops.gitrepo.target import Target
from starry_gitops.publishing import Outcome, publish
from starry_gitops.web.keys import Keys
from starry_gitops.web.people import Action, Door, NotAllowed, Person
from starry_gitops.web.reading import Reader

log = logging.getLogger("starry")

T = TypeVar("T")

MOST_AT_ONCE = 60
"""Writes that one process takes at once, most of which wait for their turn; threads beyond these are for readers."""


class Writer:
    """Publishes what people want. Threads may share it; those of one process take turns.

    They would only lose races against each other. Those of other processes are met at the branch, as always.
    """

    def __init__(self, target: Target, reader: Reader, door: Door) -> None:
        self._target = target
        self._reader = reader
        self._door = door
        self._keys = Keys()
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._turn = threading.Lock()
        self._is_closing = False

    def apply(self, person: Person, intent: Apply, *, dry_run: bool = False, key: str | None = None) -> Outcome[Result]:
        """Creates or updates a preview. A new one without an owner is the person's.

        Raises:
            NotAllowed: the preview, or the owner named, is not theirs.
            StarryError: as `starry create`.
        """

        def decide(context: Context) -> Plan[Result]:
            is_there, owner = _owner(context, intent.source, intent.overlay)
            wanted = intent if is_there or intent.owner else replace(intent, owner=person.email)
            for one in {owner if is_there else wanted.owner, wanted.owner or owner}:
                self._check(person, "create", one)
            return plan_apply(wanted, context)

        return self._do(person, decide, intent, branch_of(intent.source, intent.overlay), dry_run=dry_run, key=key)

    def extend(
        self, person: Person, intent: Extend, *, dry_run: bool = False, key: str | None = None
    ) -> Outcome[Result]:
        """Changes a preview's expiry or pin.

        Raises:
            NotAllowed: the preview is not theirs.
            StarryError: as `starry extend`.
        """

        def decide(context: Context) -> Plan[Result]:
            is_there, owner = _owner(context, intent.source, intent.overlay)
            if is_there:
                self._check(person, "extend", owner)
            return plan_extend(intent, context)

        return self._do(person, decide, intent, branch_of(intent.source, intent.overlay), dry_run=dry_run, key=key)

    def remove(
        self, person: Person, intent: Remove, *, dry_run: bool = False, key: str | None = None
    ) -> Outcome[tuple[Result, ...]]:
        """Removes previews.

        Raises:
            NotAllowed: one is not theirs.
            StarryError: as `starry delete`.
        """

        def decide(context: Context) -> Plan[tuple[Result, ...]]:
            for source in intent.sources:
                is_there, owner = _owner(context, source, intent.overlay)
                if is_there:
                    self._check(person, "delete", owner)
            return plan_remove(intent, context)

        return self._do(
            person, decide, intent, branch_of_many(intent.sources, intent.overlay), dry_run=dry_run, key=key
        )

    def close(self) -> None:
        """From now on nothing new is begun: a push under way ends, a lost race is not run again."""
        self._is_closing = True

    def _check(self, person: Person, action: Action, owner: str | None) -> None:
        if not self._door.may(person, action, owner):
            whose = f"previews of {owner}" if owner else "previews without an owner"
            raise NotAllowed(f"{person.email} may not {action} {whose}", hint="ask its owner, or an admin")

    def _do(
        self,
        person: Person,
        decide: Callable[[Context], Plan[T]],
        intent: Apply | Extend | Remove,
        proposal: Naming,
        *,
        dry_run: bool,
        key: str | None,
    ) -> Outcome[T]:
        def decide_unless_closing(context: Context) -> Plan[T]:
            self._refuse_closing()
            return decide(context)

        def work() -> Outcome[T]:
            target = replace(self._target, dry_run=dry_run, author=author_of(person))
            if dry_run:
                return publish(target, decide_unless_closing, proposal=proposal)
            with self._in_turn():
                outcome = publish(target, decide_unless_closing, proposal=proposal)
            self._show()
            return outcome

        with self._place():
            return self._keys.once((person.email, key), (repr(intent), dry_run), work) if key else work()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise ContentionLost("too many write at once", hint="try again in a moment")
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._target.timeout):
            raise ContentionLost("others write, and it was not this one's turn in time", hint="try again")
        try:
            self._refuse_closing()
            yield
        finally:
            self._turn.release()

    def _refuse_closing(self) -> None:
        if self._is_closing:
            raise Interrupted("the page is being stopped", hint="nothing was changed; try again")

    def _show(self) -> None:
        """The person's next look shows what they did."""
        try:
            self._reader.refresh()
        except StarryError as error:
            log.warning("what was pushed is not shown yet: %s", error.message, extra={"event": "stale"})


def author_of(person: Person) -> str:
    """As Git takes it. The name may be anything that an issuer says.

    Raises:
        UsageFault: the e-mail cannot be an author's.
    """
    email = person.email
    if not email.isprintable() or set(email) & set("<> ") or not email:
        raise UsageFault("your e-mail cannot stand in a commit", hint="ask whoever runs the sign-in")
    name = "".join(character if character.isprintable() and character not in "<>" else " " for character in person.name)
    return f"{name.strip()[:200] or email} <{email}>"


def _owner(context: Context, source: Source, overlay_name: str | None) -> tuple[bool, str | None]:
    """Whether the preview is there, and whose it is. A broken one is nobody's."""
    overlay = context.settings.overlay(overlay_name)
    name = resolve_name(source, context.settings, overlay)
    try:
        existing = find_existing(context, overlay, name)
    except InvalidRepository:
        return True, None
    return existing is not None, existing.preview.owner if existing else None
