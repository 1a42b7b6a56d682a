# What Argo CD begins with: the root Application, as `starry init` wrote it. And the previews' shared Gateway, which
# takes its address and its certificate from terraform/google.

resource "helm_release" "root" {
  name      = "starry-root"
  namespace = local.root.metadata.namespace
  chart     = "${path.module}/root"
  values = [yamlencode({
    application = local.root
    gateway = {
      address        = "${var.name}-previews"
      certificateMap = "${var.name}-previews"
      hostname       = "*.${var.domain}"
    }
  })]

  # Its kind, Application, comes with Argo CD.
  depends_on = [helm_release.argocd]
}
