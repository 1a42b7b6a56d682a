"""Custom resource definitions as their projects release them: in Go modules, which stay in Go's module cache."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

# kind -> module and version, file in it
RELEASED = {
    "Password": (
        "github.com/external-secrets/external-secrets@v1.3.2",
        "config/crds/bases/generators.external-secrets.io_passwords.yaml",
    ),
    "ScaledObject": ("github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases/keda.sh_scaledobjects.yaml"),
    "HTTPRoute": (
        "sigs.k8s.io/gateway-api@v1.6.3",
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    ),
}
# Where Go keeps its settings and its cache: taken while tests are collected, before each has a home of its own.
_ENVIRONMENT = dict(os.environ)
_SECONDS = 90


@cache
def _folder(module: str) -> Path | None:
    go = shutil.which("go", path=_ENVIRONMENT.get("PATH"))
    if go is None:
        return None
    command = [go, "mod", "download", "-json", module]
    try:
        done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return Path(json.loads(done.stdout)["Dir"]) if done.returncode == 0 else None


def definition(kind: str) -> Path | None:
    """The file with the kind's definition; None where Go or the module is not to be had."""
    module, file = RELEASED[kind]
    folder = _folder(module)
    return folder and folder / file
