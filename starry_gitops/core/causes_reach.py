"""Causes that keep what runs from being reached: certificates, load balancers, names, pages."""

from starry_gitops.core.cause import Cause

REACH_CAUSES: tuple[Cause, ...] = (
    Cause(
        id="certificate_caa",
        pattern=r"FailedCaa(?:Checking|Forbidden)|FAILED_CAA",
        looks="FailedCaaForbidden, FailedCaaChecking",
        cause="A CAA record of the domain does not let Google issue its certificate.",
        next_step="Allow pki.goog and letsencrypt.org in the domain's CAA records.",
        patience=0,
    ),
    Cause(
        id="certificate_limit",
        pattern=r"FailedRateLimited|FAILED_RATE_LIMITED|SSL_CERTIFICATES|TOO_MANY_CERTIFICATES",
        looks="FailedRateLimited, Quota 'SSL_CERTIFICATES' exceeded",
        cause="Too many certificates: a load balancer carries about 15, and the issuer limits new ones.",
        next_step="Use one wildcard certificate for all previews: tls in the chart's values.",
        patience=0,
    ),
    Cause(
        id="certificate_invisible",
        pattern=r"FailedNotVisible|FAILED_NOT_VISIBLE|certificate has failed to be provisioned",
        looks="FailedNotVisible",
        cause="The domain does not lead to the load balancer, so no certificate is issued.",
        next_step="Point the host's DNS record at the Ingress's address; compare the hosts with ingress.hosts.",
        patience=900,
    ),
    Cause(
        id="ingress_refused",
        pattern=r"Translation failed|invalid ingress spec|load balancer syncing routine|[Ee]rror syncing to GCP",
        looks="Translation failed: invalid ingress spec: could not find service …",
        cause="The load balancer cannot be made from the Ingress.",
        next_step="Check that each backend's Service exists and has the port; read the Ingress's events.",
        patience=300,
    ),
    Cause(
        id="deadline_exceeded",
        pattern=r"exceeded its progress deadline|ProgressDeadlineExceeded",
        looks="Deployment … exceeded its progress deadline",
        cause="A Deployment did not become ready in the time that it gives itself.",
        next_step="Read the events and the log of its newest pod.",
        patience=60,
    ),
    Cause(
        id="certificate_pending",
        pattern=r"certificate (?:of \S+ )?is Provisioning|still being provisioned|certificate is \S*$",
        looks="ManagedCertificate: Provisioning",
        cause="The certificate is being issued; that takes 15 to 60 minutes.",
        next_step="Wait; check meanwhile that the DNS record leads to the Ingress's address and the host is right.",
        patience=None,
    ),
    Cause(
        id="endpoints_warming",
        pattern=r"LoadBalancerNegNotReady|in at least one of the NEG|backends are not HEALTHY|has no address yet"
        r"|load balancer .*(?:not ready|pending)",
        looks="waiting for pod to become healthy in at least one of the NEG(s)",
        cause="The load balancer does not know the pods yet; until then the URL answers 404 or 502.",
        next_step="Wait some minutes; else check Service, endpoints, readiness, and the firewall for health checks.",
        patience=None,
    ),
    Cause(
        id="url_no_name",
        pattern=r"(?i)name or service not known|failed to resolve|nodename nor servname|no address associated"
        r"|temporary failure in name resolution",
        looks="the host's name does not resolve",
        cause="There is no DNS record for the host yet.",
        next_step="Check the wildcard record of the domain, or external-dns.",
        patience=None,
    ),
    Cause(
        id="url_certificate",
        pattern=r"(?i)CERTIFICATE_VERIFY_FAILED|certificate verify failed|sslv3|tlsv1|SSLEOFError|\[SSL|handshake",
        looks="the TLS handshake fails, or the certificate is another one's",
        cause="The host's certificate is not in use yet.",
        next_step="Wait for the certificate; check that the DNS record leads to this preview's load balancer.",
        patience=None,
    ),
    Cause(
        id="url_not_found",
        pattern=r"^HTTP 404",
        looks="HTTP 404",
        cause="The load balancer does not know the preview's host yet, or the app has no page there.",
        next_step="Wait while endpoints warm up; where the app itself has no page at /, name one with --path.",
        patience=None,
    ),
    Cause(
        id="url_failing",
        pattern=r"^HTTP 5\d\d",
        looks="HTTP 502, 503, 504, 500",
        cause="No pod is ready behind the host, or the app fails.",
        next_step="Wait while endpoints warm up; then look at the pods' readiness and the app's log.",
        patience=None,
    ),
    Cause(
        id="url_refused",
        pattern=r"^(?:HTTP [14]\d\d|no answer: )",
        looks="no connection, no whole answer, or HTTP 4xx",
        cause="Nobody answers there yet, or the answer is a refusal.",
        next_step="Wait; then open the URL in a browser. Behind a sign-in proxy, use --argocd-server.",
        patience=None,
    ),
)
