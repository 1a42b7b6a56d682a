variable "project_id" {
  description = "Id of the Google Cloud project. It must exist, with billing."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project's id has 6 to 30 lower-case letters, digits and hyphens, such as myproj-123."
  }
}

variable "region" {
  description = "Region of the cluster and its network."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Name a region, such as europe-west1, and no zone of it."
  }
}

variable "registry_location" {
  description = "Location of the image repositories: a multi-region (us, europe, asia) or a region. It is the first part of every image's name."
  type        = string
  default     = "us"
  nullable    = false

  validation {
    condition     = can(regex("^(us|europe|asia|[a-z]+-[a-z]+[0-9]+)$", var.registry_location))
    error_message = "Name us, europe, asia or a region."
  }
}

variable "name" {
  description = "Name of the cluster and its network, and beginning of other names. terraform/argocd must be given the same."
  type        = string
  default     = "starry"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "Use 2 to 20 lower-case letters, digits and hyphens."
  }
}

variable "domain" {
  description = "Domain of the previews and of Starry's page, as in starry.yaml. The zone is made for it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "Write a domain in lower case without a dot at its end, such as starry.mycompany.com."
  }
}

variable "network_ranges" {
  description = "Private address ranges: of the nodes, of the pods (a /16 holds some 250 nodes on Autopilot) and of the Services."
  type = object({
    nodes    = string
    pods     = string
    services = string
  })
  default = {
    nodes    = "10.10.0.0/20"
    pods     = "10.20.0.0/16"
    services = "10.30.0.0/20"
  }
  nullable = false

  validation {
    condition     = alltrue([for range in values(var.network_ranges) : can(cidrnetmask(range))])
    error_message = "Each range is an IPv4 network such as 10.10.0.0/20."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the cluster. Set it to false, and apply, before a teardown."
  type        = bool
  default     = true
  nullable    = false
}

variable "forge" {
  description = "Where the pipelines run: kind (github or gitlab), the number of the organisation, or of the group that the projects are directly in (names can be taken over, numbers cannot), and for GitLab of your own its address."
  type = object({
    kind     = string
    owner_id = string
    issuer   = optional(string)
  })
  nullable = false

  validation {
    condition     = contains(["github", "gitlab"], var.forge.kind)
    error_message = "kind is github or gitlab."
  }
  validation {
    condition     = can(regex("^[0-9]+$", var.forge.owner_id))
    error_message = "owner_id is a number: gh api orgs/myorg --jq .id, or the Group ID on a GitLab group's page."
  }
  validation {
    condition     = var.forge.issuer == null || can(regex("^https://[^/]+$", var.forge.issuer))
    error_message = "issuer is an address such as https://gitlab.mycompany.com."
  }
}

variable "pipelines" {
  description = "Which source repository pushes into which image repository: image repository to owner/name on the forge."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for image in keys(var.pipelines) : contains(["sample-be", "sample-fe-1", "sample-fe-2", "starry"], image)])
    error_message = "The image repositories are sample-be, sample-fe-1, sample-fe-2 and starry."
  }
  validation {
    condition     = alltrue([for source in values(var.pipelines) : can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$", source))])
    error_message = "Name a source repository as owner/name, such as myorg/sample-be."
  }
}

variable "release_branch" {
  description = "Branch that Starry's own image may be pushed from, beside tags v*. What is pushed there runs with Starry's rights."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.release_branch))
    error_message = "Name a branch, such as main."
  }
}

variable "preview_secrets" {
  description = "Names of the secrets that previews may read. Whoever can change a preview can read them."
  type        = set(string)
  default     = ["db-password", "redis-password"]
  nullable    = false

  validation {
    condition     = alltrue([for secret in var.preview_secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", secret))])
    error_message = "A secret's name has letters, digits, hyphens and underscores: a name, not a path."
  }
  validation {
    condition     = length(setintersection(var.preview_secrets, ["starry-git-read-token", "starry-git-write-token"])) == 0
    error_message = "Previews must not read the Git tokens: whoever can change a preview could then write to the apps repository."
  }
  validation {
    condition     = length(setintersection(var.preview_secrets, var.web_secrets)) == 0
    error_message = "Previews must not read the web page's secrets: whoever can change a preview could then sign in as anybody."
  }
}

variable "web_secrets" {
  description = "Names of the secrets of Starry's web page: `web.secret` of its chart. None where it does not run."
  type        = set(string)
  default     = ["starry-session-key"]
  nullable    = false

  validation {
    condition     = alltrue([for secret in var.web_secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", secret))])
    error_message = "A secret's name has letters, digits, hyphens and underscores: a name, not a path."
  }
}

variable "delete_preview_images_after_days" {
  description = "Days after which images tagged pr-… are deleted. Let it be longer than any preview is pinned. Null: they are kept, and cost."
  type        = number
  default     = null

  validation {
    condition     = var.delete_preview_images_after_days == null || try(var.delete_preview_images_after_days >= 7, false)
    error_message = "At least 7 days, or null."
  }
}

variable "labels" {
  description = "Labels of everything that can have labels, for the bill."
  type        = map(string)
  default     = { system = "starry" }
  nullable    = false
}
