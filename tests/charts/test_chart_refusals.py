"""Values that are refused, and what whoever wrote them is told."""

from collections.abc import Mapping
from typing import Any

import pytest

from .cases import GATEWAY, IMAGE
from .render import article, merged, nested, refusal, render

HOSTS = ["sample-be.p.example.com", "sample-fe-1.p.example.com", "sample-fe-2.p.example.com"]

# path -> value, on top of the article's values; the message must hold each of the words
SCHEMA: list[tuple[str, Any, list[str]]] = [
    ("bakend", {"replicaCount": 2}, ["'/bakend'", "additional properties 'replicaCount' not allowed"]),
    ("ingres", {"hosts": HOSTS}, ["'/ingres'", "additional properties 'hosts' not allowed"]),
    ("replicas", 3, ["'/replicas'", "got number, want object"]),
    ("global/ttl", 30, ["'/global'", "additional properties 'ttl' not allowed"]),
    ("global/ttlMinutes", 4, ["'/global/ttlMinutes'", "minimum: got 4, want 5"]),
    ("global/ttlMinutes", 241, ["'/global/ttlMinutes'", "maximum: got 241, want 240"]),
    ("global/ttlMinutes", "30m", ["'/global/ttlMinutes'", "got string, want integer"]),
    ("global/ttlMinutes", 7.5, ["'/global/ttlMinutes'", "want integer"]),
    ("global/ttlMinutes", None, ["'/global'", "missing property 'ttlMinutes'"]),
    ("global/labels", {"starry.env": "a b"}, ["starry.env", "the value of a label"]),
    ("global/labels", {"no spaces": "x"}, ["the key of a label"]),
    *[
        ("global/expiresAt", bad, ["'/global/expiresAt'", "an instant in UTC such as 2026-01-31T12:00:00Z, or never"])
        for bad in (
            "tomorrow",
            "Never",
            "2026-01-31",
            "2026-01-31 12:00:00Z",
            "2026-01-31t12:00:00z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.5Z",
            "2026-01-31T12:00:00+01:00",
            "2026-13-31T12:00:00Z",
            "2026-01-32T12:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "never 2026-01-31T12:00:00Z",
        )
    ],
    ("global/expiresAt", 1769860800, ["'/global/expiresAt'", "got number, want string"]),
    ("global/annotations", {"starry.env/pull-request": 123}, ["'/global/annotations/starry.env", "want string"]),
    ("global/annotations", {"no spaces": "x"}, ["the key of a label or an annotation"]),
    ("ingress/hosts", "a.example.com", ["'/ingress/hosts'", "got string, want array"]),
    ("ingress/hosts", ["Sample-BE.p.example.com"], ["'/ingress/hosts/0'", "a host name in lower case"]),
    ("ingress/hosts", ["https://sample-be.p.example.com"], ["'/ingress/hosts/0'", "a host name"]),
    ("ingress/hosts", ["*.example.com"], ["'/ingress/hosts/0'", "a host name"]),
    ("ingress/hosts", [HOSTS[0], HOSTS[0]], ["'/ingress/hosts'", "items at 0 and 1 are equal"]),
    ("ingress/hosts", [f"{'a' * 64}.example.com"], ["'/ingress/hosts/0'", "a host name"]),
    ("ingress/tls/managedCert", True, ["'/ingress/tls'", "additional properties 'managedCert' not allowed"]),
    ("ingress/tls/shared/kind", "nginx", ["'/ingress/tls/shared/kind'", "'gateway', 'ingress'"]),
    ("backend/image/tag", 12345, ["'/backend/image/tag'", "got number, want string"]),
    ("backend/image/tag", "", ["'/backend/image/tag'", "minLength: got 0, want 1"]),
    ("backend/image/tag", "pr 123 abcd", ["'/backend/image/tag'", "an image tag such as pr-123-abcd123"]),
    ("backend/image/tag", "sha256:abc", ["'/backend/image/tag'", "64 hex digits"]),
    ("backend/image/tag", "x" * 201, ["'/backend/image/tag'", "maxLength"]),
    ("backend/image/repository", "us-docker.pkg.dev/myproj/sample-be:latest", ["a repository without a tag"]),
    ("backend/image/repository", "ab", ["'/backend/image/repository'", "minLength: got 2, want 3"]),
    ("backend/image/pullPolicy", "Sometimes", ["'/backend/image/pullPolicy'", "'Always', 'IfNotPresent', 'Never'"]),
    ("backend/image/digest", "x", ["'/backend/image'", "additional properties 'digest' not allowed"]),
    ("backend/service/port", 70000, ["'/backend/service/port'", "maximum: got 70,000, want 65,535"]),
    ("backend/env/PORT", 8080, ["'/backend/env/PORT'", "got number, want string"]),
    ("backend/env/DEBUG", True, ["'/backend/env/DEBUG'", "got boolean, want string"]),
    ("backend/env", {"NOT-A-NAME": "x"}, ["'NOT-A-NAME'", "the name of an environment variable"]),
    ("backend/env", [{"name": "A", "value": "b"}], ["'/backend/env'", "got array, want object"]),
    ("backend/resources/limits/cpu", "half", ["'/backend/resources/limits/cpu'", "a quantity such as 250m or 128Mi"]),
    ("backend/resources/limits/gpu", "1", ["'/backend/resources/limits'", "additional properties 'gpu' not allowed"]),
    ("backend/tier", "middle", ["'/backend/tier'", "'backend', 'frontend'"]),
    ("backend/probes/path", "health", ["'/backend/probes/path'", "a path that begins with /"]),
    ("backend/probes/path", "/health#1", ["'/backend/probes/path'", "a path that begins with /"]),
    ("backend/autoscaling/maxReplicas", 50, ["'/backend/autoscaling/maxReplicas'", "maximum: got 50, want 20"]),
    ("frontend1/enabled", "yes", ["'/frontend1/enabled'", "got string, want boolean"]),
    ("components/2nd", {"app": "admin"}, ["'2nd'", "the name of a component: letters, digits"]),
    ("redis/maxMemory", "lots", ["'/redis/maxMemory'", "an amount such as 64mb"]),
    ("redis/replicas", 3, ["'/redis'", "additional properties 'replicas' not allowed"]),
    ("databases/db1/persistence", True, ["'/databases/db1'", "additional properties 'persistence' not allowed"]),
    ("databases/db1/database", "my-app", ["'/databases/db1/database'", "lower-case letters, digits and underscores"]),
    ("databases/db1/runAsUser", 0, ["'/databases/db1/runAsUser'", "minimum: got 0, want 1"]),
    ("secrets/values", {"A": "b"}, ["'/secrets'", "additional properties 'values' not allowed"]),
    (
        "secrets/externalSecret/data/DB_PASSWORD",
        "projects/123/secrets/db-password/versions/latest",
        ["'/secrets/externalSecret/data/DB_PASSWORD'", "without projects/ and versions/"],
    ),
    ("secrets/externalSecret/secretStoreRef/kind", "Vault", ["'ClusterSecretStore', 'SecretStore'"]),
    ("secrets/externalSecret/refreshInterval", "hourly", ["a duration such as 1h or 30m"]),
    ("serviceAccount/gcpServiceAccount", "me@example.com", ["the e-mail address of a Google service account"]),
    ("networkPolicy/egress", [{"cidr": "everywhere", "ports": [443]}], ["a range of addresses such as 10.0.0.0/8"]),
    ("networkPolicy/egress", [{"cidr": "10.0.0.0/8"}], ["'/networkPolicy/egress/0'", "missing property 'ports'"]),
    ("quota/hard/pods", -1, ["'/quota/hard/pods'", "minimum: got -1, want 0"]),
    ("workingHours/start", "at seven", ["'/workingHours/start'", "a cron expression of five fields"]),
    ("cleanup/schedule", "hourly", ["'/cleanup/schedule'", "a cron expression of five fields"]),
    ("seed/timeoutSeconds", 1, ["'/seed/timeoutSeconds'", "minimum: got 1, want 10"]),
]

