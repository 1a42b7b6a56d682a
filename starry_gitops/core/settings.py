"""The settings of an apps repository (`starry.yaml`) as values. Reading them is `starry_gitops.settings`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.roles import WebSettings
from starry_gitops.core.sync_settings import ForgeSettings, SyncSettings
from starry_gitops.errors import NotFound

Mode = Literal["push", "propose"]
"""Whether commands push to the branch, or open a pull request for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """Where the environment chart is.

    `repo_url` None: in the apps repository itself, at `path`. `chart` set: a Helm or OCI repository's chart.
    `describe`: its values tell it of the preview's expiry, owner, pull request and commit.
    """

    repo_url: str | None = None
    chart: str | None = None
    target_revision: str = "main"
    path: str = "charts/environment"
    value_files: tuple[str, ...] = ("values.yaml",)
    describe: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One app of the environment that has an image. `env` values may hold `{host.COMPONENT}`."""

    name: str
    app: str
    image: str
    required: bool
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """The cluster that previews are deployed to: its API server's URL, or its name in Argo CD."""

    server: str | None = "https://kubernetes.default.svc"
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """One environment's Kustomize overlay, and whether previews may be created in it.

    `application_namespace` is where the previews' Applications are: Argo CD's own namespace, or another one that it
    watches (https://argo-cd.readthedocs.io/en/stable/operator-manual/app-any-namespace/).
    """

    name: str
    path: str
    argocd_namespace: str
    application_namespace: str
    destination: Destination
    previews: bool
    domain: str
    quota: "Quota"

    @property
    def folder(self) -> str:
        """The folder of the overlay's previews."""
        return f"{self.path}/previews"

    def instance(self, name: str) -> str:
        """What Argo CD calls a preview's Application in tracking ids: with its namespace, where that is another one."""
        own = self.application_namespace == self.argocd_namespace
        return name if own else f"{self.application_namespace}_{name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class TtlPolicy:
    """Bounds of the time-to-live, in minutes."""

    default: int = 30
    minimum: int = 5
    maximum: int = 240

    def clamp(self, minutes: int) -> int:
        """The nearest TTL within the bounds."""
        return min(max(minutes, self.minimum), self.maximum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """How many previews there may be, and how many of one owner; None is no limit."""

    total: int | None = None
    per_owner: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GcPolicy:
    """Grace in minutes after expiry, and the caps on what one collection may remove."""

    grace: int = 0
    max_deletes: int = 50
    max_delete_share: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What Starry may do. `images` None: any repository. Each overlay has its quota; this one is over all of them."""

    ttl: TtlPolicy
    quota_over_all: Quota
    images: tuple[str, ...] | None
    gc: GcPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All of `starry.yaml`, defaults filled in."""

    project: str
    domain: str
    host_template: str
    repo_url: str | None
    target_revision: str
    chart: Chart
    components: tuple[Component, ...]
    overlays: Mapping[str, Overlay]
    default_overlay: str
    policy: Policy
    templates: str
    mode: Mode
    auto_merge: bool
    forge: ForgeSettings
    sync: SyncSettings
    web: WebSettings

    def overlay(self, name: str | None) -> Overlay:
        """The named overlay, or the default one.

        Raises:
            NotFound: there is no overlay of that name.
        """
        wanted = name or self.default_overlay
        if wanted not in self.overlays:
            known = ", ".join(sorted(self.overlays))
            raise NotFound(f"no overlay named {wanted!r} in starry.yaml", hint=f"overlays: {known}")
        return self.overlays[wanted]

    def chosen(self, names: Iterable[str | None], *, everywhere: bool = False) -> list[Overlay]:
        """The named overlays (None is the default one), each once; or all, beside which those named must exist too.

        Raises:
            NotFound: there is no overlay of that name.
        """
        named = dict.fromkeys(self.overlay(name).name for name in names)
        return [self.overlays[name] for name in (self.overlays if everywhere else named)]

    def component(self, name: str) -> Component | None:
        """The named component, or None."""
        return next((component for component in self.components if component.name == name), None)
