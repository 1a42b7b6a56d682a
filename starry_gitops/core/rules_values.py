"""The rules for a preview's values.yaml, and for what both files say together."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from starry_gitops.core.findings import Finding
from starry_gitops.core.hosts import is_host
from starry_gitops.core.images import is_allowed, is_repository, is_version
from starry_gitops.core.manifest import APPLICATION_FILE, CREATED_AT, EXPIRES_AT, TTL_MINUTES, VALUES_FILE
from starry_gitops.core.secrets import find_secrets
from starry_gitops.core.subject import Subject
from starry_gitops.core.ttl import CLOCK_SLACK, format_duration, format_instant
from starry_gitops.core.values import HOSTS_PATH, TTL_PATH, facts_of, image_fields, images_of
from starry_gitops.core.yamltext import look_up, plain, text_at

# How far expiry and TTL may be apart, so that clocks that differ a little do not make a finding.
_SLACK = timedelta(minutes=5)


def expiry(subject: Subject) -> Iterator[Finding]:
    """TTL and expiry agree in both files and lie within the policy."""
    preview, policy = subject.preview, subject.settings.policy.ttl
    node = look_up(subject.values, *TTL_PATH)
    if node is None or plain(node) != preview.ttl_minutes or isinstance(plain(node), bool):
        message = f"global.ttlMinutes must be {preview.ttl_minutes}, as {TTL_MINUTES} says"
        yield subject.in_values("expiry", message, *TTL_PATH)
    if not policy.minimum <= preview.ttl_minutes <= policy.maximum:
        bounds = f"{format_duration(policy.minimum)} to {format_duration(policy.maximum)}"
        message = f"a TTL of {format_duration(preview.ttl_minutes)} is outside the policy's {bounds}"
        yield subject.in_application("expiry", message, "metadata", "annotations", TTL_MINUTES)
    yield from _times(subject)


def _times(subject: Subject) -> Iterator[Finding]:
    preview, now = subject.preview, subject.now
    for key, instant in ((CREATED_AT, preview.created_at), (EXPIRES_AT, preview.expires_at)):
        path = ("metadata", "annotations", key)
        if text_at(subject.application, *path) != format_instant(instant):
            yield subject.in_application("expiry", f"{key} must be UTC in whole seconds with Z", *path)
    if preview.created_at > now + CLOCK_SLACK:
        yield subject.in_application("expiry", "created-at lies in the future", "metadata", "annotations", CREATED_AT)
    # A TTL runs from the creation or from a renewal after it, and no renewal lies ahead of us.
    ttl, path = timedelta(minutes=preview.ttl_minutes), ("metadata", "annotations", EXPIRES_AT)
    if preview.expires_at < preview.created_at + ttl - _SLACK or preview.expires_at <= preview.created_at:
        message = f"expires-at lies before created-at and the TTL of {format_duration(preview.ttl_minutes)}"
        yield subject.in_application("expiry", message, *path)
    if preview.expires_at > now + ttl + _SLACK and not preview.pinned:
        message = f"expires-at lies further ahead than the TTL of {format_duration(preview.ttl_minutes)}"
        yield subject.in_application("expiry", message, *path)


def facts(subject: Subject) -> Iterator[Finding]:
    """What the chart is told of the preview is what the manifest says. Git decides by the manifest: only a warning."""
    for path, wanted in facts_of(subject.preview).items():
        node = look_up(subject.values, *path)
        if node is not None and plain(node) != (wanted or ""):
            what = f"{'.'.join(path[:2])}{f'[{path[2]!r}]' if path[2:] else ''}"
            message = f"{what} is not the manifest's {wanted!r}" if wanted else f"{what} is not in the manifest"
            yield replace(subject.in_values("facts", message, *path), severity="warning")


def hosts(subject: Subject) -> Iterator[Finding]:
    """Hosts are valid and lie under the overlay's domain."""
    node = look_up(subject.values, *HOSTS_PATH)
    hosts = plain(node) if node else None
    if not isinstance(hosts, list):
        yield subject.in_values("hosts", "ingress.hosts must be a list of host names", *HOSTS_PATH)
        return
    for number, host in enumerate(hosts):
        if not isinstance(host, str) or not is_host(host):
            yield subject.in_values("hosts", f"{host!r} is not a valid host name", *HOSTS_PATH, str(number))
        elif not host.endswith(f".{subject.overlay.domain}"):
            yield subject.in_values("hosts", f"{host} is not under {subject.overlay.domain}", *HOSTS_PATH, str(number))


def images(subject: Subject) -> Iterator[Finding]:
    """Enabled components have a valid tag, from a repository that the policy allows."""
    for component, image in images_of(image_fields(subject.values), subject.settings).items():
        path = (component, "image")
        if not is_version(image.tag):
            yield subject.in_values("images", f"component {component}: {image.tag!r} is not a valid tag", *path, "tag")
        if not is_repository(image.repository):
            message = f"component {component}: {image.repository!r} is not a valid repository"
            yield subject.in_values("images", message, *path, "repository")
        elif not is_allowed(image.repository, subject.settings.policy.images):
            message = f"component {component}: images from {image.repository} are not allowed"
            yield subject.in_values("images", message, *path, "repository")


def secrets(subject: Subject) -> Iterator[Finding]:
    """No value of either file looks like a secret."""
    for path, line, reason in find_secrets(subject.application):
        file = f"{subject.folder}/{APPLICATION_FILE}"
        yield Finding(rule="secrets", file=file, line=line, message=f"{'.'.join(path)}: {reason}")
    for path, line, reason in find_secrets(subject.values):
        file = f"{subject.folder}/{VALUES_FILE}"
        yield Finding(rule="secrets", file=file, line=line, message=f"{'.'.join(path)}: {reason}")
