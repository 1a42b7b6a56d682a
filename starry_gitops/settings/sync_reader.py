"""From what starry.yaml says of forges and `starry sync` to values of the core."""

from typing import Any

from starry_gitops.core.sync_settings import ForgeSettings, SyncRepository, SyncSettings


def forge_settings(values: dict[str, Any]) -> ForgeSettings:
    """Which forge it is, where that is said."""
    return ForgeSettings(kind=values.get("kind"), api_url=values.get("apiURL"))


def sync_settings(values: dict[str, Any]) -> SyncSettings:
    """All of `sync`."""
    repositories = values.get("repositories", {})
    return SyncSettings(
        renew=values.get("renew", "whileOpen"),
        images=values.get("images", {}),
        repositories={name: _repository(name, value) for name, value in repositories.items()},
    )


def _repository(name: str, values: dict[str, Any]) -> SyncRepository:
    return SyncRepository(
        name=name,
        url=values["url"].rstrip("/").removesuffix(".git"),
        component=values["component"],
        tag=values.get("tag", "pr-{number}-{commit}"),
        preview=values.get("name", "preview-{number}"),
        overlay=values.get("overlay"),
        ttl=values.get("ttl"),
        labels=values.get("labels", ()),
        drafts=values.get("drafts", False),
        branches=values.get("branches"),
        base_branches=values.get("baseBranches"),
        paths=values.get("paths"),
        authors=values.get("authors"),
        exclude_authors=values.get("excludeAuthors", ()),
        fork_label=values.get("forkLabel"),
    )
