terraform {
  required_version = ">= 1.11, < 2"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 7"
    }
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.1, < 4"
    }
  }

  # The bucket is named at `terraform init -backend-config=bucket=…`. Its state holds no secret.
  backend "gcs" {
    prefix = "starry/argocd"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

data "google_client_config" "me" {}

data "google_container_cluster" "this" {
  name     = var.name
  project  = var.project_id
  location = var.region
}

# By the cluster's name, as whoever runs Terraform: no kubeconfig, and no certificate to carry.
provider "helm" {
  kubernetes = {
    host  = "https://${data.google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].endpoint}"
    token = data.google_client_config.me.access_token
  }
}
