"""The page as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from starry_gitops import __version__
from starry_gitops.core.texts import shown
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.mirror import Mirror
from starry_gitops.web import api, hooks, ops, pages
from starry_gitops.web.asking import MOST_WAITING
from starry_gitops.web.cluster import Statuses
from starry_gitops.web.config import WebConfig
from starry_gitops.web.hook_desk import open_desk
from starry_gitops.web.metrics import Metrics
from starry_gitops.web.people import Door
from starry_gitops.web.problems import RequestFault, from_http, problem_response
from starry_gitops.web.reading import Reader
from starry_gitops.web.rendering import prepare
from starry_gitops.web.requests import Requests
from starry_gitops.web.services import Services
from starry_gitops.web.tags import Tags
from starry_gitops.web.visit import error_page
from starry_gitops.web.writing import MOST_AT_ONCE, Writer

# Besides those who write: who waits for the cluster, who waits for a registry, and everybody else.
_THREADS = MOST_AT_ONCE + 2 * MOST_WAITING + 40


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Enough threads that those who write or wait do not keep others from reading."""
    current_default_thread_limiter().total_tokens = _THREADS
    yield


def create_app(config: WebConfig, *, door: Door, mirror: Mirror) -> FastAPI:
    """The application; `app.state.services` are its parts. Who runs it polls and closes them."""
    prepare()
    reader, metrics = Reader(mirror), Metrics()
    app = FastAPI(
        title="Starry",
        version=__version__,
        summary="Previews in Git: the API of the web page.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=[Middleware(Requests, metrics=metrics), *door.middleware],
    )
    writer = Writer(config.target, reader, door)
    desk = open_desk(config, reader, metrics)
    app.state.services = Services(
        config=config,
        door=door,
        reader=reader,
        writer=writer,
        metrics=metrics,
        desk=desk,
        statuses=Statuses(config.cluster, mirror) if config.cluster else None,
        tags=Tags(config.registries) if config.registries else None,
    )
    for router in (api.router, ops.router, hooks.router, door.routes, pages.router):
        app.include_router(router)
    app.add_exception_handler(StarryError, _on_starry_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    return app


def _on_starry_error(request: Request, error: Exception) -> Response:
    return _told(request, error if isinstance(error, StarryError) else StarryError(str(error)))


def _on_http_error(request: Request, error: Exception) -> Response:
    return _told(request, from_http(error) if isinstance(error, HTTPException) else StarryError(str(error)))


def _on_validation_error(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    places = (f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in found)
    hint = "see /api/v1/openapi.json"
    return _told(request, RequestFault(shown("; ".join(places)) or "not a valid request", hint=hint))


def _told(request: Request, error: StarryError) -> Response:
    """As a page to a browser, as a problem to a program."""
    is_page = not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
    return error_page(request, error) if is_page else problem_response(request, error)
