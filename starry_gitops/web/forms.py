"""From what a person typed into a form to an intent, or to what is wrong with it, field by field."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeVar

from starry_gitops.core.images import parse_image
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import ImageRequest, Source
from starry_gitops.core.naming import check_name
from starry_gitops.core.parameters import parse_source, parse_text, parse_ttl
from starry_gitops.core.policy import refuse_ttl
from starry_gitops.core.settings import Overlay, Settings, TtlPolicy
from starry_gitops.core.ttl import format_duration
from starry_gitops.errors import StarryError, UsageFault
from starry_gitops.web.keys import KeyReused

T = TypeVar("T")
Act = Literal["check", "write", "edit"]
_ACTS: Mapping[str, Act] = {"write": "write", "edit": "edit"}

IMAGE = "image."
"""Before a component's name, in the name of its field."""
_LONGEST = 1_024
# The core's messages speak of the command line's options.
_WORDS = (
    (re.compile(r"--source-branch\b"), "branch"),
    (re.compile(r"--pr\b"), "pull request"),
    (re.compile(r"--ttl\b"), "time to live"),
    (re.compile(r"--(owner|image)\b"), r"\1"),
    (re.compile(r"\bNAME\b"), "name"),
)
_HINTS = {
    "pr": "give its number, such as 123, or its page's address",
    "ttl": "choose one within the policy of starry.yaml, such as 45m or 2h",
}
_IMAGE_HINT = "write a tag, repository:tag or repository@sha256:<64 hex digits>"
# Words that a sentence may begin with; a name or a file that begins one stays as it is.
_BEGIN = re.compile(r"(a|the|no|there|it|previews|component|pull request|branch|time to live|owner|image|name)\b")
_FIELDS = {"ttl": "ttl", "name_taken": "name", "name_reserved": "name", "previews_off": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What is wrong, in which field (none: no single one), what to do, and where to go on."""

    message: str
    hint: str = ""
    field: str = ""
    link: str = ""
    link_words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What was typed, as it was typed. `images` by component."""

    name: str = ""
    pr: str = ""
    branch: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    ttl: str = ""
    pin: bool = False
    owner: str = ""

    def fields(self) -> list[tuple[str, str]]:
        """The same for hidden fields."""
        pairs = [("name", self.name), ("pr", self.pr), ("branch", self.branch), ("ttl", self.ttl)]
        pairs += [(f"{IMAGE}{component}", text) for component, text in self.images.items()]
        return [*pairs, ("owner", self.owner), *([("pin", "1")] if self.pin else [])]


def read_form(typed: Mapping[str, str], settings: Settings, *, owner: str) -> Form:
    """The fields of a form, or of a link that fills one in. `owner` stands where none was typed."""
    texts = {key: value.strip()[: _LONGEST + 1] for key, value in typed.items()}
    images = {part.name: texts.get(f"{IMAGE}{part.name}", "") for part in settings.components}
    return Form(
        name=texts.get("name", ""),
        pr=texts.get("pr", ""),
        branch=texts.get("branch", ""),
        images=images,
        ttl=texts.get("ttl", "") or format_duration(settings.policy.ttl.default),
        pin=texts.get("pin") == "1",
        owner=texts.get("owner", "") or owner,
    )


def read_act(typed: Mapping[str, str]) -> Act:
    """Which button it was. What is none only looks."""
    return _ACTS.get(typed.get("act", ""), "check")


def creation(form: Form, settings: Settings, overlay: Overlay) -> Apply | list[Fault]:
    """A new preview, or all that is wrong."""
    faults: list[Fault] = []
    source = _tried(faults, "pr" if form.pr else "branch", lambda: _source(form))
    if form.name:
        _tried(faults, "name", lambda: check_name(form.name, settings, overlay))
    if not (form.name or form.pr or form.branch):
        faults.append(Fault(field="pr", message="It has no name", hint="give a pull request, a branch or a name"))
    images = _images(form, settings, faults, missing=True)
    ttl = _tried(faults, "ttl", lambda: read_ttl(form.ttl, settings.policy.ttl))
    owner = _tried(faults, "owner", lambda: parse_text("--owner", form.owner or None))
    if faults or source is None:
        return faults
    return Apply(source=source, overlay=overlay.name, images=images, ttl=ttl, owner=owner, pin=form.pin, only_new=True)


def change(form: Form, settings: Settings, overlay: Overlay, name: str) -> Apply | list[Fault]:
    """Other images for a preview, or all that is wrong."""
    faults: list[Fault] = []
    images = _images(form, settings, faults, missing=False)
    if not images and not faults:
        faults.append(Fault(message="No image was given", hint="give at least one tag"))
    return faults or Apply(source=Source(name=name), overlay=overlay.name, images=images, must_exist=True)


def read_ttl(text: str, policy: TtlPolicy) -> int:
    """Minutes within the policy.

    Raises:
        UsageFault, PolicyRefusal: no duration, or out of bounds.
    """
    minutes = parse_ttl(text)
    if minutes is None:
        raise UsageFault("--ttl is empty")
    refuse_ttl(minutes, policy)
    return minutes


def fault_of(error: StarryError, field: str | None = None) -> Fault:
    """An error of the core in the words of a page."""
    if error.code == KeyReused.code:
        return Fault(
            message="This form was sent before, with something else in it", hint="if you mean it, send it again"
        )
    place = _FIELDS.get(error.code, "") if field is None else field
    message = _in_words(error.message)
    return Fault(field=place, message=_sentence(message), hint=_hint(error, place))


def linked(fault: Fault, link: str, words: str) -> Fault:
    """The fault with a place to go on."""
    return replace(fault, link=link, link_words=words, hint="")


def _source(form: Form) -> Source:
    return parse_source(form.name or None, form.pr or None, form.branch or None)


def _images(form: Form, settings: Settings, faults: list[Fault], *, missing: bool) -> tuple[ImageRequest, ...]:
    """The images that were given; `missing` says that each required one must be."""
    found = []
    for part in settings.components:
        text = form.images.get(part.name, "")
        if text:
            found.append(_tried(faults, f"{IMAGE}{part.name}", partial(parse_image, f"{part.name}={text}")))
        elif missing and part.required:
            faults.append(
                Fault(field=f"{IMAGE}{part.name}", message=f"{part.name} needs an image", hint="give its tag")
            )
    return tuple(image for image in found if image)


def _tried(faults: list[Fault], field: str, parse: Callable[[], T]) -> T | None:
    try:
        return parse()
    except StarryError as error:
        faults.append(fault_of(error, field))
        return None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if _BEGIN.match(text) else text


def _hint(error: StarryError, place: str) -> str:
    """What to do on a page; what speaks of the command line's options is left out."""
    if place.startswith(IMAGE) and "COMPONENT" in error.hint:
        return _IMAGE_HINT
    hint = _HINTS.get(place) or _in_words(error.hint)
    return "" if "--" in hint else hint


def _in_words(text: str) -> str:
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text
