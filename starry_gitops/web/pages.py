"""All pages, and what they load."""

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from starry_gitops.errors import NotFound
from starry_gitops.web import page_cluster, page_form, page_list, page_preview
from starry_gitops.web.rendering import STATIC
from starry_gitops.web.visit import PageRoute

router = APIRouter()

_TYPES = {
    "starry.css": "text/css; charset=utf-8",
    "starry.js": "text/javascript; charset=utf-8",
    "starry.svg": "image/svg+xml",
}
# The address changes with the content.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

_static = APIRouter(route_class=PageRoute, include_in_schema=False)


@_static.get("/static/{name}")
def static(name: str) -> Response:
    """A style sheet, a script or a picture."""
    if name not in _TYPES:
        raise NotFound("no such file")
    return FileResponse(STATIC / name, media_type=_TYPES[name], headers=_FOR_EVER)


for part in (page_list, page_form, page_preview, page_cluster):
    router.include_router(part.router)
router.include_router(_static)
