"""upgrade and a hostile past: forged trailers, odd old versions, other settings of Git, poor servers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_upgrade_history import APPLICATION, VALUES, is_moved, move
from tests.support.gitserver import GitServer
from tests.support.repos import Apps, Content, Link, Submodule
from tests.support.transport import http

STARRYS = "Starry-Action: update\nStarry-Preview: preview-1\n"


HOSTILE: dict[str, str] = {
    "control characters": "x\x01" + "a" * 40 + "\x02update\x02\x02:100644",
    "a separator": "x\x02y",
    "many": "\x01\x02\x03" * 50,
    "a raw line": f":100644 100644 {'1' * 40} {'2' * 40} M",
    "a commit's id": "a" * 40,
    "nothing": " ",
    "not UTF-8": "\udcff\udcfe",
    "long": "x" * 100_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("key", ["Starry-Action", "Starry-Set", "Starry-Set: preview-1 "])
def test_hostile_trailers_break_nothing(apps: Apps, key: str, value: str) -> None:
    apps.create("preview-1")
    message = f"by hand\n\nStarry-Preview: preview-1\n{key}: {value}\n"
    tree, tip = apps.git("rev-parse", "main^{tree}"), apps.tip()
    commit = f"tree {tree}\nparent {tip}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n{message}"
    oid = apps.git(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=commit.encode("utf-8", "surrogateescape")
    )
    apps.git("update-ref", "refs/heads/main", oid)
    move(apps)
    assert is_moved(apps)


def test_values_that_a_forged_trailer_claims_are_a_persons_at_worst(apps: Apps) -> None:
    apps.create("preview-1")
    apps.commit({VALUES: apps.read(VALUES) + "# x\n"}, f"x\n\n{STARRYS}Starry-Set: preview-1 ingress.hosts\n")
    move(apps)
    assert not is_moved(apps)


def test_a_trailer_of_another_preview_says_nothing_of_this_one(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-12")
    apps.commit({VALUES: apps.read(VALUES) + "# x\n"}, f"x\n\n{STARRYS}Starry-Set: preview-12 ingress.hosts\n")
    move(apps)
    assert is_moved(apps)


ODD: dict[str, Content] = {
    "a symlink": Link(target="/etc/passwd"),
    "a submodule": Submodule(),
    "not YAML": "a: [",
    "not UTF-8": b"\xff\xfe",
    "huge": "a: " + "x" * (3 << 20),
    "removed": None,
    "empty": "",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
@pytest.mark.parametrize("message", ["by hand", f"x\n\n{STARRYS}"], ids=["by a person", "with forged trailers"])
@pytest.mark.parametrize("path", [VALUES, APPLICATION], ids=["values", "application"])
def test_odd_old_versions_break_nothing(apps: Apps, path: str, content: Content, message: str) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    before = apps.read(path)
    apps.commit({path: content}, message)
    apps.commit({path: before}, message)
    move(apps)
    done = apps.run("upgrade", "--all")
    assert done.code == 0, done.err
    assert "preview-2" in [one["name"] for one in done.json()["updated"]]


CONFIGS = {
    "follow": "[log]\n\tfollow = true\n",
    "no root": "[log]\n\tshowRoot = false\n",
    "merges": "[log]\n\tdiffMerges = dense-combined\n",
    "signatures": "[log]\n\tshowSignature = true\n",
    "separators": '[trailer]\n\tseparators = "=#"\n',
    "encoding": "[i18n]\n\tlogOutputEncoding = UTF-16\n",
    "renames": "[diff]\n\trenames = copies\n",
    "colours": "[color]\n\tui = always\n[log]\n\tdate = relative\n\tdecorate = full\n",
    "format": "[format]\n\tpretty = oneline\n\tnotes = true\n",
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_users_own_settings_of_git_log_change_nothing(apps: Apps, home: Path, config: str) -> None:
    apps.create("preview-1")
    with (home / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(config)
    move(apps)
    assert is_moved(apps)


SERVERS: dict[str, Callable[[Apps], object]] = {
    "that filters": lambda apps: apps.git("config", "uploadpack.allowFilter", "true"),
    "that does not filter": lambda apps: apps.git("config", "uploadpack.allowFilter", "false"),
}


@pytest.mark.parametrize("old_protocol", [False, True], ids=["protocol 2", "protocol 0"])
@pytest.mark.parametrize("prepare", SERVERS.values(), ids=SERVERS)
def test_a_server(apps: Apps, server: GitServer, prepare: Callable[[Apps], object], old_protocol: bool) -> None:
    prepare(apps)
    server.old_protocol = old_protocol
    remote = http(apps, server)
    for tag in ("1.0.0", "2.0.0", "3.0.0"):
        remote.create("preview-1", tag=tag)
    move(apps)
    assert [one["name"] for one in remote.ok("upgrade", "--all")["updated"]] == ["preview-1"]
    assert apps.values("preview-1")["ingress"]["hosts"] == ["sample-be.preview-1.previews.example.org"]
