"""Random commands and random people on one repository; after each step it is as the model says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fuzz.ledger import Answer, Ledger, first_match, preview_trailers, stamp, urls_of
from tests.fuzz.model import TOTAL, Key, Refused, Wish, extended, taken_by_other
from tests.fuzz.people import EDITS, edit_by_hand
from tests.fuzz.reading import check_history, check_list, check_show
from tests.fuzz.wishes import BRANCHES, NAMES, sound_wishes, source_args, sources, wish_args, wishes
from tests.support.repos import Apps

overlays = st.sampled_from(["dev", "dev", "dev", "stage", "prod"])
live_overlays = st.sampled_from(["dev", "dev", "stage"])


class Previews(RuleBasedStateMachine):
    """The commands as rules. `fresh` gives a repository without a preview."""

    fresh: ClassVar[Callable[[], Apps]]
    totals: ClassVar[dict[str, int]] = {}

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger(self.fresh())
        self.model = self.ledger.model
        self.slugs: dict[str, str] = {branch: self._slug(branch) for branch in BRANCHES}
        assert len(set(self.slugs.values())) == len(BRANCHES)

    def _slug(self, branch: str) -> str:
        args = ("create", "--source-branch", branch, "--image", "backend=1", "--dry-run")
        return str(self.ledger.run(*args).result.json()["name"])

    def _count(self, what: str) -> None:
        self.totals[what] = self.totals.get(what, 0) + 1

    def _key(self, overlay: str, source: dict[str, str]) -> Key:
        """Overlay and name of what a source means."""
        name = source.get("name") or (f"preview-{source['pr'].rpartition('/')[2]}" if "pr" in source else None)
        return overlay, name or self.slugs[source["branch"]]

    @rule(overlay=overlays, source=sources, wish=wishes(), dry=st.booleans())
    def create(self, overlay: str, source: dict[str, str], wish: Wish, dry: bool) -> None:
        self._apply("create", overlay, source, wish, dry=dry)

    @precondition(lambda self: len(self.model.previews) < 2 * TOTAL)
    @rule(overlay=live_overlays, source=sources, wish=sound_wishes())
    def create_soundly(self, overlay: str, source: dict[str, str], wish: Wish) -> None:
        self._apply("create", overlay, source, wish, dry=False)

    @precondition(lambda self: len(self.model.previews) < TOTAL)
    @rule(overlay=live_overlays, name=st.sampled_from(NAMES), wish=sound_wishes())
    def create_one_more(self, overlay: str, name: str, wish: Wish) -> None:
        self._apply("create", overlay, {"name": name}, wish, dry=False)

    @rule(overlay=live_overlays, source=sources, wish=wishes(must_exist=True), dry=st.booleans())
    def update(self, overlay: str, source: dict[str, str], wish: Wish, dry: bool) -> None:
        self._apply("update", overlay, source, wish, dry=dry)

    @precondition(lambda self: self.model.previews)
    @rule(data=st.data(), wish=st.one_of(wishes(), sound_wishes()))
    def change_one_that_is_there(self, data: st.DataObject, wish: Wish) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.previews)))
        wish = replace(wish, images={} if data.draw(st.booleans()) else wish.images, only_new=False)
        self._apply("create", key[0], {"name": key[1]}, wish, dry=False)

    def _apply(self, command: str, overlay: str, source: dict[str, str], wish: Wish, *, dry: bool) -> None:
        key = self._key(overlay, source)
        wish = replace(wish, pull_request=source.get("pr"), branch=source.get("branch"))
        args = (command, *source_args(source), "--overlay", overlay, *wish_args(wish))

        def decide(instant: datetime) -> Any:
            return self.model.apply(key, wish, instant)

        self._settle(key, args, decide, {"created": "create", "updated": "update"}, dry=dry)

    @rule(
        overlay=live_overlays, source=sources, pin=st.sampled_from([None, True, False]),
        ttl=st.sampled_from([None, 1, 5, 30, 60, 240, 241]), until=st.sampled_from([None, None, 3, 10, 100, 300]),
        dry=st.booleans(),
    )  # fmt: skip
    def extend(self, overlay: str, source: dict[str, str], pin: Any, ttl: Any, until: Any, dry: bool) -> None:
        self._extend(self._key(overlay, source), source, pin=pin, ttl=ttl, until=until, dry=dry)

    @precondition(lambda self: self.model.previews)
    @rule(data=st.data(), pin=st.sampled_from([None, True, False]), ttl=st.sampled_from([None, 5, 30, 90]))
    def extend_one_that_is_there(self, data: st.DataObject, pin: Any, ttl: Any) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.previews)))
        self._extend(key, {"name": key[1]}, pin=pin, ttl=ttl, until=None, dry=False)

    def _extend(self, key: Key, source: dict[str, str], *, pin: Any, ttl: Any, until: Any, dry: bool) -> None:
        if pin is None and ttl is None and until is None:
            return
        ttl = None if until else ttl
        instant = datetime.now().astimezone().replace(microsecond=0) + timedelta(minutes=until or 0, seconds=30)
        args = ["extend", *source_args(source), "--overlay", key[0]]
        args += [*(["--ttl", f"{ttl}m"] if ttl else []), *(["--until", instant.isoformat()] if until else [])]
        args += [*(["--pin"] if pin else []), *(["--unpin"] if pin is False else [])]

        def decide(at: datetime) -> Any:
            known = self.model.previews.get(key)
            if known is None:
                return Refused(frozenset({"not_found"}))
            wanted = extended(known, at, ttl=ttl, until=instant if until else None, pin=pin)
            if taken_by_other(known, source.get("pr"), source.get("branch")):
                return Refused(frozenset({"name_taken", *(wanted.codes if isinstance(wanted, Refused) else ())}))
            return wanted if isinstance(wanted, Refused) else ("unchanged" if wanted == known else "updated", wanted)

        self._settle(key, tuple(args), decide, {"updated": "extend"}, dry=dry)

    def _settle(
        self, key: Key, args: tuple[str, ...], decide: Callable[[datetime], Any], words: dict[str, str], *, dry: bool
    ) -> None:
        """Runs a command for one preview, dry first when asked for, and takes over what it did."""
        if dry:
            self._check_result(key, self.ledger.run(*args, "--dry-run"), decide)
            self.ledger.expect_no_commit()
        answer = self.ledger.run(*args)
        outcome = self._check_result(key, answer, decide)
        self._count(f"{args[0]} refused" if isinstance(outcome, Refused) else f"{args[0]} {outcome[0]}")
        if isinstance(outcome, Refused):
            return
        action, known = outcome
        if action == "unchanged":
            self.ledger.expect_no_commit()
            return
        self.model.previews[key] = known
        word = words[action]
        letters = {key: "A" if action == "created" else "M"}
        commit = answer.result.json()["commit"]
        self.ledger.expect_commit(f"preview({key[1]}): {word}", preview_trailers(word, key, known), letters, commit)
        self.ledger.expect_files([key])
        again = self._check_result(key, self.ledger.run(*args), decide)
        assert "--only-new" in args or again[0] == "unchanged", again
        self.ledger.expect_no_commit()

    def _check_result(self, key: Key, answer: Answer, decide: Callable[[datetime], Any]) -> Any:
        """The answer, or the refusal, is what the model decides at one of the possible instants."""
        if answer.result.code:
            outcome = first_match(answer, decide, lambda one: isinstance(one, Refused))
            self.ledger.expect_refusal(answer, outcome)
            return outcome
        found = answer.result.json()

        def fits(outcome: Any) -> bool:
            if isinstance(outcome, Refused):
                return False
            action, known = outcome
            shown = (found["action"], found["expiresAt"], found["ttlMinutes"], found["pinned"], found["urls"])
            return bool(shown == (action, stamp(known.expires), known.ttl, known.pinned, urls_of(key[1], known.images)))

        outcome = first_match(answer, decide, fits)
        assert (found["name"], found["namespace"], found["overlay"]) == (key[1], key[1], key[0])
        return outcome

    @precondition(lambda self: self.model.previews)
    @rule(overlay=live_overlays, names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), must=st.booleans())
    def delete(self, overlay: str, names: list[str], must: bool) -> None:
        keys = [(overlay, name) for name in dict.fromkeys(names)]
        there = {key: self.model.previews[key] for key in keys if key in self.model.previews}
        answer = self.ledger.run("delete", *names, "--overlay", overlay, *(["--must-exist"] if must else []))
        self._count(f"delete {len(there)} of {len(keys)}")
        if must and len(there) < len(keys):
            self.ledger.expect_refusal(answer, Refused(frozenset({"not_found"})))
            return
        found = answer.result.json()
        found = found if isinstance(found, list) else [found]
        assert [(one["name"], one["action"]) for one in found] == [
            (key[1], "deleted" if key in there else "absent") for key in keys
        ]
        if not there:
            self.ledger.expect_no_commit()
            return
        for key in there:
            del self.model.previews[key]
        (first, known), *more = there.items()
        several = [("Starry-Action", "delete"), *(("Starry-Preview", name) for _, name in there)]
        trailers = [*several, ("Starry-Overlay", overlay)] if more else preview_trailers("delete", first, known)
        subject = f"previews({overlay}): delete {len(there)}" if more else f"preview({first[1]}): delete"
        commit = next(one["commit"] for one in found if one["action"] == "deleted")
        self.ledger.expect_commit(subject, trailers, dict.fromkeys(there, "D"), commit)

    @precondition(lambda self: self.model.previews)
    @rule(data=st.data(), kind=st.sampled_from(sorted(EDITS)), number=st.integers(0, 10**6))
    def person(self, data: st.DataObject, kind: str, number: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.previews)))
        edit_by_hand(self.ledger, key, kind, number)
        self._count(f"person: {kind}")

    @rule(overlay=live_overlays, owner=st.sampled_from([None, "ada", "bob"]), within=st.sampled_from([None, 0, 30, 90]))
    def look(self, overlay: str, owner: Any, within: Any) -> None:
        check_list(self.ledger, overlay, owner, within)
        self._count("list")

    @rule(overlay=live_overlays, name=st.sampled_from(NAMES))
    def show(self, overlay: str, name: str) -> None:
        check_show(self.ledger, (overlay, name))
        check_history(self.ledger, (overlay, name))
        self._count("show, history")

    @invariant()
    def valid(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.expect_valid()

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            merges = self.ledger.apps.git("rev-list", "--merges", "HEAD")
            assert merges == "", "the branch is not a line"
            self.ledger.expect_files(self.model.previews)
            self.totals["commands"] = self.totals.get("commands", 0) + self.ledger.steps
