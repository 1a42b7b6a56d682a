"""Options of the commands that look at a cluster: whom to ask, how long, how often."""

import re
from collections.abc import Mapping
from typing import Any

import click

from starry_gitops.cli.options import Options, StarryOption
from starry_gitops.clusters.protocol import Cluster
from starry_gitops.errors import UsageFault

_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_LONGEST = 24 * 3600


def cluster_options(command: Any) -> Any:
    """Adds the ways to name Argo CD or the cluster."""
    for decorate in (
        click.option(
            "--kube-context",
            cls=StarryOption,
            metavar="NAME",
            help="Ask Kubernetes, in this context of the kubeconfig.",
        ),
        click.option("--kubeconfig", cls=StarryOption, metavar="FILE", help="Ask Kubernetes, with this kubeconfig."),
        click.option(
            "--kubernetes",
            "in_kubernetes",
            cls=StarryOption,
            is_flag=True,
            help="Ask Kubernetes, with the kubeconfig or the account that kubectl itself finds.",
        ),
        click.option(
            "--argocd-server",
            cls=StarryOption,
            metavar="HOST|URL",
            help="Ask Argo CD. The token is in STARRY_ARGOCD_TOKEN or ARGOCD_AUTH_TOKEN.",
        ),
    ):
        command = decorate(command)
    return command


def find_cluster(options: Options, values: Mapping[str, Any]) -> Cluster | None:
    """Whom the options name; None is nobody.

    Raises:
        UsageFault: both Argo CD and Kubernetes are named, or a name is none.
    """
    from starry_gitops.clusters import finding  # noqa: PLC0415 - wait needs it for some previews only

    server, kubeconfig, context = values["argocd_server"], values["kubeconfig"], values["kube_context"]
    wants_kubernetes = values["in_kubernetes"] or kubeconfig is not None or context is not None
    if server is not None and wants_kubernetes:
        raise UsageFault("--argocd-server and --kubernetes, --kubeconfig or --kube-context exclude each other")
    if server is not None:
        return finding.argo_cd(server, seconds=options.timeout)
    if not wants_kubernetes:
        return None
    return finding.kubernetes(kubeconfig=kubeconfig, context=context, seconds=options.timeout)


def parse_seconds(text: str, option: str) -> int:
    """Seconds in `90s`, `10m`, `1h30m`; at most a day.

    Raises:
        UsageFault: it is none of these.
    """
    match = _DURATION.fullmatch(text)
    parts = [int(part or 0) for part in match.groups()] if match and text else []
    seconds = sum(part * size for part, size in zip(parts, (3600, 60, 1), strict=False))
    if not parts or seconds > _LONGEST:
        raise UsageFault(f"{option}: {text[:40]!r} is not a duration", hint="write it as 90s, 10m or 1h; a day at most")
    return seconds
