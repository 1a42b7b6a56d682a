"""Finds values that look like secrets. Git keeps everything for ever, so such a value is refused, never written."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from starry_gitops.core.yamltext import Node, leaves
from starry_gitops.errors import PolicyRefusal

# Token shapes that the issuers document, so that leaked ones can be found.
_SHAPES = {
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9_]{20})",
    "a GitLab token": r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{16}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Google OAuth token": r"\bya29\.[A-Za-z0-9_-]{20}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10}",
    "a Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}",
    "a Docker Hub token": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{30}",
    "a PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{30}",
    "a HashiCorp Vault token": r"\bhv[sbr]\.[A-Za-z0-9_-]{20}",
    "a SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16}",
    "a DigitalOcean token": r"\bdo[opr]_v1_[a-f0-9]{32}",
    "an Anthropic or OpenAI key": r"\bsk-(?:(?:proj|ant|svcacct|admin)-[A-Za-z0-9_-]{20}|[A-Za-z0-9]{32})",
    "an age key": r"\bAGE-SECRET-KEY-1[A-Z0-9]{20}",
    "an Azure storage key": r"\bAccountKey=[A-Za-z0-9+/=]{40}",
    "a private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{8}",
    "a bearer token": r"(?i:\bbearer {1,5})[A-Za-z0-9._~+/-]{8}",
    "a connection string with a password": r"(?i:\b(?:password|passwd|pwd) {0,5}= {0,5})(?!\$[({])[^;&\s\"']{3}",
    "a data source with a password": r"(?<![\w.-])[\w.-]{1,64}:(?!\$[({])[^\s:@/]{1,64}@(?:tcp|unix)\(",
    "a URL with a password": (
        r"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{0,20}://[^\s/@:]{0,128}:(?!\$[({])[^\s/@:]{1,256}@"
    ),
}
# Every repetition is bounded: a text may have a megabyte, and anybody may propose one.
_SHAPE = re.compile("|".join(f"(?P<s{number}>{shape})" for number, shape in enumerate(_SHAPES.values())))
_LABELS = tuple(_SHAPES)
_SHORT = 128

SECRETS_HINT = "keep secrets in a secret manager and let an ExternalSecret bring them"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = frozenset({"password", "passwords", "passwd", "pwd", "passphrase", "pass"})
_SECRETS = _PASSWORDS | {"secret", "secrets", "token", "credential", "credentials", "apikey"}
_PAIRS = frozenset(
    (first, "key") for first in ("api", "private", "access", "signing", "encryption", "account", "secret")
)
# Ends of words run together, as in PGPASSWORD.
_ENDINGS = ("password", "passwd", "passphrase", "apikey")
# Words after the secret one that make it something about a secret: its name, its place, its age.
_ABOUT = frozenset({
    "arn", "class", "count", "days", "enabled", "expiry", "field", "file", "header", "hours", "id", "ids", "length",
    "limit", "manager", "minutes", "mount", "name", "names", "path", "policy", "provider", "ref", "refs", "rotation",
    "seconds", "store", "ttl", "type", "uri", "url", "version",
})  # fmt: skip
# Words before `secret` with which Helm charts name a Secret.
_NAMING = frozenset({"existing", "image", "pull", "tls", "use", "uses", "registry"})
_REFERENCE = re.compile(r"\$\([A-Za-z_]\w*\)|\$\{[A-Za-z_]\w*\}", re.ASCII)


def secret_shape(text: str) -> str | None:
    """What the text looks like (`a GitHub token`), or None."""
    return _known_shape(text) if len(text) <= _SHORT else _shape_of(text)


def _shape_of(text: str) -> str | None:
    match = _SHAPE.search(text)
    return _LABELS[int((match.lastgroup or "s0")[1:])] if match else None


# Thousands of previews say mostly the same: short texts and keys are judged once.
_known_shape = lru_cache(maxsize=4096)(_shape_of)


def refuse_secret_text(what: str, text: str) -> None:
    """Text from a command line is checked before anything can repeat it in a message.

    Raises:
        PolicyRefusal: it looks like a secret.
    """
    shape = secret_shape(text)
    if shape:
        raise PolicyRefusal(f"{what}: the value looks like {shape}", hint=SECRETS_HINT, code="secret")


@lru_cache(maxsize=1024)
def _secret_word(key: str) -> str | None:
    """The word (or the two) of the key that says secret, or None: `DB_PASSWORD` has one, `secretName` has none."""
    words = [word.lower() for word in _WORDS.findall(key) if not word.isdecimal()]
    if not words or _ABOUT & set(words) or words[0] in _NAMING:
        return None
    found = next((word for word in reversed(words) if word in _SECRETS or word.endswith(_ENDINGS)), None)
    pair = next((pair for pair in pairwise(words) if pair in _PAIRS), None)
    return found or (" ".join(pair) if pair else None)


def secret_reason(path: tuple[str, ...], value: object) -> str | None:
    """Why a value at a path must not be written, or None. Booleans, nulls and references (`$(VAR)`) are no secrets."""
    if value is None or isinstance(value, bool) or value in {"", "true", "false"}:
        return None
    shape = secret_shape(str(value))
    if shape:
        return f"the value looks like {shape}"
    if "externalSecret" in path:
        return None  # its keys name variables, its values names in the store
    key = next((part for part in reversed(path) if not part.isdecimal()), "")
    word = _secret_word(key)
    # `maxToken: 4096` is a number of tokens; `password: 4096` is a password.
    if word is None or _REFERENCE.fullmatch(str(value)) or (word not in _PASSWORDS and not isinstance(value, str)):
        return None
    # External Secrets' `secretKey: DB_PASSWORD` names a key of a Secret.
    is_name = word == "secret key" and re.fullmatch(r"[A-Z][A-Z0-9_]*", str(value))
    return None if is_name else f"the key {key!r} names a secret"


def find_secrets(node: Node) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """Path, line and reason of every value in a document that looks like a secret."""
    for path, scalar in leaves(node):
        reason = secret_reason(path, scalar.value)
        if reason:
            yield path, scalar.line, reason
