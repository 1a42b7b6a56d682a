"""What every page works with: who looks, at what, and the answer as HTML."""

import logging
import re
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from starry_gitops.core.naming import is_label
from starry_gitops.core.settings import Overlay
from starry_gitops.errors import StarryError
from starry_gitops.web.forms import fault_of
from starry_gitops.web.htmlviews import distance
from starry_gitops.web.links import commit_page, proposal_page
from starry_gitops.web.people import Action, Person
from starry_gitops.web.problems import from_http, status_of
from starry_gitops.web.rendering import render
from starry_gitops.web.services import Services, person, services
from starry_gitops.web.view import View

log = logging.getLogger("starry")

_EVENTS = "/api/v1/events"
_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_DONE: Mapping[str, str] = {
    "created": "{name} is created. Argo CD deploys it now; that takes a minute or more.",
    "updated": "{name} is changed.",
    "unchanged": "Nothing was to be done: Git holds this of {name} already.",
    "extended": "{name} is kept for longer.",
    "pinned": "{name} is pinned: it never expires.",
    "unpinned": "{name} expires again.",
    "deleted": "{name} is deleted. Argo CD takes it down now.",
    "absent": "{name} was gone already.",
    "proposed": "What you want of {name} is proposed. It happens once the pull request is merged:",
    "withdrawn": "Nothing is left to change of {name}: its pull request is closed.",
}
_TITLES: Mapping[int, str] = {
    400: "That makes no sense here",
    401: "Please sign in",
    403: "You may not do that",
    404: "There is no such thing here",
    429: "Too fast",
    502: "The apps repository does not let Starry do that",
    503: "Not now",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request for a page: who asks, and what there is to see."""

    request: Request
    parts: Services
    person: Person
    view: View

    def overlay(self, name: str | None) -> Overlay:
        """The overlay that is looked at.

        Raises:
            NotFound: there is none of that name.
        """
        return self.view.overlay(name or self.parts.config.overlay)

    def may(self, action: Action, owner: str | None) -> bool:
        """Whether whoever asks may do that."""
        return self.parts.door.may(self.person, action, owner)

    def page(self, template: str, overlay: Overlay, *, status: int = 200, **values: Any) -> Response:
        """The template filled in."""
        view = self.view
        own = {
            "overlays": [one.name for one in view.settings.overlays.values() if one.previews or view.rows(one.name)],
            "current": overlay.name,
            "commit_base": commit_page(view.settings, view.apps_url),
            "pull_base": proposal_page(view.settings, view.apps_url),
            "revision": view.revision,
            "events": _EVENTS,
            "person": self.person,
            "stale": _stale(self.parts),
        }
        done = _done(self.request.query_params, values.get("one"))
        return _html(template, self.request, status, {**own, **done, **values})


async def _typed(request: Request) -> dict[str, str]:
    """What a form sent. The door's middleware has looked who sent it."""
    async with request.form(max_files=0, max_fields=200) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


def _visit(request: Request) -> Visit:
    parts = services(request)
    return Visit(request=request, parts=parts, person=person(request), view=parts.reader.view())


Visiting = Annotated[Visit, Depends(_visit)]
Typed = Annotated[dict[str, str], Depends(_typed)]


class PageRoute(APIRoute):
    """Whatever goes wrong is told as a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint with its errors caught."""
        endpoint = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except StarryError as error:
                return error_page(request, error)
            except HTTPException as error:
                return error_page(request, from_http(error))
            except Exception as error:
                log.exception("a page failed unexpectedly", extra={"event": "failure"})
                hint = "this is a fault of Starry's; its log says more"
                return error_page(request, StarryError(f"Unexpected failure: {type(error).__name__}", hint=hint))

        return answer


def error_page(request: Request, error: StarryError) -> Response:
    """What is wrong, and what to do, as a page."""
    status = status_of(error)
    fault = fault_of(error)
    values = {
        "title": _TITLES.get(status, "That did not work"),
        "message": fault.message,
        "hint": fault.hint,
        "request_id": getattr(request.state, "request_id", ""),
    }
    return _html("error.html.j2", request, status, values)


def go_to(path: str) -> Response:
    """After a form: the browser gets a page that may be loaded again."""
    return RedirectResponse(path, status_code=303)


def new_key() -> str:
    """For one form, sent once or often."""
    return secrets.token_urlsafe(18)


def _html(template: str, request: Request, status: int, values: Mapping[str, Any]) -> Response:
    base: dict[str, Any] = {
        "overlays": [],
        "current": "",
        "commit_base": None,
        "pull_base": None,
        "revision": "",
        "events": "",
        "person": None,
        "stale": "",
        "done": "",
        "done_commit": "",
        "done_pull": "",
        "csrf": getattr(request.state, "csrf", ""),
        "sign_out": getattr(request.state, "sign_out", ""),
    }
    return HTMLResponse(render(template, {**base, **values}), status, {"Cache-Control": "private, no-cache"})


def _done(query: Mapping[str, str], one: Any) -> dict[str, str]:
    """The message after a form. A link can be made up, so it can say no more than these words."""
    words, commit = _DONE.get(query.get("done", ""), ""), query.get("commit", "")
    name = one["name"] if one else query.get("of", "")
    if not words or not is_label(name):
        return {}
    pull = query.get("pull", "")
    return {
        "done": words.format(name=name),
        "done_commit": commit if _COMMIT.fullmatch(commit) else "",
        "done_pull": pull if _NUMBER.fullmatch(pull) else "",
    }


def _stale(parts: Services) -> str:
    seconds = parts.reader.stale_seconds
    return "" if seconds is None else distance(seconds)
