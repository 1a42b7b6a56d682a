"""What the API takes: bounded shapes. What the words in them mean, the core's parsers say, as for the CLI."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic.alias_generators import to_camel

from starry_gitops.core.extend import Extend
from starry_gitops.core.images import parse_image
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import Source
from starry_gitops.core.parameters import make_edit, parse_source, parse_text, parse_ttl, refuse_contradictions
from starry_gitops.core.ttl import parse_instant
from starry_gitops.errors import UsageFault

_MAX_SEQUENCE = 10**17

Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Component = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Duration = Annotated[str, StringConstraints(max_length=32), Field(examples=["45m", "2h", "PT90M"])]
Scalar = StrictBool | StrictInt | float | Annotated[str, StringConstraints(max_length=4096)] | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


class PreviewBody(_Body):
    """What a preview shall be; the keys are those of `starry apply`'s list. What is left out stays as it is."""

    overlay: Text | None = Field(None, description="Default: defaultOverlay of starry.yaml.")
    pr: Text | None = Field(None, description="Its pull request: number or URL.", examples=["123"])
    source_branch: Text | None = Field(None, description="The branch that it shows.")
    images: dict[Component, Text] = Field(
        default_factory=dict,
        description="The components' images: TAG, repo:TAG or repo@sha256:…",
        examples=[{"backend": "pr-123-abcd123"}],
        max_length=64,
    )
    commit: Text | None = Field(None, description="The component's commit that it shows.")
    owner: Text | None = Field(None, description="Whose preview it is. Default for a new one: whoever asks.")
    ttl: Duration | None = Field(None, description="Time to live.")
    pin: bool = Field(False, description="Never expires, until it is unpinned.")  # noqa: FBT003 - the default
    sequence: int | None = Field(None, ge=0, le=_MAX_SEQUENCE, description="The pipeline's number.")
    set: dict[Text, Scalar] = Field(
        default_factory=dict, description="Further chart values, no secrets: a.path.with.dots: value.", max_length=256
    )
    only_new: bool = Field(False, description="Refuse to change a preview that exists.")  # noqa: FBT003
    keep_expiry: bool = Field(False, description="Leave the expiry of one that exists.")  # noqa: FBT003

    def intent(self, name: str | None, overlay: str | None, *, must_exist: bool = False) -> Apply:
        """As the core takes it.

        Raises:
            UsageFault, PolicyRefusal: a word makes no sense.
        """
        if self.keep_expiry and self.ttl is not None:
            raise UsageFault("keepExpiry and ttl contradict each other", hint="leave one out")
        edits = tuple(make_edit(place, value) for place, value in self.set.items())
        refuse_contradictions(edits)
        return Apply(
            source=parse_source(name, self.pr, self.source_branch),
            overlay=self.overlay or overlay,
            images=tuple(parse_image(f"{component}={image}") for component, image in self.images.items()),
            commit=parse_text("commit", self.commit),
            owner=parse_text("owner", self.owner),
            ttl=parse_ttl(self.ttl, "ttl"),
            pin=self.pin,
            edits=edits,
            sequence=self.sequence,
            only_new=self.only_new,
            must_exist=must_exist,
            keep_expiry=self.keep_expiry,
        )


class NewBody(PreviewBody):
    """As for one that is named in the path; here the name may follow from `pr` or `sourceBranch`."""

    name: Text | None = Field(None, description="Default: preview-N of pr, or a slug of sourceBranch.")


class ExtendBody(_Body):
    """When it shall expire: a time to live from now, or a time; and whether it is pinned."""

    ttl: Duration | None = Field(None, description="Live so long from now.")
    until: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="Live until then (RFC 3339).", examples=["2026-01-31T18:00:00Z"]
    )
    pinned: bool | None = Field(None, description="Never expires; false makes it expire again.")

    def intent(self, name: str, overlay: str | None) -> Extend:
        """As the core takes it.

        Raises:
            UsageFault: nothing to change, or two things that contradict each other.
        """
        if self.ttl is not None and self.until is not None:
            raise UsageFault("ttl and until contradict each other", hint="leave one out")
        if self.ttl is None and self.until is None and self.pinned is None:
            raise UsageFault("nothing to change", hint="give ttl, until or pinned")
        return Extend(
            source=Source(name=name),
            overlay=overlay,
            ttl=parse_ttl(self.ttl, "ttl"),
            until=None if self.until is None else parse_instant(self.until),
            pinned=self.pinned,
        )


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class Listed(_Answer):
    """One preview of `starry list -o json`."""

    name: str
    overlay: str
    namespace: str
    images: dict[str, str]
    urls: dict[str, str]
    owner: str | None
    pull_request: str | None
    created_at: datetime
    expires_at: datetime
    expired: bool
    pinned: bool


class Commit(_Answer):
    """One commit of `starry history -o json`."""

    commit: str
    date: datetime
    author: str
    subject: str


class Details(Listed):
    """`starry show -o json`."""

    ttl_minutes: int
    repositories: dict[str, str]
    branch: str | None
    commit: str | None
    sequence: int | None
    last_commit: Commit | None


class Written(_Answer):
    """What create, update, extend and delete did; `diff` for a dry run only."""

    name: str
    overlay: str
    namespace: str
    action: str = Field(examples=["created", "updated", "unchanged", "deleted", "absent"])
    commit: str | None
    branch: str
    urls: dict[str, str]
    expires_at: datetime | None
    ttl_minutes: int | None
    pinned: bool
    attempts: int
    dry_run: bool
    diff: str = Field("", description="Of a dry run only.")
    proposal: dict[str, Any] | None = Field(None, description="The pull request, where changes are proposed.")


class Cause(_Answer):
    """Why a preview does not run; `id` is for programs, `words` are what was said, by what is named in `where`."""

    id: str
    cause: str
    next_step: str
    where: str
    words: str


class Status(_Answer):
    """`starry wait -o json` of one look, without `seconds`; beside it what Argo CD shows, and when it was looked at."""

    name: str
    overlay: str
    namespace: str
    state: str = Field(examples=["ready", "waiting", "failed"])
    commit: str
    urls: dict[str, str]
    causes: list[Cause]
    unread: list[str]
    sync: str | None
    health: str | None
    revision: str | None
    seen_at: datetime


class SkippedOne(_Answer):
    """Something among the previews that cannot be read as one."""

    name: str
    overlay: str
    reason: str


class Digest(_Answer):
    """What of starry.yaml a person who makes a preview must know."""

    revision: str
    domain: str
    host_template: str
    default_overlay: str
    overlays: list[dict[str, Any]]
    components: list[dict[str, Any]]
    policy: dict[str, Any]
