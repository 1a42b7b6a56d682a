output "argocd_version" {
  description = "Version of Argo CD that runs."
  value       = helm_release.argocd.metadata.app_version
}

output "root_application" {
  description = "Application that everything else comes from."
  value       = local.root.metadata.name
}

output "open_argocd_command" {
  description = "Makes Argo CD's page answer at https://localhost:8080."
  value       = "kubectl --namespace ${helm_release.argocd.namespace} port-forward service/argocd-server 8080:443"
}
