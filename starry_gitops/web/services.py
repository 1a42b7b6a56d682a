"""What every endpoint works with."""

from dataclasses import dataclass

from starlette.requests import Request

from starry_gitops.web.cluster import Statuses
from starry_gitops.web.config import WebConfig
from starry_gitops.web.hook_desk import Desk
from starry_gitops.web.metrics import Metrics
from starry_gitops.web.people import Door, Person
from starry_gitops.web.reading import Reader
from starry_gitops.web.tags import Tags
from starry_gitops.web.writing import Writer


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The parts of one running page. None: no webhooks, no cluster that is asked, no registry."""

    config: WebConfig
    door: Door
    reader: Reader
    writer: Writer
    metrics: Metrics
    desk: Desk | None = None
    statuses: Statuses | None = None
    tags: Tags | None = None


def services(request: Request) -> Services:
    """The parts that serve this request."""
    found: Services = request.app.state.services
    return found


async def parts_of(request: Request) -> Services:
    """As `services`; a dependency, which needs no thread."""
    return services(request)


def person(request: Request) -> Person:
    """Who asks; a dependency.

    Raises:
        NotSignedIn: nobody knows.
    """
    return services(request).door.person(request)
