"""Starry's own chart rendered with the real Helm engine, as objects."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart, HelmError

from tests.charts.render import Object, Values, _Loader, merged, nested

TOP = Path(__file__).parents[2]
CHART = TOP / "charts" / "starry"
NAME = "starry"
SSH = merged(
    nested("config/repo", "git@git.example.com:myorg/argocd-apps.git"),
    nested("git/knownHosts", "git.example.com ssh-ed25519 AAAA\n"),
)
ON = nested("web/enabled", True)
EVERYTHING: Values = merged(
    ON,
    nested("web/redis/enabled", True),
    nested("web/rbac/enabled", True),
    nested("web/env", {"MODE": "on"}),
    nested("web/service/annotations", {"cloud.google.com/backend-config": '{"default": "iap"}'}),
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
        ON, nested("web/autoscaling/enabled", False), nested("web/replicas", 1), nested("web/ingress/enabled", False)
    ),
    "secrets of someone else": merged(
        ON,
        nested("web/redis", {"enabled": True, "secret": {"existing": "redis-password"}}),
        nested("git/secret/existing", "git-token"),
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


def gc_job(values: Any) -> Object:
    """The collector's Job."""
    return next(o for o in render(values) if o["kind"] == "CronJob")["spec"]["jobTemplate"]["spec"]
