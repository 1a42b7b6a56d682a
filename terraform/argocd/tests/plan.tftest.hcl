# What would be installed, computed without a cluster: terraform test
mock_provider "google" {
  override_during = plan

  mock_data "google_container_cluster" {
    defaults = {
      control_plane_endpoints_config = [{
        dns_endpoint_config = [{ endpoint = "gke-0123.europe-west1.gke.goog", allow_external_traffic = true }]
        ip_endpoints_config = []
      }]
    }
  }
}

mock_provider "helm" {
  override_during = plan
}

variables {
  project_id      = "myproj-123"
  region          = "europe-west1"
  domain          = "starry.mycompany.com"
  apps_repository = "../../argocd-apps"
}

run "development" {
  command = plan

  assert {
    condition     = helm_release.argocd.namespace == "argocd"
    error_message = "Argo CD is elsewhere than the apps repository says."
  }
  assert {
    condition     = yamldecode(helm_release.root.values[0]).application.metadata.name == "root-dev"
    error_message = "Another root than asked for."
  }
}

run "production" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = yamldecode(helm_release.root.values[0]).application.metadata.name == "root-prod"
    error_message = "Another root than asked for."
  }
}

run "a_folder_that_is_no_apps_repository" {
  command = plan

  variables {
    apps_repository = "."
  }

  expect_failures = [var.apps_repository]
}

run "an_environment_that_is_not_there" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "too_seldom" {
  command = plan

  variables {
    reconciliation = "3600s"
  }

  expect_failures = [var.reconciliation]
}
