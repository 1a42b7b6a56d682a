"""The commands that only look: `list`, `show`, `history`."""

from datetime import datetime, timedelta
from typing import Any

from tests.fuzz.ledger import Ledger, urls_of
from tests.fuzz.model import Key, Known
from tests.support.basics import stamp


def row_of(key: Key, known: Known, now: datetime) -> dict[str, Any]:
    """One preview as `list` must show it."""
    return {
        "name": key[1],
        "overlay": key[0],
        "namespace": key[1],
        "images": {part: tag for part, (_, tag) in known.images.items()},
        "urls": urls_of(key[1], known.images),
        "owner": known.owner,
        "pullRequest": known.pull_request,
        "createdAt": stamp(known.created),
        "expiresAt": stamp(known.expires),
        "expired": known.expired(now),
        "pinned": known.pinned,
    }


def check_list(ledger: Ledger, overlay: str, owner: str | None, within: int | None) -> None:
    """All, or those that the filters leave."""
    args = [*(["--owner", owner] if owner else []), *(["--expires-within", f"{within}m"] if within is not None else [])]
    answer = ledger.run("list", "--overlay", overlay, *args)
    assert answer.result.code == 0, answer.result.err

    def rows(now: datetime) -> list[dict[str, Any]]:
        return [
            row_of((overlay, name), known, now)
            for name, known in ledger.model.of(overlay).items()
            if owner in {None, known.owner}
            and (within is None or (not known.pinned and known.expires <= now + timedelta(minutes=within)))
        ]

    assert answer.result.json() in [rows(now) for now in answer.instants], (rows(answer.instants[0]), answer.result)
    ledger.expect_no_commit()


def check_show(ledger: Ledger, key: Key) -> None:
    """Everything known about one, or exit 3."""
    answer, known = ledger.run("show", key[1], "--overlay", key[0]), ledger.model.previews.get(key)
    if known is None:
        assert answer.result.code == 3
        return
    found = answer.result.json()
    assert found.pop("lastCommit")["subject"] == ledger.model.subjects[key][-1]
    more = {
        "ttlMinutes": known.ttl,
        "repositories": {part: repository for part, (repository, _) in known.images.items()},
        "branch": known.branch,
        "commit": known.commit,
        "sequence": known.sequence,
    }
    assert found in [{**row_of(key, known, now), **more} for now in answer.instants], (found, known)


def check_history(ledger: Ledger, key: Key) -> None:
    """The preview's commits, newest first, also after it is gone."""
    answer, subjects = ledger.run("history", key[1], "--overlay", key[0]), ledger.model.subjects.get(key)
    if subjects is None:
        assert answer.result.code == 3
        return
    assert [one["subject"] for one in answer.result.json()] == subjects[::-1]
