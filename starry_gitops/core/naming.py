"""Names of previews: any branch, PR number or URL becomes one safe, stable name.

A name is a namespace, an Application, a Helm release, a folder and a part of host names, so it is a DNS-1123 label
(RFC 1123, as Kubernetes reads it) of at most 53 characters (Helm's limit for releases).
"""

import hashlib
import re
from urllib.parse import urlsplit

from starry_gitops.core.hosts import MAX_LABEL, name_limit
from starry_gitops.core.model import PullRequest, Source
from starry_gitops.core.secrets import refuse_secret_text, secret_shape
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.errors import PolicyRefusal, UsageFault

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", re.ASCII)
_NOT_LABEL = re.compile(r"[^a-z0-9]+", re.ASCII)
_HASH_LENGTH = 12
_RESERVED_PREFIXES = ("root-", "previews-", "kube-", "gke-managed-")
_RESERVED = frozenset({
    "argocd", "argocd-image-updater", "cert-manager", "default", "external-secrets", "gke-gmp-system", "gmp-public",
    "gmp-system", "starry",
})  # fmt: skip
# GitHub and Gitea: /pull/1, /pulls/1; GitLab: /-/merge_requests/1; Bitbucket: /pull-requests/1.
_PR_PATH = re.compile(r"/[^?#]+/(?:pull|pulls|merge_requests|pull-requests)/([1-9]\d{0,9})(?:/[^?#]*)?", re.ASCII)
_PR_NUMBER = re.compile(r"[#!]?([1-9]\d{0,9})", re.ASCII)
_MAX_TEXT = 1024


def check_text(what: str, text: str) -> str:
    """Text that goes into an annotation and a commit trailer: not empty, no control character, at most 1024 long.

    Raises:
        UsageFault: otherwise.
        PolicyRefusal: it looks like a secret; it is not repeated.
    """
    refuse_secret_text(what, text)
    if not text.strip():
        raise UsageFault(f"{what} is empty")
    if len(text) > _MAX_TEXT:
        raise UsageFault(f"{what} is longer than {_MAX_TEXT} characters")
    if not text.isprintable():
        raise UsageFault(f"{what} holds a control character or is not UTF-8: {text!r}")
    return text


def parse_pull_request(text: str) -> PullRequest:
    """A number (`123`, `#123`, `!123`) or the URL of a pull or merge request.

    Raises:
        UsageFault: neither.
    """
    number = _PR_NUMBER.fullmatch(text)
    if number:
        return PullRequest(number=int(number[1]))
    if secret_shape(text):
        raise UsageFault("--pr holds a password or token", hint="give the number, or the URL as a browser shows it")
    check_text("--pr", text)
    match = _PR_PATH.fullmatch(_url_path(text))
    if not match:
        raise UsageFault(f"--pr {text!r} is neither a number nor a pull request's URL", hint="e.g. --pr 123")
    return PullRequest(number=int(match[1]), url=text.partition("#")[0].partition("?")[0])


def _url_path(text: str) -> str:
    try:
        url = urlsplit(text)
    except ValueError:
        return ""
    usable = url.scheme in {"http", "https"} and url.hostname and "@" not in url.netloc and " " not in text
    return url.path if usable else ""


def check_name(name: str, settings: Settings, overlay: Overlay) -> str:
    """A name that a person chose, valid wherever it goes.

    Raises:
        UsageFault: not a DNS-1123 label, or too long for a release or a host label.
        PolicyRefusal: reserved.
    """
    if not _LABEL.fullmatch(name):
        hint = f"use lower-case letters, digits and '-', e.g. {slug(name, limit=53)}" if _has_letters(name) else ""
        raise UsageFault(f"{name!r} is not a valid preview name (a DNS-1123 label)", hint=hint)
    limit = name_limit(settings, overlay)
    if len(name) > limit:
        raise UsageFault(f"{name!r} has {len(name)} characters; at most {limit} fit a release and the host names")
    if is_reserved(name, settings):
        raise PolicyRefusal(f"the name {name!r} is reserved", hint="choose another name", code="name_reserved")
    return name


def is_label(name: str) -> bool:
    """True for a DNS-1123 label of at most 63 characters."""
    return len(name) <= MAX_LABEL and _LABEL.fullmatch(name) is not None


def is_reserved(name: str, settings: Settings) -> bool:
    """True for the names of the apps repository's own Applications and of namespaces that are not previews."""
    namespaces = ((one.argocd_namespace, one.application_namespace) for one in settings.overlays.values())
    return name in _RESERVED or any(name in own for own in namespaces) or name.startswith(_RESERVED_PREFIXES)


def resolve_name(source: Source, settings: Settings, overlay: Overlay) -> str:
    """The preview's name: as given, else `preview-<N>` for a pull request, else the branch's slug.

    Raises:
        UsageFault, PolicyRefusal: as `check_name`; also when nothing names the preview.
    """
    if source.name is not None:
        return check_name(source.name, settings, overlay)
    if source.pull_request is not None:
        return check_name(f"preview-{source.pull_request.number}", settings, overlay)
    if source.branch is None:
        raise UsageFault("no preview named", hint="give NAME, --pr or --source-branch")
    limit = name_limit(settings, overlay)
    name = slug(source.branch, limit=limit)
    return slug(source.branch, limit=limit, prefix="preview-") if is_reserved(name, settings) else name


def slug(text: str, *, limit: int, prefix: str = "") -> str:
    """A label made of `text`; where anything was cut, added or replaced it ends in a hash of the whole text.

    The hash has 48 bits: among 10,000 branches the chance of any collision is about 2 in 10 million.
    """
    clean = _NOT_LABEL.sub("-", text.lower()).strip("-")
    if clean == text and not prefix and len(clean) <= limit:
        return clean
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    room = limit - len(prefix) - _HASH_LENGTH - 1
    stem = clean[: max(room, 0)].strip("-") or "preview"[: max(room, 0)]
    return f"{prefix}{stem}-{digest}".lstrip("-")


def _has_letters(name: str) -> bool:
    return bool(_NOT_LABEL.sub("", name.lower()))
