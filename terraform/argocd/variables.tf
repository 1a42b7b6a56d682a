variable "project_id" {
  description = "Id of the Google Cloud project, as in terraform/google."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project's id has 6 to 30 lower-case letters, digits and hyphens, such as myproj-123."
  }
}

variable "region" {
  description = "Region of the cluster, as in terraform/google."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Name a region, such as europe-west1, and no zone of it."
  }
}

variable "name" {
  description = "Name of the cluster, as in terraform/google."
  type        = string
  default     = "starry"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "Use 2 to 20 lower-case letters, digits and hyphens."
  }
}

variable "domain" {
  description = "Domain of the previews, as in terraform/google."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "Write a domain in lower case without a dot at its end, such as starry.mycompany.com."
  }
}

variable "apps_repository" {
  description = "Folder of a clone of the apps repository. Its root Application and its bootstrap/ are what is applied, so nothing is said twice."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.apps_repository}/starry.yaml") && fileexists("${var.apps_repository}/bootstrap/argocd-cm.yaml")
    error_message = "This folder has no starry.yaml and bootstrap/argocd-cm.yaml: clone the apps repository that starry init filled."
  }
}

variable "environment" {
  description = "Which root of the apps repository this cluster gets: dev or prod, the name of a file in root/."
  type        = string
  default     = "dev"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.environment))
    error_message = "Name an environment, such as dev."
  }
  validation {
    condition     = fileexists("${var.apps_repository}/root/${var.environment}.yaml")
    error_message = "The apps repository has no root of this name: look into its folder root/."
  }
}

variable "argocd_chart_version" {
  description = "Version of the chart argo-cd. 10.2.1 installs Argo CD 3.4.5; Starry needs 3.4."
  type        = string
  default     = "10.2.1"
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]+\\.[0-9]+\\.[0-9]+$", var.argocd_chart_version))
    error_message = "Name one version, 10 or later: a range would change Argo CD by itself."
  }
}

variable "reconciliation" {
  description = "How often Argo CD looks for commits when no webhook tells it of them."
  type        = string
  default     = "120s"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]+s$", var.reconciliation)) && try(tonumber(trimsuffix(var.reconciliation, "s")) >= 60 && tonumber(trimsuffix(var.reconciliation, "s")) <= 600, false)
    error_message = "60s to 600s."
  }
}
