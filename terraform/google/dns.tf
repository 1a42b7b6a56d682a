# One address, one zone, one wildcard record and one wildcard certificate for all previews, however many there are.
# The Gateway that uses them is made in terraform/argocd.

resource "google_compute_global_address" "previews" {
  name    = "${var.name}-previews"
  project = var.project_id

  depends_on = [google_project_service.required]
}

resource "google_dns_managed_zone" "this" {
  name        = var.name
  project     = var.project_id
  dns_name    = "${var.domain}."
  description = "Previews, and Starry's page"
  labels      = var.labels

  dnssec_config {
    state = "on"
  }

  # A new one gets other name servers: the parent domain would point to nowhere.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.required]
}

# Any name below the domain, of one label or of several.
resource "google_dns_record_set" "previews" {
  project      = var.project_id
  managed_zone = google_dns_managed_zone.this.name
  name         = "*.${google_dns_managed_zone.this.dns_name}"
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_global_address.previews.address]
}

# A wildcard certificate covers one label: hosts are {app}-{name}.{domain}.
resource "google_certificate_manager_dns_authorization" "this" {
  name    = var.name
  project = var.project_id
  domain  = var.domain
  labels  = var.labels

  depends_on = [google_project_service.required]
}

resource "google_dns_record_set" "authorization" {
  project      = var.project_id
  managed_zone = google_dns_managed_zone.this.name
  name         = google_certificate_manager_dns_authorization.this.dns_resource_record[0].name
  type         = google_certificate_manager_dns_authorization.this.dns_resource_record[0].type
  ttl          = 300
  rrdatas      = [google_certificate_manager_dns_authorization.this.dns_resource_record[0].data]
}

resource "google_certificate_manager_certificate" "previews" {
  name    = "${var.name}-previews"
  project = var.project_id
  labels  = var.labels

  managed {
    domains            = [var.domain, "*.${var.domain}"]
    dns_authorizations = [google_certificate_manager_dns_authorization.this.id]
  }
}

resource "google_certificate_manager_certificate_map" "previews" {
  name    = "${var.name}-previews"
  project = var.project_id
  labels  = var.labels

  depends_on = [google_project_service.required]
}

resource "google_certificate_manager_certificate_map_entry" "previews" {
  name         = "${var.name}-previews"
  project      = var.project_id
  map          = google_certificate_manager_certificate_map.previews.name
  certificates = [google_certificate_manager_certificate.previews.id]
  hostname     = "*.${var.domain}"
  labels       = var.labels
}
