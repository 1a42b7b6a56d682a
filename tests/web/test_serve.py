"""`starry serve`, as it is started."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from tests.support.cli import run
from tests.support.repos import Apps
from tests.web.served import process

WITHOUT_WEB = """
import sys
sys.modules.update(dict.fromkeys(("fastapi", "uvicorn", "starlette", "pydantic")))
from starry_gitops.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "starry.mycompany.com"])
def test_without_sign_in_it_listens_on_loopback_only(apps: Apps, host: str) -> None:
    error = apps.fails(2, "serve", "--host", host)
    assert "loopback only" in error["message"]
    assert "--oidc-issuer" in error["hint"]


def test_what_kubernetes_sets_beside_a_service_called_starry_is_no_port(apps: Apps) -> None:
    env = {"STARRY_PORT": "tcp://10.0.0.1:80", "STARRY_SERVICE_HOST": "10.0.0.1", "STARRY_HTTP_PORT": "70000"}
    assert "70000" in apps.fails(2, "serve", env=env)["message"]


def test_without_the_extra_one_line_says_what_to_install(apps: Apps) -> None:
    words = [sys.executable, "-c", WITHOUT_WEB, "serve", "--repo", str(apps.bare)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'starry-gitops[web]'" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--base-url", "ftp://x"),
        ("--base-url", "https://user:secret@x"),
        ("--base-url", "https://x/below"),
        ("--port", "70000"),
        ("--poll", "0"),
        ("--dry-run",),
        ("--oidc-issuer", "https://issuer.example"),
    ],
)
def test_nonsense_is_refused(apps: Apps, words: tuple[str, ...]) -> None:
    assert "secret" not in apps.fails(2, "serve", *words)["message"]


def test_a_repository_that_cannot_be_read_is_said_at_once(apps: Apps, tmp_path) -> None:
    assert run("serve", "--repo", str(tmp_path / "nope"), "-o", "json").code == 8
    apps.fails(3, "serve", "--branch", "nope")


def test_a_port_that_is_taken_is_said(apps: Apps) -> None:
    with process(apps) as page:
        error = apps.fails(2, "serve", "--port", page.url.rpartition(":")[2])
        assert "Address already in use" in error["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order(apps: Apps, number: int) -> None:
    with process(apps) as page:
        assert httpx.get(f"{page.url}/healthz").text == "ok\n"
        assert page.end(number) == 0
    assert not [line for line in page.lines if "Traceback" in line]


def test_the_person_is_the_one_of_gits_configuration(apps: Apps) -> None:
    with process(apps, "--committer", "Robot <robot@example.com>") as page:
        body = {"images": {"backend": "1"}}
        assert httpx.put(f"{page.url}/api/v1/previews/alpha", json=body, timeout=30).status_code == 201
    person = "Ada Tester <ada@example.com> Robot <robot@example.com>"
    assert apps.git("log", "-1", "--format=%an <%ae> %cn <%ce>") == person
