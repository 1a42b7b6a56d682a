"""From Starry's errors to HTTP: RFC 9457 problem details, with the CLI's codes and exit codes beside them.

Which status, and why: 4xx is for what the caller can change; 502 is for an apps repository that is broken or says no to
Starry; 503 is for what may work in a moment, and says when to try again.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from starry_gitops.errors import StarryError
from starry_gitops.shapes import error_data

PROBLEM = "application/problem+json"
_AGAIN = "5"

STATUS_BY_CODE: Mapping[str, int] = {
    "not_signed_in": 401,
    "webhook_signature": 401,
    "not_allowed": 403,
    "other_origin": 403,
    "csrf": 403,
    "sign_in_failed": 403,
    "method_not_allowed": 405,
    "name_taken": 409,
    "not_managed": 409,
    "proposal_edited": 409,
    "quota": 409,
    "superseded": 409,
    "too_large": 413,
    "media_type": 415,
    "idempotency_key_reused": 422,
    "too_many_requests": 429,
    "busy": 503,
    "too_many_followers": 503,
}
"""Where the code says more than the exit code: conflicts with what is there are 409, not 422."""

STATUS_BY_EXIT_CODE: Mapping[int, int] = {2: 400, 3: 404, 4: 503, 5: 422, 6: 502, 7: 502, 8: 503, 10: 409, 130: 503}


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(examples=["urn:starry:error:not_found"])
    title: str
    status: int
    detail: str
    code: str = Field(description="As the CLI's -o json says it.")
    hint: str
    exit_code: int = Field(alias="exitCode", description="What the CLI would end with.")
    request_id: str = Field(alias="requestId")


class RequestFault(StarryError):
    """The request itself is at fault; `code` says how."""

    code = "usage"
    exit_code = 2


def status_of(error: StarryError) -> int:
    """The HTTP status that tells of the error."""
    return STATUS_BY_CODE.get(error.code) or STATUS_BY_EXIT_CODE.get(error.exit_code, 500)


def problem_data(error: StarryError, request_id: str) -> dict[str, Any]:
    """The error as an object."""
    status = status_of(error)
    data = error_data(error)
    return {
        "type": f"urn:starry:error:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": data["message"],
        "code": error.code,
        "hint": data["hint"],
        "exitCode": error.exit_code,
        "requestId": request_id,
    }


def problem_headers(error: StarryError) -> dict[str, str]:
    """What a caller should do about it, for programs."""
    return {"Cache-Control": "no-store"} | ({"Retry-After": _AGAIN} if status_of(error) == 503 else {})  # noqa: PLR2004


def problem_response(request: Request, error: StarryError) -> JSONResponse:
    """The answer to a request that failed."""
    data = problem_data(error, getattr(request.state, "request_id", ""))
    return JSONResponse(data, data["status"], problem_headers(error), PROBLEM)


def from_http(error: HTTPException) -> StarryError:
    """What Starlette itself refuses."""
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    fault = RequestFault(str(error.detail), code=codes.get(error.status_code, "usage"))
    if error.status_code == HTTPStatus.NOT_FOUND:
        fault.exit_code = 3
    return fault


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503)
}
"""What any endpoint may answer instead, for the OpenAPI document."""
