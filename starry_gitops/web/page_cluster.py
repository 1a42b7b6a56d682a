"""What runs of a preview: a page, and the part of its page that a script loads."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from starry_gitops.core.waiting import State
from starry_gitops.errors import NotFound, StarryError
from starry_gitops.web.cluster import Status
from starry_gitops.web.forms import fault_of
from starry_gitops.web.links import preview_path
from starry_gitops.web.problems import status_of
from starry_gitops.web.visit import PageRoute, Visiting

router = APIRouter(prefix="/previews/{overlay}/{name}", route_class=PageRoute, include_in_schema=False)

_WORDS: Mapping[State, tuple[str, str]] = {
    "ready": ("live", "runs"),
    "waiting": ("soon", "not yet"),
    "failed": ("expired", "does not run"),
}


@router.get("/cluster")
def show_cluster(visit: Visiting, overlay: str, name: str, part: str = "") -> Response:
    """What Argo CD or Kubernetes says; asked for now, unless somebody has just asked."""
    where, statuses = visit.overlay(overlay), visit.parts.statuses
    if statuses is None:
        raise NotFound("Nobody is asked here what runs", hint="starry serve has options for it")
    known: dict[str, Any] = {"failure": None}
    code = 200
    try:
        known |= _known(statuses.status(visit.view, where, name))
    except NotFound:
        raise
    except StarryError as error:
        known["failure"], code = fault_of(error, ""), status_of(error)
    template = "runs.html.j2" if part else "cluster.html.j2"
    # A script takes a part that says what went wrong like any other.
    status = 200 if part else code
    here = preview_path(where.name, name)
    return visit.page(template, where, status=status, name=name, here=here, what=statuses.what, **known)


def _known(status: Status) -> dict[str, Any]:
    badge, word = _WORDS[status.verdict.state]
    return {"look": status, "application": status.application, "badge": badge, "word": word}
