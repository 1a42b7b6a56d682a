# What runs in the cluster and as whom. A Kubernetes ServiceAccount is a principal of its own (Workload Identity): most
# need no Google service account beside it. Each is granted single secrets and single repositories.

locals {
  workload_pool = "${var.project_id}.svc.id.goog"
  subjects      = "principal://iam.googleapis.com/projects/${data.google_project.this.number}/locations/global/workloadIdentityPools/${local.workload_pool}/subject"

  # Namespace and name of each ServiceAccount, as the apps repository has them (base/secret-stores.yaml).
  gsm_platform  = "${local.subjects}/ns/external-secrets/sa/gsm-platform"
  gsm_previews  = "${local.subjects}/ns/external-secrets/sa/gsm-previews"
  image_updater = "${local.subjects}/ns/argocd/sa/argocd-image-updater"
}

# External Secrets for Argo CD and Starry: the Git tokens, and what the web page needs.
resource "google_secret_manager_secret_iam_member" "platform" {
  for_each = local.platform_secrets

  project   = var.project_id
  secret_id = google_secret_manager_secret.this[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.gsm_platform

  # The workload pool exists once the project has a cluster.
  depends_on = [google_container_cluster.this]
}

# External Secrets for the previews: their own secrets, and never a Git token.
resource "google_secret_manager_secret_iam_member" "previews" {
  for_each = var.preview_secrets

  project   = var.project_id
  secret_id = google_secret_manager_secret.this[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.gsm_previews

  depends_on = [google_container_cluster.this]
}

# Image Updater looks for new tags of Starry's image.
resource "google_artifact_registry_repository_iam_member" "image_updater" {
  project    = var.project_id
  location   = google_artifact_registry_repository.images["starry"].location
  repository = google_artifact_registry_repository.images["starry"].repository_id
  role       = "roles/artifactregistry.reader"
  member     = local.image_updater

  depends_on = [google_container_cluster.this]
}

# Starry's web page: sees which images there are. Its e-mail goes into `serviceAccount.gcpServiceAccount` of its chart.
resource "google_service_account" "starry" {
  project      = var.project_id
  account_id   = "${var.name}-web"
  display_name = "Starry's web page"

  depends_on = [google_project_service.required]
}

resource "google_service_account_iam_member" "starry" {
  service_account_id = google_service_account.starry.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${local.workload_pool}[starry/starry-web]"

  depends_on = [google_container_cluster.this]
}

resource "google_artifact_registry_repository_iam_member" "starry" {
  for_each = toset(local.components)

  project    = var.project_id
  location   = google_artifact_registry_repository.images[each.value].location
  repository = google_artifact_registry_repository.images[each.value].repository_id
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.starry.member
}
