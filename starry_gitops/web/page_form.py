"""The pages that make a preview, or give it other images: a form, the commit it would make, and the commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from starry_gitops.core.intent import Apply
from starry_gitops.core.model import Result
from starry_gitops.core.naming import resolve_name
from starry_gitops.core.pull_requests import read_pull_request
from starry_gitops.core.registry import Tag, suggestions
from starry_gitops.core.settings import Component, Overlay
from starry_gitops.errors import NotFound, StarryError
from starry_gitops.publishing import Outcome
from starry_gitops.service import current_time
from starry_gitops.web import forms
from starry_gitops.web.forms import Fault, Form
from starry_gitops.web.htmlviews import diff_files
from starry_gitops.web.links import preview_path, proposed_path
from starry_gitops.web.listing import tags_in_use
from starry_gitops.web.page_list import rows_of
from starry_gitops.web.people import NotAllowed
from starry_gitops.web.problems import status_of
from starry_gitops.web.tags import Tags
from starry_gitops.web.visit import PageRoute, Typed, Visit, Visiting, go_to, new_key

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_UNFIT = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    """What a form is about. `fixed` is the preview whose images are changed; without it, a new one is made."""

    overlay: Overlay
    fixed: str = ""

    @property
    def action(self) -> str:
        """Where the form goes."""
        name = self.overlay.name
        return preview_path(name, self.fixed, "images") if self.fixed else f"/new?overlay={name}"

    @property
    def back(self) -> str:
        """Where whoever thinks better of it goes."""
        return preview_path(self.overlay.name, self.fixed) if self.fixed else f"/?overlay={self.overlay.name}"


@router.get("/new")
def new(visit: Visiting) -> Response:
    """The form of a new preview; a link may fill it in."""
    task = _Task(overlay=visit.overlay(visit.request.query_params.get("overlay")))
    if not visit.may("create", visit.person.email):
        raise NotAllowed("You may look at previews, not make them", hint="ask an admin for the role developer")
    return _form(visit, task, _read(visit, visit.request.query_params), [])


@router.post("/new")
def create(visit: Visiting, typed: Typed) -> Response:
    """Shows the commit, or makes it."""
    return _answer(visit, _Task(overlay=visit.overlay(visit.request.query_params.get("overlay"))), typed)


@router.get("/previews/{overlay}/{name}/images")
def images(visit: Visiting, overlay: str, name: str) -> Response:
    """The form of other images."""
    task = _Task(overlay=visit.overlay(overlay), fixed=name)
    one = visit.view.details(name, task.overlay.name)
    if not visit.may("create", one["owner"]):
        raise NotAllowed(f"You may not change {name}", hint="ask its owner or an admin")
    return _form(visit, task, forms.read_form(_tags(one), visit.view.settings, owner=""), [])


@router.get("/tags")
def tags(visit: Visiting, overlay: str = "", component: str = "", pr: str = "") -> Response:
    """The tags that a field may offer, once the registry has answered; a script asks for them."""
    where, settings = visit.overlay(overlay), visit.view.settings
    found = settings.component(component)
    if found is None or visit.parts.tags is None:
        raise NotFound("There are no tags of such a component")
    if not visit.may("create", visit.person.email):
        raise NotAllowed("You may look at previews, not make them")
    return visit.page("tags.html.j2", where, tags=_offered(visit, where, found, visit.parts.tags.found(found), pr))


@router.post("/previews/{overlay}/{name}/images")
def change(visit: Visiting, typed: Typed, overlay: str, name: str) -> Response:
    """Shows the commit, or makes it."""
    return _answer(visit, _Task(overlay=visit.overlay(overlay), fixed=name), typed)


def _answer(visit: Visit, task: _Task, typed: Mapping[str, str]) -> Response:
    form, act = _read(visit, typed), forms.read_act(typed)
    if act == "edit":
        return _form(visit, task, form, [])
    settings = visit.view.settings
    wanted = (
        forms.change(form, settings, task.overlay, task.fixed)
        if task.fixed
        else forms.creation(form, settings, task.overlay)
    )
    if not isinstance(wanted, Apply):
        return _form(visit, task, form, wanted, status=_UNFIT)
    try:
        outcome = _publish(visit, wanted, act, typed.get("key"))
    except StarryError as error:
        return _form(visit, task, form, [_fault(error, wanted, visit, task)], status=status_of(error))
    if act == "check":
        return _review(visit, task, form, outcome)
    if outcome.proposal:
        return go_to(proposed_path(task.overlay.name, outcome.answer.name, outcome.proposal))
    done = {"done": outcome.answer.action, "commit": outcome.commit or ""}
    return go_to(preview_path(task.overlay.name, outcome.answer.name, **done))


def _publish(visit: Visit, wanted: Apply, act: forms.Act, key: str | None) -> Outcome[Result]:
    if act == "check":
        return visit.parts.writer.apply(visit.person, wanted, dry_run=True)
    return visit.parts.writer.apply(visit.person, wanted, key=key)


def _read(visit: Visit, typed: Mapping[str, str]) -> Form:
    """Only an admin may say whose it is."""
    own = visit.person.email
    typed = typed if visit.person.role == "admin" else {**typed, "owner": own}
    return forms.read_form(typed, visit.view.settings, owner=own)


def _tags(one: Mapping[str, Any]) -> dict[str, str]:
    """The images as they are: the tag alone where the repository is the component's own is enough to keep it."""
    return {f"{forms.IMAGE}{component}": tag for component, tag in one["images"].items()}


