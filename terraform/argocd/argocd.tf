# Argo CD, with the settings that Starry needs: those that `starry doctor` asks for.

locals {
  root       = yamldecode(file("${var.apps_repository}/root/${var.environment}.yaml"))
  cm         = yamldecode(file("${var.apps_repository}/bootstrap/argocd-cm.yaml")).data
  parameters = "${var.apps_repository}/bootstrap/argocd-cmd-params-cm.yaml"

  # Small, and as Autopilot accepts them. The controller and the repo-server grow with the number of previews.
  resources = {
    controller     = { cpu = "500m", memory = "1Gi" }
    repoServer     = { cpu = "500m", memory = "1Gi" }
    server         = { cpu = "100m", memory = "256Mi" }
    applicationSet = { cpu = "50m", memory = "128Mi" }
    redis          = { cpu = "50m", memory = "128Mi" }
  }

  argocd_values = merge(
    { for part, requests in local.resources : part => { resources = { requests = requests } } },
    {
      # Its Applications outlive an uninstall.
      crds   = { install = true, keep = true }
      global = { domain = "argocd.${var.domain}" }
      configs = {
        cm = merge(local.cm, {
          "application.resourceTrackingMethod" = "annotation"
          "timeout.reconciliation"             = var.reconciliation
        })
        # The previews' Applications in a namespace of their own, where the apps repository says so.
        params = fileexists(local.parameters) ? yamldecode(file(local.parameters)).data : {}
      }
      # Nothing here signs in through them or is told by them. Turn them on with the settings that they need.
      dex           = { enabled = false }
      notifications = { enabled = false }
    },
  )
}

resource "helm_release" "argocd" {
  name             = "argocd"
  namespace        = local.root.metadata.namespace
  create_namespace = true
  repository       = "https://argoproj.github.io/argo-helm"
  chart            = "argo-cd"
  version          = var.argocd_chart_version
  values           = [yamlencode(local.argocd_values)]

  # Autopilot first makes the nodes that this runs on.
  timeout = 900
}
