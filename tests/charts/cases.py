"""Values that together switch every optional part on and off; every invariant is held against each of them."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from .render import APPS, ARTICLE, article, created, merged, nested

IMAGE = {"repository": "us-docker.pkg.dev/myproj/tool", "tag": "v1.2.3"}
DIGEST = "sha256:" + "0123456789abcdef" * 4
GATEWAY = {"managedCertificate": False, "shared": {"enabled": True}}
SHARED_INGRESS = {
    "className": "nginx",
    "tls": {"managedCertificate": False, "shared": {"enabled": True, "kind": "ingress"}},
}
OTHERS = {  # three frontends, an API and a worker: nothing of the default components is left
    "global": {"ttlMinutes": 60, "labels": {"starry.env": "preview-123"}},
    "ingress": {"hosts": [f"{app}.preview-123.example.com" for app in ("api", "web", "admin", "docs")]},
    "components": {
        "backend": None,
        "frontend1": None,
        "frontend2": None,
        "api": {"uses": ["db1"], "secrets": True},
        "worker": {"uses": ["db1", "redis"], "expose": False, "replicas": 2, "autoscaling": {"enabled": False}},
        "web": {"tier": "frontend", "calls": ["api"]},
        "adminPanel": {"tier": "frontend", "calls": ["api"], "app": "admin"},
        "docs": {"tier": "frontend", "service": {"port": 3000}, "probes": {"type": "tcp"}},
    },
    "databases": {"db2": {"enabled": False}},
} | {name: {"image": IMAGE} for name in ("api", "worker", "web", "adminPanel", "docs")}

SWITCHES: Mapping[str, Any] = {
    "namespace/create": False,
    "ingress/enabled": False,
    "ingress/allowHttp": True,
    "redis/enabled": False,
    "redis/auth": False,
    "redis/fixtures": "SET greeting hello\n",
    "databases/db2/enabled": False,
    "databases/db1/fixtures": "CREATE TABLE t (id int);\n",
    "databases/db3": {"database": "third", "port": 5433},
    "secrets/generated/enabled": True,
    "serviceAccount/gcpServiceAccount": "preview@myproj.iam.gserviceaccount.com",
    "serviceAccount/automountToken": True,
    "rbac/enabled": False,
    "networkPolicy/enabled": False,
    "networkPolicy/egress": [{"cidr": "10.0.0.0/8", "ports": [443, 5432]}],
    "quota/enabled": False,
    "limitRange/enabled": False,
    "workingHours/enabled": True,
    "metrics/enabled": True,
    "waitForStores/enabled": False,
    "backend/enabled": False,
    "backend/autoscaling": {"enabled": False},
    "backend/autoscaling/minReplicas": 2,
    "backend/image/tag": DIGEST,
    "backend/securityContext": {"runAsUser": 10001, "readOnlyRootFilesystem": False},
    "ingress/tls": GATEWAY,
    "ingress": SHARED_INGRESS,
    "ingress/className": "gce-internal",
}
EXTRAS: Mapping[str, Mapping[str, Any]] = {
    "ingress/className": nested("ingress/tls", {"managedCertificate": False, "secretName": "wildcard-tls"}),
}

HOSTILE = [
    "",
    " ",
    "  padded  ",
    "~",
    "null",
    "yes",
    "off",
    "0x1F",
    "1e3",
    "012",
    "12:30:00",
    "2026-01-31",
    "=",
    "<<",
    "*alias",
    "&anchor",
    "!!python/object:os.system",
    "a: b",
    "- item",
    "{a: 1}",
    "[1]",
    "# comment",
    "a #b",
    "'",
    '"',
    "\\",
    "\\n",
    "`",
    "|",
    ">",
    "%",
    "@",
    "line\nline: 2\n---\nkind: Namespace",
    "tab\tend",
    "\r\n",
    "{{ .Release.Name }}",
    '{{ fail "x" }}',
    "$(BACKEND_URL)",
    "${HOME}",
    "$(touch /tmp/x)",
    "; rm -rf /",
    "ü€𝄞",
    "\u2028",
    "\u0085",
    "\x7f",
    "x" * 5000,
]

CASES: dict[str, dict[str, Any]] = {"article": article()}
for size in range(3):
    for chosen in combinations(("frontend1", "frontend2"), size):
        CASES[f"created: {' '.join(('backend', *chosen))}"] = dict(created(["backend", *chosen]))
CASES["created: Part 1's hosts"] = dict(created(APPS, template="{name}.{app}.starry.mycompany.com"))
CASES["created: one label"] = dict(created(APPS, template="{app}-{name}.starry.mycompany.com"))
for path, value in SWITCHES.items():
    CASES[f"{path}: {str(value)[:30]}"] = article(nested(path, value), EXTRAS.get(path, {}))
CASES["no stores"] = article(
    {"redis": {"enabled": False}, "databases": {"db1": {"enabled": False}, "db2": {"enabled": False}}},
    {"secrets": {"externalSecret": {"enabled": False}}},
)
CASES["existing secret"] = article({"secrets": {"externalSecret": {"enabled": False}, "existingSecret": "mine"}})
CASES["generated and fetched"] = article(
    {
        "secrets": {
            "generated": {"enabled": True},
            "externalSecret": {"data": {"API_KEY": {"key": "api", "version": "3"}}},
        }
    }
)
CASES["jobs"] = article(
    {
        "seed": {"enabled": True, "image": IMAGE, "command": ["seed", "--all"], "env": {"SIZE": "small"}},
        "e2e": {"enabled": True, "image": IMAGE},
        "cleanup": {"enabled": True},
        "global": {"expiresAt": "2026-01-31T12:00:00Z"},
    }
)
CASES["scheduling"] = article(
    {
        "scheduling": {
            "spot": True,
            "spotStores": True,
            "nodeSelector": {"pool": "previews"},
            "tolerations": [{"key": "previews", "operator": "Exists"}],
            "priorityClassName": "preview",
            "imagePullSecrets": ["pull"],
        }
    }
)
CASES["annotated"] = article(
    {
        "global": {
            "annotations": {"starry.env/commit": "abcd123", "starry.env/pull-request": "123", "starry.env/owner": "me"}
        }
    }
)
CASES["no labels"] = article() | {"global": {"ttlMinutes": 30}}
CASES["no hosts"] = article(nested("ingress", {"enabled": False, "hosts": []}))
CASES["pinned"] = article({"global": {"expiresAt": "never"}, "cleanup": {"enabled": True}})
CASES["gateway without health checks"] = article(
    nested("ingress/tls", GATEWAY),
    nested("ingress/tls/shared/gateway", {"healthCheckPolicy": False, "sectionName": ""}),
)
CASES["hostile"] = article(
    nested("ingress/annotations", {f"note-{number}": text for number, text in enumerate(HOSTILE)}),
    nested("global/annotations", {f"note-{number}": text for number, text in enumerate(HOSTILE)}),
    nested("backend/env", {f"HOSTILE_{number}": text for number, text in enumerate(HOSTILE)}),
    nested("backend/annotations", {f"own-{number}": text for number, text in enumerate(HOSTILE)}),
    nested("backend/host", ARTICLE["ingress"]["hosts"][0]),
    nested("databases/db1/fixtures", "".join(HOSTILE)),
    nested("redis/fixtures", "".join(HOSTILE)),
    {"seed": {"enabled": True, "image": IMAGE, "env": {"TEXT": "".join(HOSTILE)}}},
    {"e2e": {"enabled": True, "image": IMAGE, "env": {"TEXT": "".join(HOSTILE)}, "command": ["run", *HOSTILE]}},
)
CASES["other components"] = dict(OTHERS)
CASES["everything"] = merged(
    CASES["jobs"],
    CASES["scheduling"],
    CASES["annotated"],
    CASES["generated and fetched"],
    nested("ingress/tls", GATEWAY),
    nested("metrics/enabled", True),
    nested("redis/fixtures", "SET a b\n"),
    nested("databases/db1/fixtures", "SELECT 1;\n"),
    nested("backend/autoscaling/minReplicas", 2),
    nested("serviceAccount/gcpServiceAccount", "preview@myproj.iam.gserviceaccount.com"),
)
