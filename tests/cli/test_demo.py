"""demo: the whole story, without a network."""

from pathlib import Path

from tests.support.cli import run, run_process


def test_the_demo_plays_the_whole_story(temporary_folder: Path) -> None:
    done = run("demo")
    assert done.code == 0, done.err
    for command in ("init", "create", "update", "extend", "list", "gc"):
        assert command in done.out, command


def test_the_demo_says_where_to_look(temporary_folder: Path) -> None:
    out = run("demo").out
    made = [path for path in temporary_folder.iterdir() if str(path) in out]
    assert made, out


def test_the_demo_leaves_the_place_where_you_stand_alone(isolation: Path) -> None:
    assert run("demo").code == 0
    assert list((isolation / "stand").iterdir()) == []


def test_the_demo_needs_no_identity_no_home_and_no_configuration(tmp_path: Path) -> None:
    done = run_process("demo", env={"GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(tmp_path / "nowhere")})
    assert done.code == 0, done.err


def test_the_demo_twice_works_twice() -> None:
    assert [run("demo").code, run("demo").code] == [0, 0]
