# What would be made, computed without an account: terraform test
mock_provider "google" {
  override_during = plan

  mock_data "google_project" {
    defaults = { number = "123456789" }
  }
  mock_resource "google_iam_workload_identity_pool" {
    defaults = { name = "projects/123456789/locations/global/workloadIdentityPools/pipelines" }
  }
}

variables {
  project_id = "myproj-123"
  region     = "europe-west1"
  domain     = "starry.mycompany.com"
  forge      = { kind = "github", owner_id = "42" }
  pipelines = {
    sample-be = "myorg/sample-be"
    starry    = "myorg/starry"
  }
}

run "github" {
  command = plan

  assert {
    condition     = google_iam_workload_identity_pool_provider.pipelines.attribute_condition == "assertion.repository_owner_id == '42' && assertion.repository in ['myorg/sample-be', 'myorg/starry'] && (assertion.repository != 'myorg/starry' || (assertion.ref == 'refs/heads/main' || assertion.ref.startsWith('refs/tags/v')))"
    error_message = "The condition lets others in."
  }
  assert {
    condition     = google_service_account_iam_member.pushers["sample-be"].member == "principalSet://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pipelines/attribute.repository/myorg/sample-be"
    error_message = "Another pipeline could push as this one."
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.platform["starry-git-write-token"].member == "principal://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/myproj-123.svc.id.goog/subject/ns/external-secrets/sa/gsm-platform"
    error_message = "External Secrets cannot read the Git token."
  }
  assert {
    condition     = google_dns_record_set.previews.name == "*.starry.mycompany.com."
    error_message = "The wildcard record is not below the domain."
  }
  assert {
    condition     = output.image_repositories["sample-be"] == "us-docker.pkg.dev/myproj-123/sample-be/sample-be"
    error_message = "Images have another name than the pipelines' examples say."
  }
  assert {
    condition     = length(google_artifact_registry_repository.images["sample-be"].cleanup_policies) == 0
    error_message = "Images are deleted though nobody asked for it."
  }
}

run "gitlab_of_your_own" {
  command = plan

  variables {
    forge     = { kind = "gitlab", owner_id = "7", issuer = "https://gitlab.mycompany.com" }
    pipelines = { sample-be = "myorg/apps/sample-be" }
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.pipelines.attribute_condition == "assertion.namespace_id == '7' && assertion.project_path in ['myorg/apps/sample-be']"
    error_message = "The condition lets others in."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.pipelines.oidc[0].issuer_uri == "https://gitlab.mycompany.com"
    error_message = "Another server's tokens would be taken."
  }
}

run "old_preview_images_are_deleted_when_asked" {
  command = plan

  variables {
    delete_preview_images_after_days = 30
  }

  assert {
    condition     = google_artifact_registry_repository.images["sample-be"].cleanup_policies[0].condition[0].older_than == "2592000s"
    error_message = "30 days are 2592000 seconds."
  }
  assert {
    condition     = length(google_artifact_registry_repository.images["starry"].cleanup_policies) == 0
    error_message = "Starry's own images are no previews."
  }
}

run "previews_never_read_git_tokens" {
  command = plan

  variables {
    preview_secrets = ["db-password", "starry-git-write-token"]
  }

  expect_failures = [var.preview_secrets]
}

run "quotes_do_not_reach_the_condition" {
  command = plan

  variables {
    pipelines = { sample-be = "myorg/a'] || true || '' in ['" }
  }

  expect_failures = [var.pipelines]
}
