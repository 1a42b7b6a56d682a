"""`apply` and `upgrade`: many previews in one commit."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fuzz.collecting import Collecting
from tests.fuzz.ledger import EXIT, Answer, first_match, urls_of
from tests.fuzz.model import MAX_DELETES, Key, Known, Refused, Repository, Wish
from tests.fuzz.wishes import NAMES, sound_wishes, wishes
from tests.support.basics import stamp

Entry = tuple[str, str, Wish]
"""Overlay, name and wish."""

_one = st.tuples(st.sampled_from(["dev", "dev", "stage"]), st.sampled_from(NAMES), sound_wishes())
_wish = st.one_of(wishes(), sound_wishes()).map(lambda wish: replace(wish, only_new=False))
_any = st.tuples(st.sampled_from(["dev", "stage", "prod"]), st.sampled_from(NAMES), _wish)
entries = st.lists(st.one_of(_one, _one, _one, _any), min_size=1, max_size=3, unique_by=lambda entry: entry[:2])
Outcome = tuple[list[Any], dict[Key, Known], list[Key]]
"""Each entry's action, preview or refusal; all previews afterwards; what was pruned."""


def entry_of(entry: Entry) -> dict[str, Any]:
    """As it stands in the list."""
    overlay, name, wish = entry
    fields = {
        "name": name, "overlay": overlay, "images": dict(wish.images), "owner": wish.owner, "commit": wish.commit,
        "ttl": f"{wish.ttl}m" if wish.ttl else None, "pin": wish.pin, "sequence": wish.sequence,
        "set": dict(wish.extra),
    }  # fmt: skip
    return {key: value for key, value in fields.items() if value is not None}


