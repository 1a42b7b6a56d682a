"""What `starry serve` was told."""

from dataclasses import dataclass, field

from starry_gitops.clusters.protocol import Cluster
from starry_gitops.gitrepo.target import Target
from starry_gitops.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class WebConfig:
    """Where the page listens and which repository it shows.

    `target` names the repository by a URL or an absolute path, and the committer; each write adds its author.
    `overlay` None is the settings' default. `base_url` is what people type, without a slash at its end.
    `poll_seconds` lie between two looks at the branch; a running write gets `grace_seconds` when the page is stopped.
    `webhook_secrets` are those by which forges are known, none: no webhooks; people may also command in comments below
    pull requests of `component_repos`, beside those of sync. `cluster` is asked what runs, the `registries` which tags
    there are; None and none: nobody is.
    """

    target: Target
    overlay: str | None = None
    base_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    poll_seconds: float = 5.0
    grace_seconds: float = 25.0
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    component_repos: tuple[str, ...] = ()
    cluster: Cluster | None = None
    registries: tuple[Registry, ...] = ()
