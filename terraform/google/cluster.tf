# The cluster: GKE Autopilot. Workload Identity, network policies and shielded nodes come with it.

resource "google_service_account" "nodes" {
  project      = var.project_id
  account_id   = "${var.name}-nodes"
  display_name = "Nodes of the cluster ${var.name}"

  depends_on = [google_project_service.required]
}

# Logs, metrics and nothing else: Google's role for nodes. Reading images is granted in registries.tf.
resource "google_project_iam_member" "nodes" {
  project = var.project_id
  role    = "roles/container.defaultNodeServiceAccount"
  member  = google_service_account.nodes.member
}

resource "google_container_cluster" "this" {
  name                = var.name
  project             = var.project_id
  location            = var.region
  enable_autopilot    = true
  deletion_protection = var.deletion_protection
  network             = google_compute_network.this.id
  subnetwork          = google_compute_subnetwork.cluster.id
  resource_labels     = var.labels

  release_channel {
    channel = "REGULAR"
  }

  ip_allocation_policy {
    cluster_secondary_range_name  = google_compute_subnetwork.cluster.secondary_ip_range[0].range_name
    services_secondary_range_name = google_compute_subnetwork.cluster.secondary_ip_range[1].range_name
  }

  private_cluster_config {
    enable_private_nodes = true
  }

  # The API server is reached by its name alone, where Google asks for an identity first; it has no open address.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = true
    }
    ip_endpoints_config {
      enabled = false
    }
  }

  # On Autopilot this, and not node_config, names the nodes' service account.
  cluster_autoscaling {
    auto_provisioning_defaults {
      service_account = google_service_account.nodes.email
      oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    }
  }

  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }

  depends_on = [google_project_iam_member.nodes]
}