OFF = {"externalSecret": {"enabled": False}}
TEMPLATES: list[tuple[str, Any, list[str]]] = [
    (
        "bakend",
        {"enabled": False},
        ["bakend is neither a block of this chart nor a component", "backend, frontend1, frontend2"],
    ),
    ("redis", None, ["redis must be a block of keys"]),
    ("ingress/hosts", [*HOSTS, "docs.p.example.com"], ["no component for docs.p.example.com", "sample-be (backend)"]),
    ("ingress/hosts", HOSTS[:2], ["frontend2 has no host", '"sample-fe-2"', "frontend2.expose: false"]),
    ("ingress/hosts", [], ["3 problems", "backend has no host", "frontend1 has no host", "frontend2 has no host"]),
    ("backend/uses", ["mongo"], ["backend uses mongo, which is neither redis nor one of databases"]),
    ("backend/calls", ["frontend9"], ["backend calls frontend9, which is not a component"]),
    ("backend/autoscaling", {"minReplicas": 3}, ["backend.autoscaling: minReplicas 3 is above maxReplicas 2"]),
    (
        "backend/env/DB_PASSWORD",
        "hunter22",
        ["backend.env.DB_PASSWORD looks like a secret", "secrets.externalSecret.data"],
    ),
    ("backend/env/DB1_URL", "postgres://app:hunter22@db1:5432/app", ["backend.env.DB1_URL looks like a secret"]),
    ("backend/env/SIGNER", "-----BEGIN PRIVATE KEY-----", ["backend.env.SIGNER looks like a secret"]),
    ("e2e/env/API_TOKEN", "x", ["e2e.env.API_TOKEN looks like a secret"]),
    ("components/global", {}, ["components.global has the name of another component or of a block of this chart"]),
    ("databases/backend", {}, ["databases.backend has the name of a component"]),
    ("databases/redis", {}, ["databases.redis has the name of a block"]),
    ("components/FRONTEND1", {}, ["components.frontend1 has the name of another component"]),
    ("ingress/tls/shared/enabled", True, ["choose managedCertificate or shared"]),
    ("ingress/className", "nginx", ["managedCertificate works with className gce only, not nginx"]),
    ("ingress/tls/managedCertificate", False, ["neither a certificate nor plain HTTP"]),
    ("ingress/tls/secretName", "wildcard", ["secretName needs managedCertificate: false"]),
    ("ingress/tls", merged(GATEWAY, nested("shared/kind", "ingress")), ["an ingress class that all previews share"]),
    ("secrets", OFF, ["the stores need passwords", "secrets.generated"]),
    ("secrets/externalSecret/data", {"DB_PASSWORD": None}, ["has no DB_PASSWORD, which databases need"]),
    ("secrets/externalSecret/data", {"REDIS_PASSWORD": None}, ["has no REDIS_PASSWORD", "redis.auth: false"]),
    (
        "secrets",
        {"generated": {"enabled": True}, "externalSecret": {"name": "store-passwords"}},
        ["the generated Secret"],
    ),
    (
        "cleanup/enabled",
        True,
        ["cleanup needs global.expiresAt", "T12:00:00Z, or never", "chart.describe: true"],
    ),
    ("seed/enabled", True, ["seed is enabled but has no image", "seed.image.repository"]),
    ("e2e/enabled", True, ["e2e is enabled but has no image"]),
]


