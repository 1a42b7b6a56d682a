"""Values: strict, documented, and free text stays text."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from helm_python import lint
from jsonschema import Draft7Validator

from tests.charts.render import Object, Values, kinds, merged, nested, one
from tests.charts.test_chart_files import paths, pruned, schemas
from tests.charts.test_chart_hostile import HOSTILE
from tests.charts.values_table import at, documented, with_table

from .render import CASES, CHART, EVERYTHING, ON, PROXIED, SSH, TOP, WEB, gc_job, refusal, render

VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
JSON_SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
README = (CHART / "README.md").read_text(encoding="utf-8")
DOCUMENTED = list(documented((CHART / "values.yaml").read_text(encoding="utf-8")))

# path -> value; the message must hold each of the words
SCHEMA: list[tuple[str, Any, list[str]]] = [
    ("gcc", {"enabled": True}, ["additional properties 'gcc' not allowed"]),
    ("gc/cron", "x", ["'/gc'", "additional properties 'cron' not allowed"]),
    ("gc/enabled", "yes", ["'/gc/enabled'", "got string, want boolean"]),
    ("gc/schedule", "hourly", ["'/gc/schedule'", "a cron expression of five fields"]),
    ("gc/backoffLimit", 99, ["'/gc/backoffLimit'", "maximum: got 99, want 10"]),
    ("gc/failedJobsHistoryLimit", 0, ["'/gc/failedJobsHistoryLimit'", "minimum: got 0, want 1"]),
    ("gc/tmpSize", "big", ["'/gc/tmpSize'", "a quantity such as 250m or 128Mi"]),
    ("gc/includeOverlays", ["--force"], ["'/gc/includeOverlays/0'", "the name of an overlay"]),
    ("image/tag", 1.2, ["'/image/tag'", "got number, want string"]),
    ("image/tag", "a b", ["'/image/tag'", "an image tag such as 0.1.0"]),
    ("image/repository", "r/starry:1.0", ["'/image/repository'", "a repository without a tag"]),
    ("config/repo", "", ["'/config/repo'", "an https:// or SSH address"]),
    ("config/repo", "https://me:hunter22@git.example.com/a.git", ["'/config/repo'", "without a password"]),
    ("config/repo", "http://git.example.com/a.git", ["'/config/repo'", "an https:// or SSH address"]),
    ("config/repo", "file:///srv/a.git", ["'/config/repo'", "an https:// or SSH address"]),
    ("config/branch", "--upload-pack=x", ["'/config/branch'", "the name of a branch"]),
    ("config/overlay", "../prod", ["'/config/overlay'", "the name of an overlay"]),
    ("config/author", "nobody", ["'/config/author'", "an author such as Starry <starry@example.com>"]),
    ("git/token", "x", ["'/git'", "additional properties 'token' not allowed"]),
    ("git/secret/key", "projects/1/secrets/token/versions/latest", ["'/git/secret/key'", "without projects/"]),
    ("git/secret/version", "newest", ["'/git/secret/version'", "the number of a version"]),
    ("secretStore/kind", "Vault", ["'ClusterSecretStore', 'SecretStore'"]),
    ("web/port", 80, ["'/web/port'", "minimum: got 80, want 1,024"]),
    ("web/args", ["serve"], ["'/web'", "additional properties 'args' not allowed"]),
    ("web/baseURL", "http://starry.example.com", ["'/web/baseURL'", "https:// and a host name in lower case"]),
    ("web/baseURL", "https://starry.example.com/previews", ["'/web/baseURL'", "https:// and a host name"]),
    ("web/signIn/oidc/issuer", "http://id.example.com", ["'/web/signIn/oidc/issuer'", "an https:// address"]),
    ("web/signIn/oidc/issuer", "https://a:b@id.example.com", ["'/web/signIn/oidc/issuer'", "an https:// address"]),
    ("web/signIn/oidc/clientSecret", "x", ["'/web/signIn/oidc'", "additional properties 'clientSecret' not allowed"]),
    ("web/signIn/oidc/scopes", "profile email", ["'/web/signIn/oidc/scopes'", "scopes with openid among them"]),
    (
        "web/signIn/iap/audience",
        "starry.apps",
        ["'/web/signIn/iap/audience'", "/projects/123/global/backendServices/456"],
    ),
    ("web/secret/sessionKey", "x", ["'/web/secret/sessionKey'", "got string, want object"]),
    ("web/secret/webhookSecret/key", "a/b", ["'/web/secret/webhookSecret/key'", "without projects/"]),
    ("web/graceSeconds", 0, ["'/web/graceSeconds'", "minimum: got 0, want 1"]),
    ("web/metrics/namespaces", [], ["'/web/metrics/namespaces'", "minItems: got 0, want 1"]),
    ("forge/secret/token", "x", ["'/forge/secret'", "additional properties 'token' not allowed"]),
    ("networkPolicy/webCIDRs", ["id.example.com"], ["a range of addresses such as 10.0.0.0/8"]),
    ("web/autoscaling/maxReplicas", 11, ["'/web/autoscaling/maxReplicas'", "maximum: got 11, want 10"]),
    ("web/autoscaling/minReplicas", 1, ["'/web/autoscaling/minReplicas'", "minimum: got 1, want 2"]),
    ("web/ingress/host", "Starry.example.com", ["'/web/ingress/host'", "a host name in lower case"]),
    ("web/ingress/className", "nginx", ["'/web/ingress/className'", "'gce', 'gce-internal'"]),
    ("web/rbac/verbs", ["*"], ["'/web/rbac'", "additional properties 'verbs' not allowed"]),
    ("web/redis/replicas", 3, ["'/web/redis'", "additional properties 'replicas' not allowed"]),
    ("serviceAccount/gcpServiceAccount", "me@example.com", ["the e-mail address of a Google service account"]),
    ("networkPolicy/gitCIDRs", [], ["'/networkPolicy/gitCIDRs'", "minItems: got 0, want 1"]),
    ("networkPolicy/gitCIDRs", ["github.com"], ["a range of addresses such as 10.0.0.0/8"]),
]
TEMPLATES: list[tuple[Values, list[str]]] = [
    (nested("config/repo", SSH["config"]["repo"]), ["config.repo is reached by SSH", "git.knownHosts"]),
    (
        merged(ON, nested("web/autoscaling", {"minReplicas": 5, "maxReplicas": 3})),
        ["minReplicas 5 is above maxReplicas 3"],
    ),
    (merged(ON, nested("web/ingress/className", "gce-internal")), ["works with className gce only"]),
    (merged(ON, nested("web/ingress/tls/secretName", "tls")), ["secretName needs managedCertificate: false"]),
    (merged(ON, nested("web/ingress/tls/managedCertificate", False)), ["neither a certificate nor plain HTTP"]),
    (merged(ON, nested("web/rbac/enabled", True)), ["set networkPolicy.apiServerCIDRs"]),
    (merged(ON, nested("web/env/API_TOKEN", "x")), ["web.env.API_TOKEN looks like a secret"]),
    (merged(ON, nested("web/env/DB_URL", "postgres://a:b@c/d")), ["web.env.DB_URL looks like a secret"]),
    (merged(ON, nested("web/env/STARRY_REPO", "x")), ["web.env.STARRY_REPO is set by this chart"]),
    (merged(ON, nested("web/env/STARRY_HOST", "::")), ["web.env.STARRY_HOST is set by this chart"]),
    (merged(ON, nested("web/env/STARRY_SESSION_KEY", "x")), ["web.env.STARRY_SESSION_KEY looks like a secret"]),
    (WEB, ["1 problem in the values:\n- web.enabled needs a sign-in: set web.signIn.oidc.issuer and clientID, or"]),
    (merged(WEB, nested("web/ingress/enabled", False)), ["needs a sign-in", "web.baseURL is what people type"]),
    (merged(WEB, nested("web/signIn/oidc/issuer", "https://a.example.com")), ["issuer and clientID belong together"]),
    (merged(PROXIED, nested("web/signIn/oidc/clientID", "starry")), ["1 problem", "issuer and clientID belong"]),
    (merged(ON, PROXIED), ["web.signIn has an issuer and a proxy"]),
    (merged(ON, nested("web/secret/sessionKey/key", "")), ["several pods need one key for the sessions"]),
    (
        merged(ON, nested("web/secret/sessionKey/key", ""), nested("web/autoscaling/enabled", False)),
        ["several pods need one key"],
    ),
    (
        merged(ON, nested("web/rbac/enabled", True), nested("web/env/API_TOKEN", "x")),
        ["2 problems in the values:", "apiServerCIDRs", "API_TOKEN"],
    ),
]


@pytest.mark.parametrize(("path", "value", "words"), SCHEMA, ids=[f"{p}={str(v)[:40]}" for p, v, _ in SCHEMA])
def test_the_schema_refuses(path: str, value: Any, words: list[str]) -> None:
    message = refusal(nested(path, value))
    assert "values don't meet the specifications of the schema" in message
    assert [word for word in words if word not in message] == [], message
    assert not Draft7Validator(JSON_SCHEMA).is_valid(merged(VALUES, nested(path, value)))


@pytest.mark.parametrize(("values", "words"), TEMPLATES, ids=[w[-1] for _, w in TEMPLATES])
def test_the_templates_refuse(values: Values, words: list[str]) -> None:
    message = refusal(values)
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_the_application_passes_values_that_are_taken(overlay: str) -> None:
    file = TOP / "argocd-apps" / "overlays" / overlay / "starry" / "values.yaml"
    assert render(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
def test_hostile_text_stays_text(text: str) -> None:
    values = merged(
        EVERYTHING,
        {"annotations": {"note": text}},
        nested("web/env/HOSTILE", text),
        nested("web/ingress/annotations/note", text),
        nested("web/service/annotations", {"note": text, "argocd.argoproj.io/sync-wave": text}),
    )
    objects = render(values)
    assert one(objects, "ConfigMap", "starry-web")["data"]["HOSTILE"] == text
    deployment = one(objects, "Deployment", "starry")["spec"]["template"]
    assert deployment["metadata"]["annotations"]["note"] == text
    assert deployment["spec"]["containers"][0]["args"] == ["serve"]
    assert gc_job(values)["template"]["metadata"]["annotations"]["note"] == text
    assert one(objects, "Ingress", "starry")["metadata"]["annotations"]["note"] == text
    assert one(objects, "Service", "starry")["metadata"]["annotations"]["note"] == text
    assert kinds(objects, "Namespace") == {}


@pytest.mark.parametrize("text", [t for t in HOSTILE if t.strip()], ids=lambda text: repr(text)[:30])
def test_hostile_known_hosts_stay_text(text: str) -> None:
    data: Object = one(render(merged(SSH, nested("git/knownHosts", text))), "ConfigMap", "starry-known-hosts")["data"]
    assert data == {"known_hosts": text.removesuffix("\n") + "\n"}


@pytest.mark.parametrize("value", ["true", "null", "123", "1e3", "0x10", "y"])
def test_texts_that_look_like_other_types(value: str) -> None:
    values = {"labels": {"team": value}, "config": {"branch": value}, "git": {"username": value}}
    assert {o["metadata"]["labels"]["team"] for o in render(values)} == {value}
    data = one(render(values), "ConfigMap", "starry")["data"]
    assert (data["STARRY_BRANCH"], data["STARRY_GIT_USERNAME"]) == (value, value)


# The files


def test_helm_lint() -> None:
    report = lint(CHART, {}, strict=True, namespace="starry")
    assert [m for m in report["messages"] if m["severity"] > 1] == []


def test_the_readmes_table_is_the_values() -> None:
    assert with_table(README, CHART) == README, "run: python -m tests.charts_starry.values_table"


def test_every_template_is_in_the_readme() -> None:
    assert [path.name for path in (CHART / "templates").iterdir() if f"`{path.name}`" not in README] == []


def test_every_value_is_documented() -> None:
    known = {path for path, _ in DOCUMENTED}
    assert [p for p in paths(VALUES) if not known & {p[:n] for n in range(1, len(p) + 1)}] == []
    assert all(at(VALUES, path) is not None for path in known)


def closed(node: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((p, s) for p, s in schemas(node) if isinstance(s.get("properties"), Mapping) and "type" in s)


def test_every_block_of_the_schema_is_closed() -> None:
    assert [p for p, s in closed(JSON_SCHEMA) if s.get("additionalProperties") is not False] == []


def test_every_key_of_the_schema_has_a_default_and_a_comment() -> None:
    assert set(JSON_SCHEMA["properties"]) - {"global"} == set(VALUES)
    texts = [text for _, text in DOCUMENTED]
    described = [s["description"] for _, s in schemas(JSON_SCHEMA) if isinstance(s.get("description"), str)]
    assert sorted(described) == sorted(texts)


def test_every_pattern_ends_in_words_that_cannot_match() -> None:
    for path, schema in schemas(JSON_SCHEMA):
        if isinstance(pattern := schema.get("pattern"), str):
            words = pattern.rpartition("|")[2]
            assert re.fullmatch(r"[^^$|']{12,}\^", words), path


@pytest.mark.parametrize("case", CASES)
def test_another_validator_takes_what_helm_takes(case: str) -> None:
    Draft7Validator.check_schema(JSON_SCHEMA)
    found = Draft7Validator(JSON_SCHEMA).iter_errors(pruned(merged(VALUES, CASES[case])))
    assert [e.message for e in found] == []
