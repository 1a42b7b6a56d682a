"""The API does what the CLI does, in the name of whoever asks, and once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from starry_gitops.web.people import LocalDoor, Person
from starry_gitops.web.writing import MOST_AT_ONCE
from tests.support.repos import Apps
from tests.web.served import ADA, Served, served, wait_until

CREATED = {"action": "created", "name": "alpha", "overlay": "dev", "dryRun": False, "attempts": 1}


def test_put_creates_with_the_person_as_author_and_owner(apps: Apps, page: Served) -> None:
    answer = page.put("alpha", ttl="2h", set={"backend.env.LOG_LEVEL": "debug"})
    assert answer.status_code == 201
    assert answer.json().items() >= {**CREATED, "commit": apps.tip(), "ttlMinutes": 120}.items()
    assert answer.headers["Location"] == "/api/v1/previews/alpha?overlay=dev"
    assert apps.git("log", "-1", "--format=%an <%ae> %cn") == "Ada Tester <ada@example.com> Starry"
    assert apps.annotation("alpha", "owner") == "ada@example.com"
    assert apps.values("alpha")["backend"]["env"] == {**apps.values("alpha")["backend"]["env"], "LOG_LEVEL": "debug"}
    assert apps.run("validate").code == 0


def test_what_was_written_is_read_at_once(page: Served) -> None:
    page.put("alpha")
    assert [row["name"] for row in page.get("/previews").json()] == ["alpha"]
    page.send("DELETE", "/previews/alpha")
    assert page.get("/previews").json() == []


def test_put_again_changes_nothing(apps: Apps, page: Served) -> None:
    page.put("alpha")
    tip = apps.tip()
    again = page.put("alpha")
    assert (again.status_code, again.json()["action"], again.json()["commit"]) == (200, "unchanged", None)
    assert apps.tip() == tip


def test_post_names_the_preview_by_its_pull_request(apps: Apps, page: Served) -> None:
    url = "https://github.com/myorg/sample/pull/123"
    answer = page.send("POST", "/previews", {"pr": url, "images": {"backend": "1"}, "owner": "alice"})
    assert (answer.status_code, answer.json()["name"]) == (201, "preview-123")
    assert apps.annotation("preview-123", "owner") == "alice"
    assert apps.annotation("preview-123", "pull-request") == url


def test_patch_extends_pins_and_unpins(apps: Apps, page: Served) -> None:
    page.put("alpha")
    assert page.send("PATCH", "/previews/alpha", {"ttl": "3h"}).json()["ttlMinutes"] == 180
    assert page.send("PATCH", "/previews/alpha", {"pinned": True}).json()["pinned"] is True
    assert apps.annotation("alpha", "pinned") == "true"
    assert page.send("PATCH", "/previews/alpha", {"pinned": False}).json()["pinned"] is False


def test_delete_is_absent_the_second_time_or_404_when_it_must_exist(page: Served) -> None:
    page.put("alpha")
    assert page.send("DELETE", "/previews/alpha").json()["action"] == "deleted"
    assert page.send("DELETE", "/previews/alpha").json()["action"] == "absent"
    assert page.send("DELETE", "/previews/alpha?mustExist=true").status_code == 404


def test_dry_run_shows_the_diff_and_writes_nothing(apps: Apps, page: Served) -> None:
    before = apps.refs()
    answer = page.send("PUT", "/previews/alpha?dryRun=true", {"images": {"backend": "1.0.0"}})
    assert (answer.status_code, answer.json()["dryRun"], answer.json()["commit"]) == (200, True, None)
    assert '+  name: "alpha"' in answer.json()["diff"]
    assert apps.refs() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "/previews/alpha", {"images": {"backend": "1"}, "ttl": "99h"}, 422, "ttl"),
        ("PUT", "/previews/argocd", {"images": {"backend": "1"}}, 422, "name_reserved"),
        ("PUT", "/previews/Alpha", {"images": {"backend": "1"}}, 400, "usage"),
        ("PUT", "/previews/alpha", {"images": {"moon": "1"}}, 400, "usage"),
        ("PUT", "/previews/alpha", {"images": {"backend": ""}}, 400, "usage"),
        ("PUT", "/previews/alpha", {"imagse": {"backend": "1"}}, 400, "usage"),
        ("PUT", "/previews/alpha", {"images": {"backend": "1"}, "pin": "yes"}, 400, "usage"),
        ("PUT", "/previews/alpha?overlay=prod", {"images": {"backend": "1"}}, 422, "previews_off"),
        ("PUT", "/previews/alpha?overlay=moon", {"images": {"backend": "1"}}, 404, "not_found"),
        ("PUT", "/previews/alpha", {"images": {"backend": "1"}, "set": {"a": "1", "a.b": "1"}}, 400, "usage"),
        ("POST", "/previews", {"images": {"backend": "1"}}, 400, "usage"),
        ("PATCH", "/previews/alpha", {"ttl": "1h"}, 404, "not_found"),
        ("PATCH", "/previews/alpha", {}, 400, "usage"),
        ("PATCH", "/previews/alpha", {"ttl": "1h", "until": "2026-01-01T00:00:00Z"}, 400, "usage"),
        ("TRACE", "/previews/alpha", None, 405, "method_not_allowed"),
    ],
)
def test_refusals_are_problems_with_the_codes_of_the_cli(page: Served, method, path, body, status, code) -> None:
    answer = page.send(method, path, body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert (problem["code"], problem["status"], problem["type"]) == (code, status, f"urn:starry:error:{code}")
    assert problem["requestId"] == answer.headers["X-Request-Id"]


def test_a_name_taken_is_a_conflict(page: Served) -> None:
    page.send("POST", "/previews", {"pr": "7", "images": {"backend": "1"}})
    answer = page.send("PUT", "/previews/preview-7", {"sourceBranch": "feat/x", "images": {"backend": "1"}})
    assert (answer.status_code, answer.json()["code"], answer.json()["exitCode"]) == (409, "name_taken", 5)


def test_a_key_used_twice_is_one_request(apps: Apps, page: Served) -> None:
    page.put("alpha")

    def extend(_: int) -> dict:
        return page.send("PATCH", "/previews/alpha", {"ttl": "2h"}, Idempotency_Key="k1").json()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(extend, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["commit"] == apps.tip()
    other = page.send("PATCH", "/previews/alpha", {"ttl": "3h"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_whose_request_failed_may_be_used_again(page: Served) -> None:
    assert page.send("PATCH", "/previews/alpha", {"ttl": "2h"}, Idempotency_Key="k1").status_code == 404
    page.put("alpha")
    assert page.send("PATCH", "/previews/alpha", {"ttl": "2h"}, Idempotency_Key="k1").status_code == 200


def test_a_key_is_one_persons(apps: Apps) -> None:
    grace = LocalDoor(Person(name="Grace", email="grace@example.com", role="developer"))
    with served(apps) as ada, served(apps, door=grace) as other:
        ada.send("PUT", "/previews/alpha", {"images": {"backend": "1"}}, Idempotency_Key="k")
        answer = other.send("PUT", "/previews/beta", {"images": {"backend": "1"}}, Idempotency_Key="k")
        assert answer.status_code == 201


def test_a_developer_changes_what_is_theirs(apps: Apps) -> None:
    apps.create("bobs", "--owner", "bob@example.com")
    apps.create("nobodys")
    door = LocalDoor(Person(name="Dev", email="dev@example.com", role="developer"))
    with served(apps, door=door) as page:
        assert page.put("mine").status_code == 201
        assert page.send("PATCH", "/previews/mine", {"ttl": "1h"}).status_code == 200
        before = apps.refs()
        for name in ("bobs", "nobodys"):
            for answer in (
                page.put(name, "9"),
                page.put(name, "9", owner="dev@example.com"),
                page.send("PATCH", f"/previews/{name}", {"pinned": True}),
                page.send("PATCH", f"/previews/{name}?dryRun=true", {"pinned": True}),
                page.send("DELETE", f"/previews/{name}"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), answer.text
        assert page.put("given", owner="bob@example.com").status_code == 403
        assert page.put("mine", owner="bob@example.com").status_code == 403
        assert apps.refs() == before
        assert page.send("DELETE", "/previews/mine").json()["action"] == "deleted"


def test_a_viewer_only_reads(apps: Apps) -> None:
    with served(apps, door=LocalDoor(Person(name="V", email="v@example.com", role="viewer"))) as page:
        assert page.get("/previews").status_code == 200
        assert page.put("alpha").status_code == 403


def test_a_hostile_name_of_a_person_stays_a_name(apps: Apps) -> None:
    person = Person(name="Eve <root@x>\nCommitter: x", email="eve@example.com", role="admin")
    with served(apps, door=LocalDoor(person)) as page:
        assert page.put("alpha").status_code == 201
    assert apps.git("log", "-1", "--format=%an|%ae") == "Eve  root@x  Committer: x|eve@example.com"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Content-Type": "text/plain"},
    ],
)
def test_pages_of_others_cannot_write(apps: Apps, page: Served, headers: dict[str, str]) -> None:
    before = apps.refs()
    sent = {"Content-Type": "application/json", **headers}
    answer = page.http.put("/api/v1/previews/alpha", content=b'{"images":{"backend":"1"}}', headers=sent)
    assert answer.status_code in {401, 403, 415}
    assert apps.refs() == before


def test_own_page_may_write(page: Served) -> None:
    assert page.send("PUT", "/previews/alpha", {"images": {"backend": "1"}}, Origin=page.url).status_code == 201


def test_large_bodies_are_refused(page: Served) -> None:
    whole = page.send("PUT", "/previews/alpha", {"images": {"backend": "1" * 70_000}})
    assert (whole.status_code, whole.json()["code"]) == (413, "too_large")
    headers = {"Content-Type": "application/json"}
    chunks = (b" " * 10_000 for _ in range(10))
    assert page.http.put("/api/v1/previews/alpha", content=chunks, headers=headers).status_code == 413


def test_readers_are_served_while_all_who_may_write_wait(page: Served) -> None:
    writer = page.app.state.services.writer
    with ThreadPoolExecutor(MOST_AT_ONCE + 1) as pool, writer._turn:
        waiting = [pool.submit(page.put, f"many-{number}") for number in range(MOST_AT_ONCE)]
        wait_until(lambda: writer._places._value == 0)
        refused = page.put("one-more")
        assert (refused.status_code, refused.json()["code"]) == (503, "contention")
        assert page.get("/previews").json() == []
        writer.close()
    assert {answer.result().json()["code"] for answer in waiting} == {"interrupted"}


def test_writers_of_one_page_do_not_lose_races_against_each_other(apps: Apps, page: Served) -> None:
    apps.settings(lambda content: content["policy"].pop("quota"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: page.put(f"many-{number}"), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert {answer.json()["attempts"] for answer in answers} == {1}
    assert apps.count() == 10
    assert ADA.email in apps.git("log", "-1", "--format=%ae")