@pytest.mark.parametrize(("path", "value", "words"), SCHEMA, ids=[f"{p}={str(v)[:40]}" for p, v, _ in SCHEMA])
def test_the_schema_refuses(path: str, value: Any, words: list[str]) -> None:
    message = refusal(article(nested(path, value)))
    assert "values don't meet the specifications of the schema" in message
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize(("path", "value", "words"), TEMPLATES, ids=[f"{p}={str(v)[:40]}" for p, v, _ in TEMPLATES])
def test_the_templates_refuse(path: str, value: Any, words: list[str]) -> None:
    message = refusal(article(nested(path, value)))
    assert [word for word in words if word not in message] == [], message


def test_an_enabled_component_without_an_image() -> None:
    message = refusal({"global": {"ttlMinutes": 30}, "ingress": {"hosts": HOSTS[:1]}})
    assert "backend is enabled but has no image: set backend.image.repository and backend.image.tag" in message


@pytest.mark.parametrize(("image", "missing"), [({"repository": "abc"}, "tag"), ({"tag": "12345"}, "repository")])
def test_half_an_image(image: Mapping[str, str], missing: str) -> None:
    message = refusal({"global": {"ttlMinutes": 30}, "backend": {"image": image}})
    assert f"at '/backend/image': missing property '{missing}'" in message


def test_one_host_for_two_components() -> None:
    host = "both.example.com"
    message = refusal(article(nested("frontend1/host", host), nested("frontend2/host", host)))
    assert f"frontend1 and frontend2 both have the host {host}" in message


def test_a_preview_of_nothing() -> None:
    message = refusal({"backend": {"enabled": False}})
    assert "no component is enabled: components are backend, frontend1, frontend2" in message


@pytest.mark.parametrize("name", ["default", "argocd", "kube-system"])
def test_a_namespace_that_must_not_go_with_the_preview(name: str) -> None:
    assert f"{name} is not one" in refusal(article(), name)


def test_all_problems_are_told_at_once() -> None:
    layers: list[Mapping[str, Any]] = [nested("backend/uses", ["mongo"]), nested("cleanup/enabled", True)]
    message = refusal(article(*layers))
    assert "2 problems in the values:" in message
    assert "mongo" in message
    assert "global.expiresAt" in message


@pytest.mark.parametrize("cleanup", [True, False])
def test_a_day_that_does_not_exist(cleanup: bool) -> None:
    values = article(nested("cleanup/enabled", cleanup), nested("global/expiresAt", "2026-02-30T00:00:00Z"))
    assert "global.expiresAt: there is no 2026-02-30T00:00:00Z" in refusal(values)


def test_names_that_only_remind_of_secrets_are_taken() -> None:
    env = {
        "TOKEN_URL": "https://x/token",
        "SECRET_NAME": "y",
        "KEYBOARD": "z",
        "DB1_URL": "postgres://app@db1:5432/app",
    }
    assert render(article(nested("backend/env", env), nested("seed", {"enabled": True, "image": IMAGE})))
