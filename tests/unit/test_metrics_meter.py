"""The meter: no second is counted twice; the traces it weighs packs with may hold anything."""

import json
import logging
import time
from pathlib import Path

import pytest

from starry_gitops.gitrepo.meter import Meter
from starry_gitops.gitrepo.process import command_of
from starry_gitops.gitrepo.traffic import Traffic, without_progress

SID = "20260131T180000.000000Z-P1"


def test_an_inner_phase_is_not_the_outer_ones_time() -> None:
    meter = Meter()
    with meter.phase("decide"):
        time.sleep(0.01)
        with meter.phase("read"), meter.phase("fetch"):
            time.sleep(0.02)
    costs = meter.costs()
    assert costs["decide"].seconds >= 0.01
    assert costs["fetch"].seconds >= 0.02
    assert costs["read"].seconds < costs["fetch"].seconds
    assert sum(cost.seconds for cost in costs.values()) <= meter.seconds()


class Records(logging.Handler):
    """The records of the block."""

    def __enter__(self) -> list[logging.LogRecord]:
        self.found: list[logging.LogRecord] = []
        logging.getLogger("starry").addHandler(self)
        logging.getLogger("starry").setLevel(logging.INFO)
        return self.found

    def __exit__(self, *_: object) -> None:
        logging.getLogger("starry").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record)


def test_an_attempt_begins_at_nothing_and_the_whole_has_all() -> None:
    meter = Meter()
    with Records() as records, meter.running(None):
        for attempt in (1, 2):
            meter.attempt = attempt
            with meter.phase("push"):
                meter.count("push", received=0, sent=100 * attempt)
            meter.end_attempt()
    fields = [(record.__dict__["event"], record.__dict__["fields"]) for record in records]
    assert [(event, each["bytesSent"]) for event, each in fields] == [("phase", 100), ("phase", 200), ("finished", 300)]
    assert fields[-1][1]["roundTrips"] == 2


def test_a_failure_is_measured_too() -> None:
    seen: list[str] = []
    meter = Meter()
    with pytest.raises(ValueError, match="no"), meter.running(lambda phase, _: seen.append(phase)), meter.phase("push"):
        raise ValueError("no")
    assert seen == ["push", ""]
    assert "push" in meter.costs()


def test_who_watches_is_told_how_far_it_is() -> None:
    seen: list[tuple[str, str]] = []
    meter = Meter()
    with meter.running(lambda *told: seen.append(told)), meter.phase("decide"):
        meter.tell(1, 7, "files")
        with meter.phase("read"):
            pass
    assert seen == [("decide", ""), ("decide", "1 of 7 files"), ("read", ""), ("decide", "1 of 7 files"), ("", "")]


def event(**fields: object) -> bytes:
    return json.dumps({"sid": SID, **fields}).encode() + b"\n"


WRITING = event(event="region_enter", label="Writing objects")


def bytes_of(value: object, sid: str = SID) -> bytes:
    return event(event="data", key="total_bytes", value=value, sid=sid)


@pytest.mark.parametrize(
    ("trace", "sent"),
    [
        (WRITING + bytes_of("312"), 312),
        (WRITING + bytes_of(312), 312),
        (bytes_of("99", sid="server") + WRITING + bytes_of("312") + bytes_of("7"), 312),
        (WRITING + bytes_of("99", sid="server") + bytes_of("312"), 312),
        (bytes_of("312"), 0),
        (WRITING, 0),
        (WRITING + bytes_of("-1"), 0),
        (WRITING + bytes_of("9" * 5000), 0),
        (WRITING + bytes_of(None), 0),
        (WRITING + b"[1, 2]\nnull\n{\n\xff\n" + b"[" * 100_000 + b"\n" + bytes_of("312"), 312),
        (b"", 0),
    ],
)
def test_what_was_sent_is_what_our_own_process_wrote(tmp_path: Path, trace: bytes, sent: int) -> None:
    traffic = Traffic(tmp_path)
    Path(traffic.variables("push")["GIT_TRACE2_EVENT"]).write_bytes(trace)
    Path(traffic.variables("fetch")["GIT_TRACE_PACKFILE"]).write_bytes(b"PACK")
    assert traffic.take() == (4, sent)
    assert traffic.take() == (0, 0)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_taken_out_and_nothing_else() -> None:
    progress = (
        "Enumerating objects: 9, done.\nCounting objects:  11% (1/9)\rCounting objects: 100% (9/9), done.\n"
        "Delta compression using up to 2 threads\nWriting objects: 100% (5/5), 312 bytes | 104.00 KiB/s, done.\n"
        "Total 5 (delta 1), reused 0 (delta 0), pack-reused 0\nremote: Resolving deltas: 100% (1/1), done.\n"
    )
    words = "remote: Counting on you\nremote: no, said the hook\nTo /srv/apps.git\n ! [remote rejected] main\nerror: no"
    assert without_progress(progress + words) == words
    assert without_progress("") == ""


def test_the_command_of_a_command_line() -> None:
    assert command_of(["push", "--porcelain"]) == "push"
    assert command_of(["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet"]) == "fetch"
