"""Finds values that look like secrets. Git keeps everything for ever, so such a value is refused, never written."""

import re
from collections.abc import Iterator

from starry_gitops.core.yamltext import Node, leaves
from starry_gitops.errors import PolicyRefusal

# Token shapes that the issuers document, so that leaked ones can be found.
_SHAPES = {
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "a GitLab token": r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{16,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Google OAuth token": r"\bya29\.[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{30,}",
    "a PyPI token": r"\bpypi-[A-Za-z0-9_-]{30,}",
    "a HashiCorp Vault token": r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}",
    "a SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "a DigitalOcean token": r"\bdo[opr]_v1_[a-f0-9]{32,}",
    "an Anthropic or OpenAI key": r"\bsk-[A-Za-z0-9_-]{32,}",
    "an age key": r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}",
    "an Azure storage key": r"\bAccountKey=[A-Za-z0-9+/=]{40,}",
    "a private key": r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    "a URL with a password": r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/@:]*:(?!\$[({])[^\s/@]+@",
}
_SHAPE = re.compile("|".join(f"(?P<s{number}>{shape})" for number, shape in enumerate(_SHAPES.values())))
_LABELS = tuple(_SHAPES)

SECRETS_HINT = "keep secrets in a secret manager and let an ExternalSecret bring them"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset({
    "password", "passwd", "pwd", "passphrase", "secret", "token", "credential", "credentials", "apikey",
})  # fmt: skip
_SECRET_PAIRS = frozenset({
    ("api", "key"), ("private", "key"), ("access", "key"), ("signing", "key"), ("encryption", "key"),
    ("account", "key"), ("pass", "word"), ("client", "secret"), ("auth", "token"),
})  # fmt: skip
_REFERENCE = re.compile(r"\$\([A-Za-z_]\w*\)|\$\{[A-Za-z_]\w*\}", re.ASCII)


def secret_shape(text: str) -> str | None:
    """What the text looks like (`a GitHub token`), or None."""
    match = _SHAPE.search(text)
    return _LABELS[int((match.lastgroup or "s0")[1:])] if match else None


def refuse_secret_text(what: str, text: str) -> None:
    """Text from a command line is checked before anything can repeat it in a message.

    Raises:
        PolicyRefusal: it looks like a secret.
    """
    shape = secret_shape(text)
    if shape:
        raise PolicyRefusal(f"{what}: the value looks like {shape}", hint=SECRETS_HINT, code="secret")


def is_secret_key(key: str) -> bool:
    """True for a key whose value would be a secret: `password`, `DB_PASSWORD`, `apiKey`; not `secretName`."""
    words = [word.lower() for word in _WORDS.findall(key)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def secret_reason(path: tuple[str, ...], value: object) -> str | None:
    """Why a value at a path must not be written, or None. Booleans, nulls and references (`$(VAR)`) are no secrets."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    shape = secret_shape(str(value))
    if shape:
        return f"the value looks like {shape}"
    key = next((part for part in reversed(path) if not part.isdecimal()), "")
    if is_secret_key(key) and not _REFERENCE.fullmatch(str(value)):
        return f"the key {key!r} names a secret"
    return None


def find_secrets(node: Node) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """Path, line and reason of every value in a document that looks like a secret."""
    for path, scalar in leaves(node):
        reason = secret_reason(path, scalar.value)
        if reason:
            yield path, scalar.line, reason
