"""Starry: per-pull-request preview environments, written into an Argo CD apps repository."""

__version__ = "0.1.0"
