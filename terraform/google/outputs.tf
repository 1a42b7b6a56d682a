output "name_servers" {
  description = "Name servers of the zone: delegate the domain to them at the parent domain, or nothing below it is found."
  value       = google_dns_managed_zone.this.name_servers
}

output "previews_address" {
  description = "Address that every preview's name leads to."
  value       = google_compute_global_address.previews.address
}

output "image_repositories" {
  description = "Where images are pushed to and pulled from: for IMAGE of the pipelines and `image` in starry.yaml."
  value = {
    for name, repository in google_artifact_registry_repository.images :
    name => "${repository.location}-docker.pkg.dev/${repository.project}/${repository.repository_id}/${name}"
  }
}

output "workload_identity_provider" {
  description = "For workload_identity_provider (GitHub) or PROVIDER (GitLab) of the pipelines."
  value       = google_iam_workload_identity_pool_provider.pipelines.name
}

output "image_pushers" {
  description = "For service_account (GitHub) or SERVICE_ACCOUNT (GitLab) of each image's pipeline."
  value       = { for image, account in google_service_account.pushers : image => account.email }
}

output "starry_service_account" {
  description = "For serviceAccount.gcpServiceAccount in overlays/*/starry/values.yaml of the apps repository."
  value       = google_service_account.starry.email
}

output "secrets_to_fill" {
  description = "Secrets that need a first version, by `gcloud secrets versions add`."
  value       = sort(keys(google_secret_manager_secret.this))
}

output "kubeconfig_command" {
  description = "Writes an entry for the cluster into your kubeconfig."
  value       = "gcloud container clusters get-credentials ${google_container_cluster.this.name} --location ${google_container_cluster.this.location} --project ${var.project_id} --dns-endpoint"
}
