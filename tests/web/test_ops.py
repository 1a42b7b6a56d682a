"""What those who run the page see: health, figures, logs; and events for those who look on."""

import json
import re
import threading

import pytest

from starry_gitops.web.metrics import BUCKETS
from tests.support.repos import Apps
from tests.web.served import Served, process, served, wait_until

_SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+')


def test_health_and_readiness(apps: Apps, page: Served) -> None:
    assert page.http.get("/healthz").text == "ok\n"
    assert page.http.get("/readyz").json() == {"status": "ready", "revision": apps.tip()}


def test_metrics_are_not_for_those_who_come_by_the_public_name(apps: Apps) -> None:
    with served(apps, base_url="https://starry.mycompany.com") as page:
        assert page.http.get("/metrics", headers={"Host": "starry.mycompany.com"}).status_code == 404
        assert page.http.get("/metrics", headers={"Host": "10.0.0.7:8080"}).status_code == 200


def test_metrics_are_prometheus_text(page: Served) -> None:
    page.put("alpha")
    page.get("/previews/nope")
    page.put("argocd")
    page.http.get("/no/such/page/of-anybody")
    answer = page.http.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert all(line.startswith("# ") or _SAMPLE.fullmatch(line) for line in lines)
    for expected in (
        'starry_web_previews{overlay="dev",state="live"} 1',
        'starry_web_requests_total{method="PUT",endpoint="put_preview",status="201"} 1',
        'starry_web_requests_total{method="GET",endpoint="show_preview",status="404"} 1',
        'starry_web_requests_total{method="GET",endpoint="other",status="404"} 1',
        'starry_web_writes_total{result="created"} 1',
        'starry_web_writes_total{result="name_reserved"} 1',
        "starry_web_push_attempts_total 1",
        "starry_web_remote_up 1",
    ):
        assert expected in lines
    assert len([line for line in lines if 'endpoint="put_preview",le=' in line]) == len(BUCKETS) + 1
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_the_callers_request_id_is_kept_when_it_is_harmless(page: Served) -> None:
    assert page.get("/previews", X_Request_Id="trace-1.2_3").headers["X-Request-Id"] == "trace-1.2_3"
    made = page.get("/previews", X_Request_Id='"evil" id').headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{16}", made)


def test_a_failure_of_ours_is_a_problem_too(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starry_gitops.web.api_reading.digest", lambda view: 1 / 0)
    answer = page.get("/settings")
    assert (answer.status_code, answer.json()["code"], answer.json()["exitCode"]) == (500, "unexpected", 1)
    assert answer.json()["requestId"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in answer.text


def test_log_lines_of_a_request_carry_its_id(apps: Apps) -> None:
    with process(apps) as page:
        import httpx  # noqa: PLC0415

        headers = {"X-Request-Id": "w1"}
        assert httpx.put(
            f"{page.url}/api/v1/previews/a", json={"images": {"backend": "1"}}, headers=headers, timeout=30
        )
        assert page.end() == 0
    events = {line["event"] for line in page.records() if line.get("requestId") == "w1"}
    assert events >= {"request", "pushed", "phase", "finished"}
    (request,) = [line for line in page.records() if line["event"] == "request"]
    assert (request["method"], request["path"], request["status"]) == ("PUT", "/api/v1/previews/a", 201)


def events_of(page: Served, count: int, **headers: str) -> tuple[threading.Thread, list[dict[str, str]]]:
    """A thread that listens until it has heard so many events."""
    heard: list[dict[str, str]] = []

    def listen() -> None:
        named = {key.replace("_", "-"): text for key, text in headers.items()}
        with page.http.stream("GET", "/api/v1/events", headers=named, timeout=30) as stream:
            event: dict[str, str] = {}
            for line in stream.iter_lines():
                key, _, text = line.partition(": ")
                event |= {key: text} if key in {"id", "event", "data"} else {}
                if not line and event:
                    heard.append(event)
                    event = {}
                if len(heard) == count:
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    return thread, heard


def test_events_tell_which_previews_changed(apps: Apps, page: Served) -> None:
    thread, heard = events_of(page, 3)
    wait_until(lambda: heard)
    page.put("alpha")
    wait_until(lambda: len(heard) == 2)
    apps.create("beta")
    apps.ok("delete", "alpha")
    page.app.state.services.reader.refresh()
    thread.join()
    assert [len(json.loads(one["data"])["previews"]) for one in heard] == [0, 1, 2]
    last = json.loads(heard[2]["data"])
    assert last == {
        "revision": apps.tip(),
        "previews": [{"overlay": "dev", "name": "alpha"}, {"overlay": "dev", "name": "beta"}],
    }
    assert heard[2]["id"] == apps.tip()


def test_who_comes_back_with_the_last_id_is_told_only_what_is_new(apps: Apps, page: Served) -> None:
    thread, heard = events_of(page, 1, Last_Event_ID=apps.tip())
    wait_until(lambda: len(page.app.state.services.reader.followers))
    assert not heard
    page.put("alpha")
    thread.join()
    assert json.loads(heard[0]["data"])["previews"] == [{"overlay": "dev", "name": "alpha"}]


def test_who_leaves_is_forgotten(page: Served) -> None:
    thread, _ = events_of(page, 1)
    thread.join()
    followers = page.app.state.services.reader.followers
    page.app.state.services.writer._show()
    page.put("alpha")
    wait_until(lambda: len(followers) == 0)


def test_too_many_listeners_are_turned_away(apps: Apps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starry_gitops.web.following._MOST", 0)
    with served(apps) as page:
        answer = page.get("/events")
        assert (answer.status_code, answer.json()["code"]) == (503, "too_many_followers")
