"""What the settings' policy refuses, one function per rule. Each raises PolicyRefusal with its own code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from starry_gitops.core.context import Context
from starry_gitops.core.hosts import twins
from starry_gitops.core.images import is_allowed
from starry_gitops.core.inventory import owners_of
from starry_gitops.core.manifest import KEEP_FILE
from starry_gitops.core.model import Image, Preview, Source
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.secrets import SECRETS_HINT, secret_reason
from starry_gitops.core.settings import Overlay, Quota, Settings, TtlPolicy
from starry_gitops.core.ttl import format_duration, format_instant
from starry_gitops.errors import PolicyRefusal, UsageFault


def refuse_ttl(minutes: int, policy: TtlPolicy) -> None:
    """The TTL lies within the policy's bounds."""
    if not policy.minimum <= minutes <= policy.maximum:
        bounds = f"{format_duration(policy.minimum)} to {format_duration(policy.maximum)}"
        raise PolicyRefusal(
            f"a TTL of {format_duration(minutes)} is outside the policy's {bounds}",
            hint="choose a TTL within policy.ttl of starry.yaml",
            code="ttl",
        )


def refuse_expiry(expires_at: datetime, now: datetime, policy: TtlPolicy) -> None:
    """The expiry lies at least the shortest and at most the longest TTL from now."""
    earliest, latest = now + timedelta(minutes=policy.minimum), now + timedelta(minutes=policy.maximum)
    if not earliest <= expires_at <= latest:
        raise PolicyRefusal(
            f"{format_instant(expires_at)} is outside the policy's "
            f"{format_duration(policy.minimum)} to {format_duration(policy.maximum)} from now",
            hint=f"choose a time from {format_instant(earliest)} to {format_instant(latest)}",
            code="ttl",
        )


def refuse_images(images: Mapping[str, Image], settings: Settings) -> None:
    """Every repository is one that `policy.images` allows."""
    for component, image in images.items():
        if not is_allowed(image.repository, settings.policy.images):
            raise PolicyRefusal(
                f"component {component}: images from {image.repository} are not allowed",
                hint=f"policy.images of starry.yaml allows {', '.join(settings.policy.images or ())}",
                code="image",
            )


def refuse_previews_off(overlay: Overlay) -> None:
    """The overlay takes previews at all."""
    if not overlay.previews:
        raise PolicyRefusal(
            f"previews are off in overlay {overlay.name}",
            hint=f"set overlays.{overlay.name}.previews: true in starry.yaml",
            code="previews_off",
        )


def refuse_quota(context: Context, overlay: Overlay, owner: str | None) -> None:
    """One more preview fits the quotas of its overlay, and those over all overlays."""
    _refuse_within(context, [overlay], overlay.quota, owner, f"overlay {overlay.name}")
    everywhere = list(context.settings.overlays.values())
    _refuse_within(context, everywhere, context.settings.policy.quota_over_all, owner, "all overlays")


def refuse_new_owner(context: Context, overlay: Overlay, owner: str) -> None:
    """A preview that changes hands is one more of its new owner's; it is none more in all."""
    _refuse_within(context, [overlay], replace(overlay.quota, total=None), owner, f"overlay {overlay.name}")
    quota = replace(context.settings.policy.quota_over_all, total=None)
    _refuse_within(context, list(context.settings.overlays.values()), quota, owner, "all overlays")


def _refuse_within(context: Context, overlays: Sequence[Overlay], quota: Quota, owner: str | None, where: str) -> None:
    """Owners are read only when the number of all previews can reach their quota."""
    folders = [context.snapshot.entries(overlay.folder) for overlay in overlays] if quota != Quota() else []
    count = sum(len(entries) - (KEEP_FILE in entries) for entries in folders)
    if quota.total is not None and count >= quota.total:
        raise PolicyRefusal(
            f"there are {count} previews in {where}; the quota is {quota.total}",
            hint="delete one, or let one expire (starry list --expired)",
            code="quota",
        )
    if owner is None or quota.per_owner is None or count < quota.per_owner:
        return
    owned = sorted(
        name for overlay in overlays for name, other in owners_of(context, overlay).items() if other == owner
    )
    if len(owned) >= quota.per_owner:
        raise PolicyRefusal(
            f"{owner} has {len(owned)} previews in {where}; the quota is {quota.per_owner}",
            hint=f"delete one of: {', '.join(owned[:10])}",
            code="quota",
        )


