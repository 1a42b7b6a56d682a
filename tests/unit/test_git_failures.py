"""What Git and the forges say when a push or a fetch fails, and what each means."""

import pytest

from starry_gitops.errors import AccessDenied, StarryError
from starry_gitops.gitrepo.failures import LostRace, is_filter_refused, read_failure
from tests.unit.wordings_fetch import READS
from tests.unit.wordings_push import LOST, REFUSED, UNKNOWN, URL, Push


@pytest.mark.parametrize("push", LOST.values(), ids=LOST)
def test_a_lost_race_is_one_whatever_the_wording(push: Push) -> None:
    found = push.failure()
    assert isinstance(found, LostRace), found
    assert not found.ambiguous


@pytest.mark.parametrize("push", REFUSED.values(), ids=REFUSED)
def test_a_permanent_refusal_fails_at_once_with_the_servers_words(push: Push) -> None:
    found = push.failure()
    assert isinstance(found, AccessDenied), (type(found).__name__, str(found))
    assert found.message.isprintable()
    said = [
        line.removeprefix("remote:").strip()
        for line in push.err.splitlines()
        if line.startswith("remote: ") and line[8:].strip()
    ]
    words = [line for line in said if any(character.islower() for character in line)]
    assert not words or any(line.removeprefix("error: ").removeprefix("fatal: ") in found.message for line in words), (
        found.message
    )


@pytest.mark.parametrize("push", UNKNOWN.values(), ids=UNKNOWN)
def test_a_push_of_unknown_fate_is_looked_after(push: Push) -> None:
    found = push.failure()
    assert isinstance(found, LostRace)
    assert found.ambiguous


@pytest.mark.parametrize(("err", "kind"), READS.values(), ids=READS)
def test_why_reading_failed(err: str, kind: type[StarryError]) -> None:
    found = read_failure(err, "https://ada:hunter2@example.com/myorg/apps.git")
    assert type(found) is kind, (type(found).__name__, found.message)
    assert "hunter2" not in found.message
    assert found.message.isprintable()


@pytest.mark.parametrize(
    "words",
    [
        "fatal: sha1 file '/tmp/x/objects/pack/tmp_idx_7KhmhH' write error. Out of diskspace\n",
        "fatal: failed to write new configuration file /tmp/x/config.lock\n",
    ],
)
def test_a_full_disk_has_several_names(words: str) -> None:
    failure = read_failure(f"{words}fatal: fetch-pack: invalid index-pack output\n", URL)
    assert (type(failure), failure.exit_code) == (StarryError, 1)


def test_a_full_disk_of_ones_own_is_not_the_remotes_fault() -> None:
    found = read_failure(
        "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output\n", URL
    )
    assert type(found) is StarryError


@pytest.mark.parametrize(
    ("err", "refused"),
    [
        ("fatal: filter 'tree:4' not supported\n", True),
        ("remote: fatal: filter 'tree' not supported\n", True),
        ("error: Server does not allow request for unadvertised object 1234\n", True),
        ("fatal: invalid filter-spec 'tree:4'\n", True),
        ("fatal: Authentication failed\n", False),
        ("fatal: repository not found\n", False),
    ],
)
def test_a_server_that_knows_no_such_filter(err: str, refused: bool) -> None:
    assert is_filter_refused(err) is refused
