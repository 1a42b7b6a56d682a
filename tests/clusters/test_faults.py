"""What a cluster that refuses, lies, breaks off or says nothing makes of a command."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.clusters.conftest import Made, Way
from tests.clusters.objects import application
from tests.clusters.server import TOKEN, ClusterServer, answers, cut_off, refuses, stalls

APPLICATIONS = "/applications"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (refuses(401, "Unauthorized", "Unauthorized"), 6),
        (refuses(403, "Forbidden", 'applications.argoproj.io "preview-1" is forbidden: User "v" cannot get'), 6),
        (refuses(500, "InternalError", "boom"), 8),
        (answers(502, b"<html>bad gateway</html>", "text/html"), 8),
        (answers(200, b"<html>sign in</html>", "text/html"), 8),
        (answers(200, [1, 2]), 8),
        (answers(200, {"kind": "Secret", "metadata": {"name": "x"}}), 8),
        (cut_off, 8),
    ],
    ids=["401", "403", "500", "502-html", "200-html", "a-list", "another-kind", "cut-off"],
)
def test_each_fault_has_its_exit_code(made: Made, cluster: ClusterServer, way: Way, fault, code: int):
    cluster.add(made.application())
    cluster.faults[APPLICATIONS] = fault
    done = made.wait(way, "--timeout", "1")
    assert done.code == code, done.err
    assert TOKEN not in done.err
    assert done.error()["hint"]


def test_an_answer_that_does_not_come(made: Made, cluster: ClusterServer, way: Way):
    cluster.faults[APPLICATIONS] = stalls(3)
    assert made.wait(way, "--timeout", "1").code == 8


def test_a_fault_that_passes_is_waited_out(made: Made, cluster: ClusterServer, way: Way):
    cluster.add(made.application())
    left = [cut_off, cut_off]

    def fault(handler) -> None:
        if left:
            left.pop()(handler)
        else:
            del cluster.faults[APPLICATIONS]
            handler.do_GET()

    cluster.faults[APPLICATIONS] = fault
    assert made.wait(way, seconds="1m").code == 0


def test_another_application_than_asked_for_is_refused(made: Made, cluster: ClusterServer, way: Way):
    other = application("preview-2", made.commit)
    is_list = way.name == "argocd"
    cluster.faults[APPLICATIONS] = answers(200, {"metadata": {}, "items": [other]} if is_list else other)
    assert made.wait(way, "--timeout", "1").error()["code"] == "doubtful_answer"


def test_nobody_there(apps, made: Made, ways: dict[str, Way]):
    env = {"ARGOCD_AUTH_TOKEN": TOKEN}
    args = ("--argocd-server", "http://127.0.0.1:1", "--timeout", "1", "--wait-timeout", "0s")
    assert apps.run("wait", "preview-1", *args, env=env).code == 8


def test_a_token_goes_to_no_other_host_and_not_over_http(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    asked: list[str | None] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization"))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Thief) as thief:
        thread = threading.Thread(target=thief.serve_forever)
        thread.start()
        target = f"http://127.0.0.1:{thief.server_port}/"
        cluster.faults[APPLICATIONS] = answers(302, b"", "text/html", Location=target)
        done = made.wait(ways["argocd"], "--timeout", "1")
        thief.shutdown()
        thread.join()
    assert (done.code, asked) == (8, [])
    plain = ("--argocd-server", "http://argocd.mycompany.com")
    made.apps.fails(2, "wait", "preview-1", *plain, env={"ARGOCD_AUTH_TOKEN": TOKEN})


def test_kubectl_gets_none_of_our_tokens(made: Made, cluster: ClusterServer, ways: dict[str, Way], tmp_path: Path):
    spy = tmp_path / "bin"
    spy.mkdir()
    (spy / "kubectl").write_text('#!/bin/sh\nenv > "$SPY"\nprintf "%s\\n" "$@" >> "$SPY"\nexit 1\n')
    (spy / "kubectl").chmod(0o755)
    secrets = {
        "STARRY_FORGE_TOKEN": "forge-secret",
        "STARRY_GIT_TOKEN": "git-secret",
        "ARGOCD_AUTH_TOKEN": "argo-secret",
    }
    path = f"{spy}:{ways['kubernetes'].env['PATH']}"
    env = {"PATH": path, "SPY": str(tmp_path / "seen"), **secrets}
    made.apps.run("wait", "preview-1", "--kubernetes", "--wait-timeout", "0s", "--timeout", "1", env=env)
    seen = (tmp_path / "seen").read_text()
    assert "--raw=" in seen
    assert not [secret for secret in secrets.values() if secret in seen]


def test_a_context_that_is_not_there(made: Made, ways: dict[str, Way]):
    way = ways["kubernetes"]
    made.apps.fails(2, "wait", "preview-1", *way.args, "--kube-context", "nobody", env=way.env)


def test_a_kubeconfig_that_is_not_there(made: Made, ways: dict[str, Way], tmp_path: Path):
    made.apps.fails(2, "wait", "preview-1", "--kubeconfig", str(tmp_path / "none"), env=ways["kubernetes"].env)


def test_no_kubectl(made: Made, tmp_path: Path):
    git = tmp_path / "only-git"
    git.mkdir()
    for folder in ("/usr/bin/git", "/bin/sh", "/bin/sleep", "/bin/rm"):
        (git / Path(folder).name).symlink_to(folder)
    error = made.apps.fails(1, "wait", "preview-1", "--kubernetes", env={"PATH": str(git)})
    assert "kubectl" in error["message"]


def test_what_may_not_be_read_is_left_out(made: Made, cluster: ClusterServer, ways: dict[str, Way]):
    cluster.add(made.application(health="Progressing"))
    cluster.faults["/events"] = refuses(403, "Forbidden", 'events is forbidden: User "v" cannot list resource "events"')
    done = made.wait(ways["kubernetes"])
    assert (done.code, [one["id"] for one in done.json()["causes"]]) == (12, ["progressing"])
    assert "is forbidden" in done.json()["unread"][0]


def test_hostile_words_reach_no_terminal(made: Made, cluster: ClusterServer, way: Way):
    message = "exceeded quota \x1b]0;owned\x07\r\n::error::injected\u202e" + "x" * 9_000
    cluster.objects.append(
        made.application(sync="Unknown", health="Missing", conditions=[("ComparisonError", message)])
    )
    done = made.wait(way, "-o", "table")
    for text in (done.out, done.err):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not [line for line in text.splitlines() if line.startswith("::") or len(line) > 2_000]
    assert json.dumps(done.out)
