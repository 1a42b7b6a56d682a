"""What a new preview asks of a server, and that the server which counts it tells the truth."""

import pytest

from benchmarks import plain
from benchmarks.bench import QUICK, Bench, create_command
from benchmarks.gitserver import LOCKED, OPEN
from benchmarks.network import Traffic, serve
from benchmarks.repositories import Bare, reset
from benchmarks.sandbox import Sandbox, make_sandbox

# Capabilities, branches, objects; capabilities, pack: fewer are not possible with Git's protocol over HTTP.
LEAST = ["hello upload-pack", "refs", "fetch", "hello receive-pack", "push"]


@pytest.fixture(name="sandbox", scope="module")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return make_sandbox(tmp_path_factory.mktemp("bench"))


@pytest.fixture(name="made", scope="module")
def _made(sandbox: Sandbox) -> Bare:
    return Bench(sandbox, QUICK).repository(previews=QUICK.few)


@pytest.fixture(name="bare")
def _bare(sandbox: Sandbox, made: Bare) -> Bare:
    reset(sandbox, made)
    return made


def create(sandbox: Sandbox, bare: Bare, place: str) -> Traffic:
    """What `starry create` asks of the server."""
    with serve(sandbox) as distant:
        url = f"{distant.address}{place}/{bare.path.name}"
        _, traffic = distant.count(0, lambda: sandbox.run(create_command(url, "new-preview")).seconds)
    return traffic


def test_a_new_preview_is_one_fetch_and_one_push(sandbox: Sandbox, bare: Bare) -> None:
    assert create(sandbox, bare, OPEN).asked == LEAST


def test_plain_git_asks_as_often(sandbox: Sandbox, bare: Bare) -> None:
    with serve(sandbox) as distant:
        url = f"{distant.address}{OPEN}/{bare.path.name}"
        _, traffic = distant.count(0, lambda: plain.create(sandbox, bare, "new-preview", url=url))
    assert traffic.asked == LEAST
    assert traffic.connections == 2


def test_a_token_costs_one_refusal_a_connection(sandbox: Sandbox, bare: Bare) -> None:
    sandbox = Sandbox(sandbox.folder, {**sandbox.env, "STARRY_GIT_TOKEN": "benchmark"})
    traffic = create(sandbox, bare, LOCKED)
    assert traffic.asked.count("refused") == traffic.connections == 2
    assert [one for one in traffic.asked if one != "refused"] == LEAST


def test_bytes_are_counted_each_way_and_anew(sandbox: Sandbox, bare: Bare) -> None:
    with serve(sandbox) as distant:
        url = f"{distant.address}{OPEN}/{bare.path.name}"
        target = sandbox.folder / "clone"
        _, clone = distant.count(0, lambda: sandbox.run(["git", "clone", "--bare", url, target]).seconds)
        _, look = distant.count(0, lambda: sandbox.run(["git", "ls-remote", url]).seconds)
    pack = sum(file.stat().st_size for file in target.glob("objects/pack/*.pack"))
    assert pack < clone.received < pack + 5000
    assert 0 < look.received < 2000
    assert 0 < look.sent < clone.sent


def test_the_delay_holds_back_each_way(sandbox: Sandbox, bare: Bare) -> None:
    """A handshake and two requests are three round trips: no machine is so fast that it takes less."""
    with serve(sandbox) as distant:
        url = f"{distant.address}{OPEN}/{bare.path.name}"
        seconds, traffic = distant.count(0.1, lambda: sandbox.run(["git", "ls-remote", url]).seconds)
    assert traffic.asked == ["hello upload-pack", "refs"]
    assert seconds >= 3 * 2 * 0.1
