"""Commands that look at a cluster, against a server that answers as Argo CD and Kubernetes do."""
