"""What `starry.yaml` says of forges, and of the component repositories whose pull requests get previews."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ForgeKind = Literal["github", "gitlab", "gitea"]
Renew = Literal["whileOpen", "onPush"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgeSettings:
    """Which forge it is, where URLs do not tell. It holds for every repository that Starry asks a forge about."""

    kind: ForgeKind | None = None
    api_url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncRepository:
    """A component's repository, and which of its pull requests get a preview.

    Attributes:
        name: what it is called in the settings.
        url: its page, without `.git` and without a slash at the end.
        component: whose image its pull requests build.
        tag: how that image's tag is made.
        preview: how the preview's name is made; holds `{number}` once.
        overlay: None is the default one.
        ttl: in minutes; None is the policy's default.
        labels: all of them are needed.
        drafts: whether drafts get a preview.
        branches, base_branches, paths: patterns, of which one must match; None is any.
        authors: only theirs; None is anybody's.
        fork_label: without it a fork's pull request gets none; None: forks never do.
    """

    name: str
    url: str
    component: str
    tag: str = "pr-{number}-{commit}"
    preview: str = "preview-{number}"
    overlay: str | None = None
    ttl: int | None = None
    labels: tuple[str, ...] = ()
    drafts: bool = False
    branches: tuple[str, ...] | None = None
    base_branches: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    exclude_authors: tuple[str, ...] = ()
    fork_label: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncSettings:
    """When previews are renewed, the images that a pull request does not build, and the repositories by name."""

    renew: Renew = "whileOpen"
    images: Mapping[str, str] = field(default_factory=dict)
    repositories: Mapping[str, SyncRepository] = field(default_factory=dict)
