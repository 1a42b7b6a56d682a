"""Chooses who is asked: Argo CD's API, or Kubernetes'."""

import os

from starry_gitops.clusters.argocd import ArgoCd
from starry_gitops.clusters.kubectl import Kubectl
from starry_gitops.clusters.kubernetes import Kubernetes
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.errors import UsageFault
from starry_gitops.rest.client import Api

TOKENS = ("STARRY_ARGOCD_TOKEN", "ARGOCD_AUTH_TOKEN")


def argo_cd(server: str, *, seconds: float) -> Cluster:
    """Argo CD at `https://HOST` or, as its own program takes it, at `HOST[:PORT]`.

    Raises:
        UsageFault: no token is set, or the URL is none.
    """
    token = next((value for name in TOKENS if (value := os.environ.get(name, ""))), "")
    if not token:
        hint = f"set {TOKENS[0]} to the token of an account that may read Applications"
        raise UsageFault("--argocd-server needs a token", hint=hint)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageFault(f"{TOKENS[0]} holds characters that no token has", hint="look for a line break in it")
    url = server if "://" in server else f"https://{server}"
    headers = {"Authorization": f"Bearer {token}"}
    return ArgoCd(Api(url.rstrip("/"), what="Argo CD", headers=headers, seconds=seconds, token_variable=TOKENS[0]))


def kubernetes(*, kubeconfig: str | None, context: str | None, seconds: float) -> Cluster:
    """Kubernetes through kubectl."""
    return Kubernetes(Kubectl(kubeconfig=kubeconfig, context=context, seconds=seconds))