def _fault(error: StarryError, wanted: Apply, visit: Visit, task: _Task) -> Fault:
    fault = forms.fault_of(error)
    if error.code != "name_taken" or task.fixed:
        return fault
    name = resolve_name(wanted.source, visit.view.settings, task.overlay)
    return forms.linked(fault, preview_path(task.overlay.name, name), f"Open {name}")


def _form(visit: Visit, task: _Task, form: Form, faults: Sequence[Fault], *, status: int = 200) -> Response:
    settings = visit.view.settings
    pr = (visit.view.details(task.fixed, task.overlay.name)["pullRequest"] or "") if task.fixed else form.pr
    return visit.page(
        "form.html.j2",
        task.overlay,
        status=status,
        title=f"Change the images of {task.fixed}" if task.fixed else "New preview",
        form=form,
        faults=faults,
        fixed=task.fixed,
        action=task.action,
        back=task.back,
        components=settings.components,
        tags={one.name: _offered(visit, task.overlay, one, _known(visit, one), pr) for one in settings.components},
        tags_of=_tag_places(visit, task.overlay, pr),
        policy=settings.policy.ttl,
        may_choose_owner=visit.person.role == "admin",
        key=new_key(),
    )


def _offered(visit: Visit, overlay: Overlay, component: Component, known: Iterable[Tag], pr: str) -> Sequence[str]:
    """The registry's tags, and those that run already."""
    in_use = tags_in_use(rows_of(visit.view, overlay.name)).get(component.name, ())
    pull_request = read_pull_request(pr or None)
    return suggestions(known, in_use, pull_request.number if pull_request else None)


def _registry_tags(visit: Visit) -> Tags | None:
    """What registries say is for those who may make previews."""
    return visit.parts.tags if visit.may("create", visit.person.email) else None


def _known(visit: Visit, component: Component) -> Iterable[Tag]:
    known = _registry_tags(visit)
    return known.known(component) if known else ()


def _tag_places(visit: Visit, overlay: Overlay, pr: str) -> dict[str, str]:
    """Where a script gets each component's tags."""
    known = _registry_tags(visit)
    asked = [one.name for one in visit.view.settings.components if known is not None and known.serves(one)]
    return {name: f"/tags?{urlencode({'overlay': overlay.name, 'component': name, 'pr': pr})}" for name in asked}


def _review(visit: Visit, task: _Task, form: Form, outcome: Outcome[Result]) -> Response:
    result = outcome.answer
    return visit.page(
        "review.html.j2",
        task.overlay,
        title=f"{'Change' if task.fixed else 'Create'} {result.name}?",
        verb=f"{'Change' if task.fixed else 'Create'} {result.name}",
        fields=form.fields(),
        files=diff_files(outcome.diff),
        branch=outcome.branch,
        urls=result.urls,
        pinned=result.pinned,
        expires_at=result.expires_at,
        now=current_time(),
        action=task.action,
        back=task.back,
        key=new_key(),
    )
