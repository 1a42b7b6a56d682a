"""Values that look like secrets are found; what the article's chart and previews really hold is not taken for one."""

# ruff: noqa: E501 - a table reads best with one case a line

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.policy import refuse_secrets
from starry_gitops.core.secrets import find_secrets, secret_reason, secret_shape
from starry_gitops.core.yamltext import parse_document
from starry_gitops.data import data_root
from starry_gitops.errors import PolicyRefusal
from tests.support.cli import ROOT
from tests.unit.strategies import texts

LONG = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

# Shapes that the issuers document; assembled here, so that no scanner takes this file for a leak.
TOKENS = {
    "GitHub, personal": "ghp" + "_" + LONG,
    "GitHub, OAuth": "gho" + "_" + LONG,
    "GitHub, app": "ghs" + "_" + LONG,
    "GitHub, fine-grained": "github" + "_pat_" + LONG,
    "GitLab": "glpat" + "-" + LONG[:20],
    "GitLab, deploy": "gldt" + "-" + LONG[:20],
    "GitLab, runner": "glrt" + "-" + LONG[:20],
    "AWS": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS, temporary": "ASIA" + "IOSFODNN7EXAMPLE",
    "Google": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"[:35],
    "Google, OAuth": "ya29" + "." + LONG,
    "Slack": "xox" + "b-123456789012-abcdefABCDEF",
    "Stripe": "sk_" + "live_" + LONG[:24],
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE",
    "a private key of OpenSSH": "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
    "a JSON web token": "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "JzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "a URL with a password": "postgres://app:hunter2@db1:5432/app",
    "a URL with a password and no user": "redis://:hunter2@redis:6379",
    "npm": "npm" + "_" + LONG,
    "PyPI": "pypi" + "-AgEIcHlwaS5vcmc" + LONG,
    "Docker Hub": "dckr" + "_pat_" + LONG[:27],
    "Vault": "hvs" + "." + LONG,
    "OpenAI": "sk" + "-proj-" + LONG,
    "SendGrid": "SG" + "." + LONG[:22] + "." + LONG + "abcdefg",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_is_found_wherever_it_stands(token: str) -> None:
    for text in (token, f"Bearer {token}", f"a={token};b"):
        assert secret_shape(text) is not None
        assert secret_reason(("backend", "env", "HARMLESS"), text)
        with pytest.raises(PolicyRefusal) as caught:
            refuse_secrets([("--set x", ("x",), text)])
        assert caught.value.code == "secret"
        assert token not in caught.value.message + caught.value.hint


SECRET_KEYS = [
    "password", "DB_PASSWORD", "dbPassword", "db-password", "PASSWD", "apiKey", "API_KEY", "api-key", "secret",
    "CLIENT_SECRET", "clientSecret", "token", "GITHUB_TOKEN", "accessToken", "authToken", "privateKey", "PRIVATE_KEY",
    "AWS_SECRET_ACCESS_KEY", "credentials", "passphrase", "dbpassword", "SECRET_KEY", "DJANGO_SECRET_KEY",
    "apikey", "pwd", "encryptionKey", "masterPassword",
]  # fmt: skip
OTHER_KEYS = [
    "secretName", "secretStoreRef", "externalSecret", "tokenUrl", "TOKEN_TTL", "passwordPolicy", "key", "keys",
    "publicKey", "secretKeyRef", "existingSecretName", "imagePullSecrets", "monkey", "KEYCLOAK_URL", "tag", "repository",
    "SECRET_NAME", "port", "JWT_ISSUER", "serviceAccount", "REDIS_URL", "DB1_URL", "secretsPath",
]  # fmt: skip


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_key_that_names_a_secret(key: str) -> None:
    assert secret_reason((key,), "some text") is not None
    assert secret_reason(("backend", "env", key), "x")
    assert secret_reason(("backend", key, "0"), "x"), "an item of a list under such a key"


@pytest.mark.parametrize("key", [key for key in OTHER_KEYS if key != "externalSecret"])
def test_a_key_that_names_none(key: str) -> None:
    assert secret_reason(("backend", "env", key), "x") is None


@pytest.mark.parametrize("value", [None, True, False, "", "$(DB_PASSWORD)", "${DB_PASSWORD}"])
def test_references_and_switches_are_no_secrets(value: object) -> None:
    assert secret_reason(("backend", "env", "DB_PASSWORD"), value) is None


HARMLESS = [
    "redis://starry-redis-master:6379", "postgres://db1:5432/app", "https://sample-be.preview-123.starry.mycompany.com",
    "pr-123-abcd123", "us-docker.pkg.dev/myproj/sample-be", "sha256:" + "0123456789abcdef" * 4, "ClusterSecretStore",
    "postgres://app:$(DB_PASSWORD)@db1:5432/app", "postgres://app:${DB_PASSWORD}@db1:5432/app", "https://github.com/o/r/pull/1",
    "projects/123/secrets/db-password/versions/latest", "git@github.com:myorg/apps.git", "ada@example.com", "1.2.3",
    "0123456789abcdef0123456789abcdef01234567", "https://x.example/a@b", "https://x.example:8443/a?b=c@d", "eyJ", "ghp_",
    "feature/add-token-refresh", "AKIA", "https://x.example/:y@z", "ssh://git@github.com/o/r.git",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_values(text: str) -> None:
    assert secret_reason(("backend", "env", "URL"), text) is None


FILES = [
    ROOT / "tests" / "charts" / "article-values.yaml",
    *(data_root("charts") / "environment").glob("values*.yaml"),
    *(ROOT / "argocd-apps" / "charts" / "environment").glob("values*.yaml"),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name + "/" + file.name)
def test_the_charts_own_values_hold_no_secret(file: object) -> None:
    data = file.read_bytes()
    assert list(find_secrets(parse_document(data, file="values.yaml"))) == []


def test_a_finding_names_path_and_line() -> None:
    node = parse_document(f"a: 1\nb:\n  - c: {TOKENS['GitLab']}\n", file="x")
    assert [(path, line) for path, line, _ in find_secrets(node)] == [(("b", "0", "c"), 3)]


@given(texts, st.lists(texts, max_size=3))
def test_any_text_is_judged(text: str, path: list[str]) -> None:
    reason = secret_reason(tuple(path), text)
    assert reason is None or reason


LONG_TEXTS = {
    "letters": ("a", 300_000),
    "beginnings of tokens": ("eyJ", 100_000),
    "dots": ("SG.", 100_000),
    "beginnings of keys": ("-----BEGIN A", 25_000),
    "one URL's path": ("a://x", 60_000),
    "many URLs": ("a://:", 60_000),
    "dashes": ("a-", 150_000),
}
JUDGE = """
import sys
from starry_gitops.core.secrets import secret_reason, secret_shape
part, times = sys.argv[1:]
secret_shape(part * int(times))
secret_reason((part * int(times),), "some text")
"""


@pytest.mark.parametrize(("part", "times"), LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_a_long_text_does_not_hang(part: str, times: int) -> None:
    """Anyone may propose a long text; where a search goes back again and again, this one would take many minutes."""
    subprocess.run([sys.executable, "-c", JUDGE, part, str(times)], check=True, timeout=60, cwd=ROOT)
