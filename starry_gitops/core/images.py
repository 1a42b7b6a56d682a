"""Image references: what `--image` takes and what a policy allows."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from starry_gitops.core.model import ImageRequest
from starry_gitops.core.secrets import refuse_secret_text
from starry_gitops.errors import UsageFault

# The OCI distribution specification's grammar of names, tags and digests, with an optional registry host and port.
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d{1,5})?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*", re.ASCII)
_TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}"
_VERSION = re.compile(rf"{_TAG}|{_DIGEST}|{_TAG}@{_DIGEST}", re.ASCII)
_REFERENCE = re.compile(rf"(?P<repository>.+?)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?", re.ASCII)
_MAX_REPOSITORY = 255


def parse_image(text: str) -> ImageRequest:
    """`COMPONENT=TAG`, `COMPONENT=repo:TAG`, `COMPONENT=repo@sha256:…` or `COMPONENT=repo:TAG@sha256:…`.

    Raises:
        UsageFault: it has none of these forms.
        PolicyRefusal: it looks like a secret.
    """
    refuse_secret_text("--image", text)
    component, separator, reference = text.partition("=")
    if not separator or not component or not reference:
        raise UsageFault(f"--image {text!r} is not COMPONENT=TAG", hint="e.g. --image backend=pr-123-abcd123")
    if _VERSION.fullmatch(reference):
        return ImageRequest(component=component, repository=None, tag=reference)
    match = _REFERENCE.fullmatch(reference)
    tag = "@".join(part for part in (match["tag"], match["digest"]) if part) if match else ""
    if not match or not tag or not is_repository(match["repository"]):
        raise UsageFault(
            f"--image {text!r} names no valid image",
            hint="write COMPONENT=TAG, COMPONENT=repo:TAG or COMPONENT=repo@sha256:<64 hex digits>",
        )
    return ImageRequest(component=component, repository=match["repository"], tag=tag)


def is_repository(text: str) -> bool:
    """True for a valid image repository, such as `us-docker.pkg.dev/myproj/sample-be`."""
    return len(text) <= _MAX_REPOSITORY and _REPOSITORY.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """True for a valid tag, digest or both."""
    return _VERSION.fullmatch(text) is not None


def is_allowed(repository: str, patterns: Iterable[str] | None) -> bool:
    """True when a pattern of the policy matches; `*` stands for any characters, `/` too. No policy allows all."""
    return patterns is None or any(fnmatchcase(repository, pattern) for pattern in patterns)
