"""What the API does: create, update, extend, delete; each as the CLI does it."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import JSONResponse

from starry_gitops.core.model import Result, Source
from starry_gitops.core.remove import Remove
from starry_gitops.errors import StarryError
from starry_gitops.publishing import Outcome
from starry_gitops.shapes import result_data, with_outcome
from starry_gitops.web import bodies
from starry_gitops.web.api_reading import Name, Overlay, Parts
from starry_gitops.web.metrics import Metrics
from starry_gitops.web.people import Person
from starry_gitops.web.services import Services, person

router = APIRouter()

Who = Annotated[Person, Depends(person)]
DryRun = Annotated[bool, Query(alias="dryRun", description="Only say what would be done, with the diff.")]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=128, description="Asked for twice, it is done once."),
]
_CREATED: dict[int | str, dict[str, Any]] = {201: {"model": bodies.Written, "description": "Created"}}


@router.post("/previews", summary="Create a preview, or update it", response_model=bodies.Written, responses=_CREATED)
def create_preview(
    parts: Parts, who: Who, body: bodies.NewBody, *, overlay: Overlay = None, dry_run: DryRun = False, key: Key = None
) -> JSONResponse:
    """As `starry create`; the name may follow from `pr` or `sourceBranch`."""
    return _apply(parts, who, body, body.name, overlay, dry_run=dry_run, key=key)


@router.put(
    "/previews/{name}", summary="Create a preview, or update it", response_model=bodies.Written, responses=_CREATED
)
def put_preview(
    parts: Parts,
    who: Who,
    name: Name,
    body: bodies.PreviewBody,
    *,
    overlay: Overlay = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> JSONResponse:
    """As `starry create NAME`: what is left out stays as it is, and the same again changes nothing."""
    return _apply(parts, who, body, name, overlay, dry_run=dry_run, key=key)


@router.patch("/previews/{name}", summary="Change when a preview expires", response_model=bodies.Written)
def extend_preview(
    parts: Parts,
    who: Who,
    name: Name,
    body: bodies.ExtendBody,
    *,
    overlay: Overlay = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> JSONResponse:
    """As `starry extend`."""
    intent = body.intent(name, overlay or parts.config.overlay)
    outcome = told(parts.metrics, lambda: parts.writer.extend(who, intent, dry_run=dry_run, key=key))
    return JSONResponse(with_outcome(result_data(outcome.answer, outcome), outcome))


@router.delete("/previews/{name}", summary="Remove a preview", response_model=bodies.Written)
def delete_preview(
    parts: Parts,
    who: Who,
    name: Name,
    *,
    overlay: Overlay = None,
    must_exist: Annotated[bool, Query(alias="mustExist", description="404 when it is not there.")] = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> JSONResponse:
    """As `starry delete`; one that is not there is `absent`, which is success."""
    where = overlay or parts.config.overlay
    intent = Remove(sources=(Source(name=name),), overlay=where, must_exist=must_exist)
    outcome = told(parts.metrics, lambda: parts.writer.remove(who, intent, dry_run=dry_run, key=key))
    return JSONResponse(with_outcome(result_data(outcome.answer[0], outcome), outcome))


def _apply(
    parts: Services,
    who: Person,
    body: bodies.PreviewBody,
    name: str | None,
    overlay: str | None,
    *,
    dry_run: bool,
    key: str | None,
) -> JSONResponse:
    intent = body.intent(name, overlay or parts.config.overlay)
    outcome = told(parts.metrics, lambda: parts.writer.apply(who, intent, dry_run=dry_run, key=key))
    data = with_outcome(result_data(outcome.answer, outcome), outcome)
    is_new = outcome.answer.action == "created" and not dry_run
    place = f"/api/v1/previews/{quote(outcome.answer.name)}?{urlencode({'overlay': outcome.answer.overlay})}"
    return JSONResponse(data, 201 if is_new else 200, {"Location": place} if is_new else None)


def told(metrics: Metrics, write: Callable[[], Outcome[Any]]) -> Outcome[Any]:
    """Does the write, and counts what became of it."""
    try:
        outcome = write()
    except StarryError as error:
        metrics.write(result=error.code)
        raise
    if not outcome.dry_run:
        answers: tuple[Result, ...] = outcome.answer if isinstance(outcome.answer, tuple) else (outcome.answer,)
        for answer in answers:
            metrics.write(result=answer.action, attempts=outcome.attempts)
    return outcome
