"""Starry's own chart rendered with the real Helm engine, as objects."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart, HelmError

from tests.charts.render import Object, Values, _Loader, kinds, merged, nested, one

TOP = Path(__file__).parents[2]
CHART = TOP / "charts" / "starry"
NAME = "starry"
SSH = merged(
    nested("config/repo", "git@git.example.com:myorg/argocd-apps.git"),
    nested("git/knownHosts", "git.example.com ssh-ed25519 AAAA\n"),
)
WEB = nested("web/enabled", True)
ON = merged(WEB, nested("web/signIn/oidc", {"issuer": "https://id.example.com", "clientID": "starry"}))
AUDIENCE = "/projects/1234567890/global/backendServices/1234567890123456789"
PROXIED = merged(WEB, nested("web/signIn/iap/audience", AUDIENCE))
EVERYTHING: Values = merged(
    ON,
    nested("web/signIn/oidc", {"scopes": "openid email profile groups", "groupsClaim": "roles"}),
    nested("web/secret/clientSecret/key", "starry-oidc-client-secret"),
    nested("web/secret/webhookSecret", {"key": "starry-webhook-secret", "version": "2"}),
    nested("web/secret/argocdToken/key", "starry-argocd-token"),
    nested("web/secret/registryToken/key", "starry-registry-token"),
    nested("web/componentRepos", ["https://github.com/myorg/sample-be", "https://github.com/myorg/sample-fe-1"]),
    nested("web/metrics/enabled", True),
    nested("forge/secret", {"key": "starry-forge-token", "version": "7"}),
    nested("web/redis/enabled", True),
    nested("web/rbac/enabled", True),
    nested("web/env", {"MODE": "on"}),
    nested("web/service/annotations", {"note": "x"}),
    {
        "labels": {"team": "platform"},
        "annotations": {"note": "x"},
        "config": {"branch": "main", "overlay": "dev", "author": "Starry <starry@example.com>"},
        "git": {"username": "oauth2", "secret": {"version": "3"}},
        "gc": {"dryRun": True, "includeOverlays": ["dev-b"]},
        "serviceAccount": {"gcpServiceAccount": "starry@myproj.iam.gserviceaccount.com"},
        "networkPolicy": {
            "apiServerCIDRs": ["10.0.0.2/32"],
            "egress": [{"cidr": "10.1.0.0/16", "ports": [443]}],
        },
        "scheduling": {
            "spot": True,
            "nodeSelector": {"pool": "tools"},
            "tolerations": [{"key": "tools", "operator": "Exists"}],
            "priorityClassName": "tools",
            "imagePullSecrets": ["pull"],
        },
    },
)
OFF: Values = merged(nested("gc/enabled", False), nested("networkPolicy/enabled", False))
CASES: dict[str, Values] = {
    "defaults": {},
    "as the Application passes it": {"image": {"repository": "us-docker.pkg.dev/myproj/starry", "tag": "0.1.0"}},
    "everything": EVERYTHING,
    "everything by SSH": merged(EVERYTHING, SSH),
    "everything off": OFF,
    "web alone": merged(ON, nested("gc/enabled", False)),
    "web without its parts": merged(
        ON,
        nested("web/autoscaling/enabled", False),
        nested("web/replicas", 1),
        nested("web/ingress/enabled", False),
        nested("web/baseURL", "https://starry.internal.example.com"),
        nested("web/secret/sessionKey/key", ""),
        nested("web/drainSeconds", 0),
    ),
    "behind the proxy": PROXIED,
    "behind the proxy, with webhooks": merged(PROXIED, nested("web/secret/webhookSecret/key", "starry-webhook-secret")),
    "a backend of one's own": merged(
        ON, nested("web/service/annotations", {"cloud.google.com/backend-config": '{"default": "mine"}'})
    ),
    "secrets of someone else": merged(
        ON,
        nested("web/redis", {"enabled": True, "secret": {"existing": "redis-password"}}),
        nested("web/secret/existing", "web-secrets"),
        nested("git/secret/existing", "git-token"),
        nested("forge/secret/existing", "forge-token"),
    ),
    "internal, TLS secret": merged(
        ON,
        nested("web/ingress", {"className": "gce-internal", "tls": {"managedCertificate": False, "secretName": "tls"}}),
    ),
    "no policies": merged(EVERYTHING, nested("networkPolicy/enabled", False)),
}


@cache
def chart() -> Chart:
    """The chart, loaded once."""
    return Chart.load(CHART)


@cache
def _files(values: str, name: str) -> dict[str, str]:
    rendered = chart().render(json.loads(values), name=name, namespace=NAME)
    return {Path(path).name: text for path, text in rendered.items()}


@cache
def _objects(values: str, name: str) -> tuple[tuple[str, Object], ...]:
    found: list[tuple[str, Object]] = []
    for file, text in _files(values, name).items():
        if not file.endswith(".txt"):
            found += [(file, document) for document in yaml.load_all(text, Loader=_Loader) if document]
    return tuple(found)


def by_file(values: Values, name: str = NAME) -> tuple[tuple[str, Object], ...]:
    """(file name, object) of everything that is rendered."""
    return _objects(json.dumps(values), name)


def notes(values: Values) -> str:
    """What `helm install` prints."""
    return _files(json.dumps(values), NAME)["NOTES.txt"]


def render(values: Values, name: str = NAME) -> list[Object]:
    """Every object."""
    return [found for _, found in by_file(values, name)]


def refusal(values: Values) -> str:
    """What the engine says when it refuses the values."""
    try:
        chart().render(dict(values), name=NAME, namespace=NAME)
    except HelmError as error:
        return error.detail
    raise AssertionError("the values were not refused")


def web_pod(values: Any) -> Object:
    """The web service's pod."""
    return next(o for o in render(values) if o["kind"] == "Deployment")["spec"]["template"]["spec"]


def settings(values: Values) -> dict[str, str]:
    """The plain variables of the web service's container."""
    objects = render(values)
    container = web_pod(values)["containers"][0]
    maps = [one(objects, "ConfigMap", source["configMapRef"]["name"])["data"] for source in container["envFrom"]]
    plain = {e["name"]: e["value"] for e in container["env"] if "value" in e}
    return {name: text for data in [*maps, plain] for name, text in data.items()}


def secrets(values: Values) -> dict[str, Object]:
    """Variable -> where it comes from."""
    found = (e for e in web_pod(values)["containers"][0]["env"] if "valueFrom" in e)
    return {e["name"]: e["valueFrom"]["secretKeyRef"] for e in found}


def web_cases() -> list[Values]:
    """All cases that have a web service."""
    return [values for values in CASES.values() if kinds(render(values), "Deployment")]


def gc_job(values: Any) -> Object:
    """The collector's Job."""
    return next(o for o in render(values) if o["kind"] == "CronJob")["spec"]["jobTemplate"]["spec"]
