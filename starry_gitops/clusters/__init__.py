"""Reads what Argo CD and Kubernetes say of the previews. Nothing here writes to a cluster."""
