# One Docker repository for each image, so that each pipeline can be granted its own and no other.

locals {
  components   = ["sample-be", "sample-fe-1", "sample-fe-2"]
  repositories = toset(concat(local.components, ["starry"]))
}

resource "google_artifact_registry_repository" "images" {
  for_each = local.repositories

  project       = var.project_id
  location      = var.registry_location
  repository_id = each.value
  description   = "Images of ${each.value}"
  format        = "DOCKER"
  labels        = var.labels

  dynamic "cleanup_policies" {
    for_each = var.delete_preview_images_after_days == null || each.value == "starry" ? [] : [var.delete_preview_images_after_days]

    content {
      id     = "delete-old-previews"
      action = "DELETE"
      condition {
        tag_state    = "TAGGED"
        tag_prefixes = ["pr-"]
        older_than   = "${cleanup_policies.value * 24 * 60 * 60}s"
      }
    }
  }

  # Its images go with it, and live previews run them.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.required]
}

# Nodes pull all of them.
resource "google_artifact_registry_repository_iam_member" "nodes" {
  for_each = google_artifact_registry_repository.images

  project    = var.project_id
  location   = each.value.location
  repository = each.value.repository_id
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.nodes.member
}
