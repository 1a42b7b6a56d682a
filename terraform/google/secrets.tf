# Secrets without their values: those are added by `gcloud secrets versions add`, and never pass through Terraform or
# its state.

locals {
  # What each is for: docs/bootstrap.md.
  git_secrets      = toset(["starry-git-read-token", "starry-git-write-token"])
  platform_secrets = setunion(local.git_secrets, var.web_secrets)
}

resource "google_secret_manager_secret" "this" {
  for_each = setunion(local.platform_secrets, var.preview_secrets)

  project   = var.project_id
  secret_id = each.value
  labels    = var.labels

  replication {
    auto {}
  }

  # Its versions go with it.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.required]
}
