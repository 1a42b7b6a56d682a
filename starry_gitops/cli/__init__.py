"""The command line."""

from starry_gitops.cli.boundary import main, run

__all__ = ["main", "run"]
