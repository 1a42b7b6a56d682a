"""demo: the whole story, without a network."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.cli import run, run_process, spawn
from tests.support.processes import has_ended

WITHOUT_WEB = """
import sys
sys.modules.update(dict.fromkeys(("fastapi", "uvicorn", "starlette", "pydantic")))
from starry_gitops.cli import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """`starry demo --web` as a process, what it has told, and where it is."""

    process: "subprocess.Popen[str]"
    told: str

    @property
    def url(self) -> str:
        """The page's address."""
        return re.findall(r"http://127\.0\.0\.1:\d+", self.told)[0]

    @property
    def log(self) -> list[str]:
        """The command that it tells one to find one's commits with."""
        return next(line for line in self.told.splitlines() if line.startswith("  git -C ")).split()

    def end(self, number: int) -> int:
        """Ends it; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def playing() -> Iterator[Demo]:
    """The page of the demonstration; its usual port is taken."""
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(socket.create_server(("127.0.0.1", 8080)))
        yield from _played()


def _played() -> Iterator[Demo]:
    with spawn("demo", "--web", env={"STARRY_PORT": "nonsense", "STARRY_REPO": "/nowhere"}) as process:
        try:
            assert process.stdout is not None
            told = ""
            while "Ctrl-C" not in told:
                line = process.stdout.readline()
                assert line, process.communicate()[1]
                told += line
            yield Demo(process=process, told=told)
        finally:
            if process.poll() is None:
                process.kill()


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_of_the_demo_ends_in_order_and_leaves_the_repository(temporary_folder: Path, number: int) -> None:
    with playing() as demo:
        assert not demo.url.endswith(":8080")
        assert httpx.get(f"{demo.url}/readyz").json()["status"] == "ready"
        assert demo.end(number) == 0
        assert has_ended(demo.process.pid)
        assert "Traceback" not in demo.process.communicate()[1]
    (left,) = temporary_folder.iterdir()
    assert sorted(path.name for path in left.iterdir()) == ["argocd-apps", "argocd-apps.git"]


def test_the_page_of_the_demo_shows_every_kind_of_preview() -> None:
    with playing() as demo:
        page = httpx.get(f"{demo.url}/").text
        rows = httpx.get(f"{demo.url}/api/v1/previews").json()
    for state in ("live", "soon", "expired", "pinned"):
        assert f'class="badge {state}"' in page, state
    assert len({row["owner"] for row in rows}) >= 4
    assert all(row["name"] in page for row in rows)


def test_what_is_made_on_the_page_of_the_demo_is_found_in_git() -> None:
    with playing() as demo:
        body = {"images": {"backend": "v1.0.0"}}
        assert httpx.put(f"{demo.url}/api/v1/previews/my-preview", json=body, timeout=30).status_code == 201
        log = subprocess.run(demo.log, capture_output=True, text=True, check=True).stdout
    newest = log.partition("\ncommit ")[0]
    assert "Author: Ada Tester <ada@example.com>" in newest
    assert "preview(my-preview): create" in newest
    assert "overlays/dev/previews/my-preview/values.yaml" in newest


def test_the_page_of_the_demo_without_the_extra_says_what_to_install(temporary_folder: Path) -> None:
    words = [sys.executable, "-c", WITHOUT_WEB, "demo", "--web"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'starry-gitops[web]'" in done.stderr
    assert list(temporary_folder.iterdir()) == []