class AllCommands(Collecting):
    """Adds the lists."""

    @rule(
        listed=entries, going_on=st.booleans(), dry=st.booleans(), force=st.booleans(),
        prune=st.sampled_from([None, None, "all", "owner=ada"]),
    )  # fmt: skip
    def apply(self, listed: list[Entry], going_on: bool, dry: bool, force: bool, prune: str | None) -> None:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "list.json"
            file.write_text(json.dumps([entry_of(entry) for entry in listed]), encoding="utf-8")
            args = ["apply", "--file", str(file), *(["--keep-going"] if going_on else [])]
            args += [*(["--prune", "--selector", prune] if prune else []), *(["--force"] if prune and force else [])]

            def decide(instant: datetime) -> Any:
                return self._decide(listed, instant, prune=prune, force=force, going_on=going_on)

            if dry:
                self._check_batch(listed, self.ledger.run(*args, "--dry-run"), decide)
                self.ledger.expect_no_commit()
            answer = self.ledger.run(*args)
        outcome = self._check_batch(listed, answer, decide)
        self._count("apply refused" if isinstance(outcome, Refused) else f"apply {'and prune' if prune else ''}")
        if not isinstance(outcome, Refused):
            self._take_over(listed, outcome, answer)

    def _decide(
        self, listed: list[Entry], instant: datetime, *, prune: str | None, force: bool, going_on: bool
    ) -> Outcome | Refused:
        after = Repository(previews=dict(self.model.previews))
        gone = self._pruned(listed, prune)
        if prune and not force and len(gone) > MAX_DELETES:
            return Refused(frozenset({"too_many_deletions"}))
        for key in gone:
            del after.previews[key]
        results: list[Any] = []
        for overlay, name, wish in listed:
            result = after.apply((overlay, name), wish, instant)
            if isinstance(result, Refused) and not going_on:
                return result
            if not isinstance(result, Refused):
                after.previews[overlay, name] = result[1]
            results.append(result)
        return results, after.previews, gone

    def _pruned(self, listed: list[Entry], prune: str | None) -> list[Key]:
        """What the list speaks for and does not name, in the overlays that it names."""
        named = {(overlay, name) for overlay, name, _ in listed}
        return [
            (overlay, name)
            for overlay in dict.fromkeys(overlay for overlay, _, _ in listed)
            for name, known in self.model.of(overlay).items()
            if prune and (overlay, name) not in named and not known.pinned and (prune == "all" or known.owner == "ada")
        ]

    def _check_batch(self, listed: list[Entry], answer: Answer, decide: Any) -> Any:
        if not answer.result.out:
            outcome = first_match(answer, decide, lambda one: isinstance(one, Refused))
            self.ledger.expect_refusal(answer, outcome)
            return outcome
        found = answer.result.json()

        def fits(outcome: Any) -> bool:
            if isinstance(outcome, Refused):
                return False
            results, _, gone = outcome
            shown = [_shown(entry, result) for entry, result in zip(listed, results, strict=True)]
            codes = [one["error"]["code"] if one["action"] == "failed" else "" for one in found[: len(listed)]]
            right = all(
                code in result.codes for code, result in zip(codes, results, strict=True) if isinstance(result, Refused)
            )
            names = [(one["name"], one["action"]) for one in found[len(listed) :]]
            return bool(
                right
                and shown == [_seen(one) for one in found[: len(listed)]]
                and names == [(name, "deleted") for _, name in gone]
            )

        outcome = first_match(answer, decide, fits)
        failed = next((one for one in found if one["action"] == "failed"), None)
        assert answer.result.code == (EXIT[failed["error"]["code"]] if failed else 0)
        return outcome

    def _take_over(self, listed: list[Entry], outcome: Outcome, answer: Answer) -> None:
        results, previews, gone = outcome
        landed = {
            (overlay, name): result[0]
            for (overlay, name, _), result in zip(listed, results, strict=True)
            if not isinstance(result, Refused) and result[0] != "unchanged"
        }
        self.model.previews.clear()
        self.model.previews.update(previews)
        actions = {**landed, **dict.fromkeys(gone, "deleted")}
        if not actions:
            self.ledger.expect_no_commit()
            return
        overlays = list(dict.fromkeys(overlay for overlay, _ in actions))
        trailers = [("Starry-Action", "apply"), *(("Starry-Preview", name) for _, name in actions)]
        trailers += [("Starry-Overlay", overlay) for overlay in overlays]
        counts = Counter(actions.values())
        words = ", ".join(f"{counts[word]} {word}" for word in ("created", "updated", "deleted") if counts[word])
        letters = {key: {"created": "A", "updated": "M", "deleted": "D"}[action] for key, action in actions.items()}
        commit = next(one["commit"] for one in answer.result.json() if one["commit"])
        self.ledger.expect_commit(f"previews({','.join(overlays)}): apply, {words}", trailers, letters, commit)
        self.ledger.expect_files(landed)

    @precondition(lambda self: self.model.previews)
    @rule(revision=st.sampled_from(["main", "stable", "HEAD"]))
    def upgrade(self, revision: str) -> None:
        settings = self.ledger.apps.read("starry.yaml")
        lines = [line for line in settings.splitlines() if not line.startswith("targetRevision:")]
        self.ledger.commit({"starry.yaml": "\n".join([*lines, f"targetRevision: {revision}", ""])}, [])
        check = self.ledger.run("upgrade", "--all", "--all-overlays", "--check").result
        answer = self.ledger.run("upgrade", "--all", "--all-overlays")
        found = answer.result.json()
        assert (answer.result.code, found["skipped"], found["remaining"]) == (0, [], 0), found
        assert found["checked"] == len(self.model.previews)
        keys = [(one["overlay"], one["name"]) for one in found["updated"]]
        assert check.code == (11 if keys else 0), check
        self._count(f"upgrade {min(len(keys), 3)}")
        if keys:
            overlays = list(dict.fromkeys(overlay for overlay, _ in keys))
            trailers = [("Starry-Action", "upgrade"), *(("Starry-Preview", name) for _, name in keys)]
            trailers += [("Starry-Overlay", overlay) for overlay in overlays]
            subject = f"previews({','.join(overlays)}): upgrade {len(keys)} preview{'s' if len(keys) > 1 else ''}"
            self.ledger.expect_commit(subject, trailers, dict.fromkeys(keys, "M"), found["commit"])
        self.ledger.expect_files(self.model.previews)
        assert self.ledger.run("upgrade", "--all", "--all-overlays", "--check").result.code == 0
        self.ledger.expect_no_commit()


def _shown(entry: Entry, result: Any) -> tuple[Any, ...]:
    """What a result of the list must say."""
    overlay, name, _ = entry
    if isinstance(result, Refused):
        return name, overlay, "failed", None, None, {}
    action, known = result
    return name, overlay, action, stamp(known.expires), known.ttl, urls_of(name, known.images)


def _seen(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found[key] for key in ("name", "overlay", "action", "expiresAt", "ttlMinutes", "urls"))
