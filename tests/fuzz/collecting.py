"""`gc` under a clock of one's own."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fuzz.ledger import Answer, first_match
from tests.fuzz.machine import Previews
from tests.fuzz.model import MAX_DELETES, Refused
from tests.support.basics import now, stamp

MOMENTS = ["now", "just before", "at", "just after", "in an hour", "in ten days"]


class Collecting(Previews):
    """Adds `gc`."""

    @precondition(lambda self: self.model.previews)
    @rule(
        data=st.data(), moment=st.sampled_from(MOMENTS), grace=st.sampled_from([None, None, 0, 10]),
        cap=st.sampled_from([None, 0, 1, 100]), force=st.booleans(), both=st.booleans(),
    )  # fmt: skip
    def gc(self, data: st.DataObject, moment: str, grace: Any, cap: Any, force: bool, both: bool) -> None:
        at = self._moment(data, moment, grace or 0)
        overlays = ("dev", "stage") if both else ("dev",)
        args = ["gc", *(["--now", stamp(at)] if at else []), *(["--include-overlay", "stage"] if both else [])]
        args += [*(["--grace", f"{grace}m"] if grace is not None else []), *(["--force"] if force else [])]
        args += ["--max-deletes", str(cap)] if cap is not None else []
        dry = self.ledger.run(*args, "--dry-run")
        self.ledger.expect_no_commit()
        answer = self.ledger.run(*args)

        def decide(instant: datetime) -> Any:
            when = at or instant
            gone = [
                (overlay, name)
                for overlay in overlays
                for name, known in self.model.of(overlay).items()
                if known.expired(when, grace or 0)
            ]
            too_many = not force and len(gone) > (MAX_DELETES if cap is None else cap)
            return Refused(frozenset({"too_many_deletions"})) if too_many else gone

        self._check_gc(dry, decide, overlays, at, grace)
        gone = self._check_gc(answer, decide, overlays, at, grace)
        self._count("gc refused" if isinstance(gone, Refused) else f"gc {min(len(gone), 3)}")
        if isinstance(gone, Refused) or not gone:
            self.ledger.expect_no_commit()
            return
        self._take_away(gone, answer)

    def _moment(self, data: st.DataObject, moment: str, grace: int) -> datetime | None:
        """When `gc` is to judge; None is the real clock."""
        if moment in {"in an hour", "in ten days"}:
            return now() + timedelta(hours=1 if moment == "in an hour" else 240)
        if moment == "now" or not self.model.previews:
            return None
        known = self.model.previews[data.draw(st.sampled_from(sorted(self.model.previews)))]
        seconds = {"just before": -1, "at": 0, "just after": 1}[moment]
        return known.expires + timedelta(minutes=grace, seconds=seconds)

    def _check_gc(
        self, answer: Answer, decide: Any, overlays: tuple[str, ...], at: datetime | None, grace: int | None
    ) -> Any:
        if answer.result.code:
            refusal = first_match(answer, decide, lambda one: isinstance(one, Refused))
            error = answer.result.error()
            assert (answer.result.code, error["code"]) == (10, "too_many_deletions"), (error, grace)
            return refusal
        found = answer.result.json()
        checked = sum(len(self.model.of(overlay)) for overlay in overlays)
        gone = first_match(
            answer, decide, lambda one: isinstance(one, list) and [name for _, name in one] == found["removed"]
        )
        assert (found["checked"], found["kept"], found["skipped"]) == (checked, checked - len(gone), [])
        assert found["now"] in {stamp(instant) for instant in ([at] if at else answer.instants)}
        return gone

    def _take_away(self, gone: list[tuple[str, str]], answer: Answer) -> None:
        touched = list(dict.fromkeys(overlay for overlay, _ in gone))
        trailers = [("Starry-Action", "gc"), *(("Starry-Preview", name) for _, name in gone)]
        trailers += [("Starry-Overlay", overlay) for overlay in touched]
        noun = "preview" if len(gone) == 1 else "previews"
        for key in gone:
            del self.model.previews[key]
        subject = f"previews({','.join(touched)}): remove {len(gone)} expired {noun}"
        self.ledger.expect_commit(subject, trailers, dict.fromkeys(gone, "D"), answer.result.json()["commit"])
