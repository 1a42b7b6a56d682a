"""Who may see what a registry says: those who may make previews."""

from pathlib import Path

import pytest

from starry_gitops.registry import find_registries
from starry_gitops.web.people import LocalDoor, NotSignedIn, Person, Role
from tests.support.registry_server import real_registry
from tests.support.repos import Apps
from tests.web.served import ADA, Served, served
from tests.web.test_tags import NAME, TAGS, from_registry

HTML = {"accept": "text/html"}
PLACES = [TAGS, "/new", "/previews/dev/mine/images"]


class _Turn(LocalDoor):
    """Whoever asks is the one whose turn it is."""

    turn: Person | None = ADA

    def person(self, request: object) -> Person:
        if self.turn is None:
            raise NotSignedIn("nobody is signed in")
        return self.turn


def _as(door: _Turn, page: Served, role: Role | None, path: str) -> tuple[int, bool]:
    door.turn = Person(name="X", email="x@example.com", role=role) if role else None
    answer = page.http.get(path, headers=HTML)
    return answer.status_code, "secret-tag" in answer.text


@pytest.mark.parametrize("path", PLACES)
def test_what_an_admin_saw_is_not_shown_to_a_viewer(apps: Apps, tmp_path: Path, path: str) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "secret-tag")
        from_registry(apps, real.host)
        apps.create("mine", tag="running-1")
        door = _Turn(ADA)
        with served(apps, door=door, registries=find_registries([real.host], "")) as page:
            assert _as(door, page, "admin", TAGS) == (200, True)
            assert _as(door, page, "developer", "/new") == (200, True)
            for role in ("viewer", None):
                status, is_shown = _as(door, page, role, path)
                assert status in {401, 403}
                assert not is_shown


@pytest.mark.parametrize("path", PLACES[1:])
@pytest.mark.parametrize("act", ["edit", "check", ""])
def test_a_form_that_is_sent_back_shows_a_viewer_no_more(apps: Apps, tmp_path: Path, path: str, act: str) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "secret-tag")
        from_registry(apps, real.host)
        apps.create("mine", tag="running-1")
        door = _Turn(ADA)
        with served(apps, door=door, registries=find_registries([real.host], "")) as page:
            assert _as(door, page, "admin", TAGS) == (200, True)
            door.turn = Person(name="V", email="v@example.com", role="viewer")
            text = page.http.post(path, data={"act": act, "image.backend": "x"}, headers=HTML).text
            assert "secret-tag" not in text
            assert "data-tags" not in text


def test_the_status_asks_for_sign_in(apps: Apps) -> None:
    door = _Turn(ADA)
    door.turn = None
    with served(apps, door=door) as page:
        assert page.get("/previews/mine/status").status_code == 401
        assert page.http.get("/previews/dev/mine/cluster", headers=HTML).status_code == 401