def refuse_taken_name(context: Context, overlay: Overlay, name: str) -> None:
    """No other overlay has a preview of this name, and no other preview would get one of its hosts."""
    for other in context.settings.overlays.values():
        entries = context.snapshot.entries(other.folder)
        if other is not overlay and name in entries and overlays_collide(overlay, other):
            raise _taken(name, f"by the preview {name} of overlay {other.name}")
        for twin in twins(context.settings, overlay, name):
            if twin in entries and overlays_collide(overlay, other):
                raise _taken(name, f"in its host names by the preview {twin}")


def overlays_collide(one: Overlay, other: Overlay) -> bool:
    """True when previews of one name would meet: in Argo CD's namespace or on a cluster."""
    return one.argocd_namespace == other.argocd_namespace or _cluster(one) == _cluster(other)


def _cluster(overlay: Overlay) -> str:
    """The cluster, by whichever name; Argo CD calls its own one `in-cluster`."""
    name = overlay.destination.server or overlay.destination.name or ""
    return "https://kubernetes.default.svc" if name == "in-cluster" else name.rstrip("/")


def refuse_other_source(preview: Preview, source: Source) -> None:
    """The preview was not made for another pull request or branch."""
    wanted, stored = source.pull_request, preview.pull_request
    if wanted and stored and not same_pull_request(wanted.text, stored):
        raise _taken(preview.name, f"by pull request {stored}")
    if source.branch and preview.branch and source.branch != preview.branch:
        raise _taken(preview.name, f"by branch {preview.branch}")
    # One of the two may be new; a preview that shows only the other one is somebody else's.
    if wanted and not stored and preview.branch and source.branch is None:
        raise _taken(preview.name, f"by branch {preview.branch}")
    if source.branch and not wanted and stored and not preview.branch:
        raise _taken(preview.name, f"by pull request {stored}")


def same_pull_request(one: str, other: str) -> bool:
    """True when two texts of the annotation mean one pull request; a bare number matches any URL with it."""
    try:
        first, second = parse_pull_request(one), parse_pull_request(other)
    except UsageFault:
        return one == other
    if first.url and second.url:
        return first.url == second.url
    return first.number == second.number


def refuse_unmanaged(preview: Preview) -> None:
    """The Application carries Starry's managed-by label."""
    if not preview.managed:
        raise unmanaged(preview.name)


def unmanaged(name: str) -> PolicyRefusal:
    """The refusal to touch an Application that is somebody else's."""
    return PolicyRefusal(
        f"the Application {name} is not managed by Starry",
        hint="it lacks the label app.kubernetes.io/managed-by: starry; change it by hand",
        code="not_managed",
    )


def refuse_superseded(preview: Preview, sequence: int | None) -> None:
    """The pipeline is not older than the one that wrote the preview last."""
    if sequence is not None and preview.sequence is not None and sequence < preview.sequence:
        raise PolicyRefusal(
            f"{preview.name} was written by sequence {preview.sequence}; {sequence} is older",
            hint="nothing to do: a newer pipeline has won",
            code="superseded",
        )


def refuse_secrets(values: Iterable[tuple[str, tuple[str, ...], object]]) -> None:
    """No value (given as what it is, its path and itself) looks like a secret. The value is never repeated."""
    for what, path, value in values:
        reason = secret_reason(path, value)
        if reason:
            raise PolicyRefusal(
                f"{what}: {reason}",
                hint=SECRETS_HINT,
                code="secret",
            )


def _taken(name: str, by: str) -> PolicyRefusal:
    return PolicyRefusal(f"the name {name} is taken {by}", hint="choose another NAME", code="name_taken")
