"""What `starry init` writes, and how."""

from starry_gitops.scaffold.rendering import (
    CLOSED_NAMESPACES,
    EXAMPLE,
    UNKNOWN_REPO_URL,
    ScaffoldOptions,
    render_pipeline,
    render_scaffold,
)
from starry_gitops.scaffold.writing import write_scaffold

__all__ = [
    "CLOSED_NAMESPACES",
    "EXAMPLE",
    "UNKNOWN_REPO_URL",
    "ScaffoldOptions",
    "render_pipeline",
    "render_scaffold",
    "write_scaffold",
]
