"""`starry wait` by URL: what a preview's pages answer."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.clusters.conftest import Made, Way
from tests.clusters.server import ClusterServer

Answer = tuple[int, bytes, dict[str, str]]


class Site:
    """Pages that answer what they are told to, by path."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                found = site.pages.get(self.path, (404, b"default backend - 404", {}))
                status, body, headers = found() if callable(found) else found
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def wait(made: Made, site: Site, *args: str, seconds: str = "0s", env=None):
    options = ("--url", site.url, "--wait-timeout", seconds, "--interval", "0.1")
    return made.apps.run("wait", "preview-1", *options, *args, env=env or {})


@pytest.mark.parametrize("status", [200, 204, 304, 401, 403])
def test_a_page_that_answers_is_ready(made: Made, site: Site, status: int):
    site.pages["/"] = (status, b"", {})
    assert wait(made, site).code == 0


@pytest.mark.parametrize(
    ("status", "cause"),
    [(404, "url_not_found"), (502, "url_failing"), (503, "url_failing"), (500, "url_failing"), (410, "url_refused")],
)
def test_a_page_that_does_not_is_waited_for(made: Made, site: Site, status: int, cause: str):
    site.pages["/"] = (status, b"warming up", {})
    done = wait(made, site)
    assert (done.code, done.json()["causes"][0]["id"]) == (12, cause)


def test_nobody_listens(made: Made, site: Site):
    done = made.apps.run("wait", "preview-1", "--url", "http://127.0.0.1:1", "--wait-timeout", "0s")
    assert (done.code, done.json()["causes"][0]["id"]) == (12, "url_refused")


def test_plain_http_on_a_tls_port_is_a_certificate_that_is_not_there(made: Made, site: Site):
    secure = site.url.replace("http://", "https://")
    done = made.apps.run("wait", "preview-1", "--url", secure, "--wait-timeout", "0s")
    assert (done.code, done.json()["causes"][0]["id"]) == (12, "url_certificate")


def test_it_waits_until_the_page_is_there(made: Made, site: Site):
    left = [(404, b"", {}), (502, b"", {})]
    site.pages["/healthz"] = lambda: left.pop() if left else (200, b"", {})
    assert wait(made, site, "--path", "/healthz", seconds="1m").code == 0


def test_redirects_stay_on_the_host_and_no_token_is_sent(made: Made, site: Site):
    site.pages["/"] = (302, b"", {"Location": "/in"})
    site.pages["/in"] = (302, b"", {"Location": "https://sign-in.mycompany.com/"})
    secrets = {"STARRY_FORGE_TOKEN": "s", "ARGOCD_AUTH_TOKEN": "s", "STARRY_ARGOCD_TOKEN": "s"}
    assert wait(made, site, env=secrets).code == 0
    assert [path for path, _ in site.asked] == ["/", "/in"]
    assert not [headers for _, headers in site.asked if {"authorization", "cookie"} & {key.lower() for key in headers}]


def test_redirects_without_end_end(made: Made, site: Site):
    site.pages["/"] = (302, b"", {"Location": "/"})
    wait(made, site)
    assert len(site.asked) <= 4


def test_urls_beside_argo_cd(made: Made, cluster: ClusterServer, way: Way, site: Site):
    cluster.add(made.application())
    done = made.wait(way, "--url", site.url)
    assert (done.code, done.json()["causes"][0]["id"]) == (12, "url_not_found")
    site.pages["/"] = (200, b"", {})
    assert made.wait(way, "--url", site.url).code == 0


@pytest.mark.parametrize("url", ["ftp://a.mycompany.com", "a.mycompany.com", "https://u:p@a.mycompany.com", "https://"])
def test_a_url_that_is_none(apps, made: Made, url: str):
    assert made.apps.run("wait", "preview-1", "--url", url, "--wait-timeout", "0s").code == 2


@pytest.mark.parametrize("path", ["healthz", "/a b", "/\n"])
def test_a_path_that_is_none(made: Made, path: str):
    made.apps.fails(2, "wait", "preview-1", "--path", path)
