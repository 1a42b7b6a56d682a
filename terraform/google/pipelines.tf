# Pipelines push images without any stored key: the forge's identity token is exchanged for Google's (Workload Identity
# Federation). All of GitHub shares one issuer, so the condition is what keeps strangers out.

locals {
  # What each forge calls the same things in its tokens.
  forges = {
    github = {
      issuer     = "https://token.actions.githubusercontent.com"
      subject    = "assertion.sub"
      owner_id   = "assertion.repository_owner_id"
      repository = "assertion.repository"
      is_release = "assertion.ref == 'refs/heads/${var.release_branch}' || assertion.ref.startsWith('refs/tags/v')"
    }
    gitlab = {
      issuer = coalesce(var.forge.issuer, "https://gitlab.com")
      # Its `sub` holds the branch's name, and Google takes 127 bytes.
      subject    = "'project:' + assertion.project_id + ':pipeline:' + assertion.pipeline_id"
      owner_id   = "assertion.namespace_id"
      repository = "assertion.project_path"
      is_release = "assertion.ref_protected == 'true' && (assertion.ref == '${var.release_branch}' || (assertion.ref_type == 'tag' && assertion.ref.startsWith('v')))"
    }
  }
  forge = local.forges[var.forge.kind]

  # This owner, these repositories, and Starry's own only from where it is released.
  conditions = concat(
    [
      "${local.forge.owner_id} == '${var.forge.owner_id}'",
      "${local.forge.repository} in [${join(", ", [for source in values(var.pipelines) : "'${source}'"])}]",
    ],
    [for image, source in var.pipelines : "(${local.forge.repository} != '${source}' || (${local.forge.is_release}))" if image == "starry"],
  )
}

resource "google_iam_workload_identity_pool" "pipelines" {
  project                   = var.project_id
  workload_identity_pool_id = var.forge.kind
  display_name              = "Pipelines"
  description               = "Pipelines that push images"

  depends_on = [google_project_service.required]
}

resource "google_iam_workload_identity_pool_provider" "pipelines" {
  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.pipelines.workload_identity_pool_id
  workload_identity_pool_provider_id = var.forge.kind
  display_name                       = "Pipelines"
  attribute_condition                = join(" && ", local.conditions)
  attribute_mapping = {
    "google.subject"       = local.forge.subject
    "attribute.repository" = local.forge.repository
  }

  oidc {
    issuer_uri = local.forge.issuer
  }
}

# One service account for each image, so that a pipeline can push to its own repository and no other.
resource "google_service_account" "pushers" {
  for_each = var.pipelines

  project      = var.project_id
  account_id   = "image-pusher-${each.key}"
  display_name = "Pipeline of ${each.value}: pushes ${each.key}"

  depends_on = [google_project_service.required]
}

resource "google_service_account_iam_member" "pushers" {
  for_each = var.pipelines

  service_account_id = google_service_account.pushers[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.pipelines.name}/attribute.repository/${each.value}"
}

resource "google_artifact_registry_repository_iam_member" "pushers" {
  for_each = var.pipelines

  project    = var.project_id
  location   = google_artifact_registry_repository.images[each.key].location
  repository = google_artifact_registry_repository.images[each.key].repository_id
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.pushers[each.key].member
}
