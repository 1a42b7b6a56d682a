terraform {
  required_version = ">= 1.11, < 2"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 7"
    }
  }

  # The bucket is named at `terraform init -backend-config=bucket=…`: it must be there before Terraform is.
  backend "gcs" {
    prefix = "starry/google"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}
