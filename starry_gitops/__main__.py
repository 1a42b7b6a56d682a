"""`python -m starry_gitops` is the command `starry`."""

from starry_gitops.cli import run

run()
