"""`/api/v1`: the CLI's objects over HTTP."""

from fastapi import APIRouter, Depends

from starry_gitops.web import api_events, api_reading, api_writing
from starry_gitops.web.guard import refuse_foreign
from starry_gitops.web.problems import RESPONSES
from starry_gitops.web.services import person

router = APIRouter(prefix="/api/v1", dependencies=[Depends(person), Depends(refuse_foreign)], responses=RESPONSES)
for part in (api_reading, api_writing, api_events):
    router.include_router(part.router)
