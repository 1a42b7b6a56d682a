"""The commit: subject, trailers, author, committer, signature."""

from pathlib import Path

import pytest

from tests.support.repos import Apps
from tests.support.sshserver import make_key, missing_program

CREATE = ("create", "preview-1", "--image", "backend=1.0.0")


def test_subject_and_trailers_of_create(apps: Apps) -> None:
    url = "https://github.com/myorg/sample/pull/1"
    apps.ok(*CREATE, "--owner", "alice", "--pr", url)
    assert apps.git("log", "-1", "--format=%s") == "preview(preview-1): create"
    trailers = apps.trailers()
    version = trailers.pop("Starry-Version")
    assert version[0].isdigit()
    assert trailers == {
        "Starry-Action": "create",
        "Starry-Preview": "preview-1",
        "Starry-Overlay": "dev",
        "Starry-Owner": "alice",
        "Starry-Pull-Request": url,
    }


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (("update", "preview-1", "--image", "backend=2.0.0"), "update"),
        (("create", "preview-1", "--image", "backend=2.0.0"), "update"),
        (("extend", "preview-1", "--ttl", "1h"), "extend"),
        (("delete", "preview-1"), "delete"),
    ],
)
def test_subject_and_action_of_the_other_commands(apps: Apps, command: tuple[str, ...], action: str) -> None:
    apps.ok(*CREATE)
    apps.ok(*command)
    assert apps.git("log", "-1", "--format=%s") == f"preview(preview-1): {action}"
    assert apps.trailers()["Starry-Action"] == action
    assert apps.trailers()["Starry-Preview"] == "preview-1"


def test_a_collection_has_trailers_too(apps: Apps) -> None:
    apps.ok(*CREATE)
    apps.ok("gc", "--now", "2099-01-01T00:00:00Z")
    trailers = apps.trailers()
    assert trailers["Starry-Action"] == "gc"
    assert trailers["Starry-Overlay"] == "dev"


def test_unknown_facts_leave_no_trailer(apps: Apps) -> None:
    apps.ok(*CREATE)
    assert not {"Starry-Owner", "Starry-Pull-Request"} & set(apps.trailers())


def who(apps: Apps) -> list[str]:
    return apps.git("log", "-1", "--format=%an <%ae>%n%cn <%ce>").splitlines()


def test_author_and_committer_come_from_gits_configuration(apps: Apps) -> None:
    apps.ok(*CREATE)
    assert who(apps) == ["Ada Tester <ada@example.com>"] * 2


def test_author_and_committer_come_from_options(apps: Apps) -> None:
    apps.ok(*CREATE, "--author", "Bob B <bob@example.com>", "--committer", "CI <ci@example.com>")
    assert who(apps) == ["Bob B <bob@example.com>", "CI <ci@example.com>"]


def test_author_and_committer_come_from_gits_environment(apps: Apps) -> None:
    env = {
        "GIT_AUTHOR_NAME": "Eve",
        "GIT_AUTHOR_EMAIL": "eve@example.com",
        "GIT_COMMITTER_NAME": "CI",
        "GIT_COMMITTER_EMAIL": "ci@example.com",
    }
    apps.ok(*CREATE, env=env)
    assert who(apps) == ["Eve <eve@example.com>", "CI <ci@example.com>"]


@pytest.mark.parametrize("author", ["Bob", "<>", "a <b", "a\nb <c@d>", "a <b@c>\nparent 0", "\0 <a@b>", ""])
def test_an_author_that_is_none_is_a_usage_error(apps: Apps, author: str) -> None:
    apps.fails(2, *CREATE, f"--author={author}")


def test_no_identity_at_all_is_no_traceback(apps: Apps, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    done = apps.run(*CREATE)
    assert "Traceback" not in done.err
    if done.code == 0:
        assert all("<" in line and not line.startswith(" ") for line in who(apps))
    else:
        assert done.code == 2
        assert "--author" in str(done.error())


@pytest.mark.parametrize("option", ["--owner", "--source-branch", "--commit", "--pr"])
@pytest.mark.parametrize("text", ["x\nStarry-Action: delete", "x\rStarry-Action: y", "x\u2028y", "x\x00y", "\x1b[2J"])
def test_nothing_can_be_smuggled_into_the_message(apps: Apps, option: str, text: str) -> None:
    apps.fails(2, *CREATE, option, text)


def test_the_message_of_many_deletions_names_all(apps: Apps) -> None:
    for number in range(4):
        apps.create(f"preview-{number}")
    apps.ok("delete", *(f"preview-{number}" for number in range(4)))
    message = apps.git("log", "-1", "--format=%B")
    assert all(f"preview-{number}" in message for number in range(4))


def test_every_commit_has_one_parent_the_tip_before(apps: Apps) -> None:
    before = apps.tip()
    apps.ok(*CREATE)
    assert apps.git("log", "-1", "--format=%P") == before


def test_the_objects_pass_gits_strictest_check(apps: Apps) -> None:
    apps.git("config", "receive.fsckObjects", "true")
    apps.ok(*CREATE, "--owner", "Ünïcödé")
    apps.ok("delete", "preview-1")
    apps.git("fsck", "--strict", "--no-dangling")


# Signing


@pytest.fixture
def signer(home: Path, tmp_path: Path) -> Path:
    """Git configured to sign by SSH, and to verify against the same key."""
    if missing_program():
        pytest.skip(missing_program())
    key = make_key(tmp_path / "signing")
    allowed = tmp_path / "allowed_signers"
    public = key.with_suffix(".pub").read_text(encoding="utf-8")
    allowed.write_text(f"ada@example.com {public}", encoding="utf-8")
    with (home / ".gitconfig").open("a", encoding="utf-8") as config:
        config.write(
            f'[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tallowedSignersFile = {allowed}\n[user]\n\tsigningKey = {key}\n'
        )
    return home / ".gitconfig"


def is_signed(apps: Apps) -> bool:
    """Whether the tip carries a signature; one that it carries must be good."""
    if "gpgsig" not in apps.git("cat-file", "commit", apps.tip()):
        return False
    apps.git("verify-commit", apps.tip())
    return True


def test_sign_signs_and_git_verifies(apps: Apps, signer: Path) -> None:
    apps.ok(*CREATE, "--sign", "--owner", "Ünïcödé")
    assert is_signed(apps)
    apps.git("fsck", "--strict", "--no-dangling")


def test_signing_as_git_is_configured(apps: Apps, signer: Path) -> None:
    with signer.open("a", encoding="utf-8") as config:
        config.write("[commit]\n\tgpgSign = true\n")
    apps.ok(*CREATE)
    assert is_signed(apps)
    apps.ok("delete", "preview-1", "--no-sign")
    assert not is_signed(apps)


def test_without_either_nothing_is_signed(apps: Apps, signer: Path) -> None:
    apps.ok(*CREATE)
    assert not is_signed(apps)


def test_a_key_that_cannot_sign_is_one_clear_error(apps: Apps, signer: Path, tmp_path: Path) -> None:
    (tmp_path / "signing").unlink()
    before = apps.refs()
    done = apps.run(*CREATE, "--sign")
    assert done.code != 0
    assert done.error()["message"]
    assert apps.refs() == before
