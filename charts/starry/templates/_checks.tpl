{{/* What a schema cannot see: values that contradict each other. All problems are told at once. */}}
{{- define "starry.check" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- $web := .Values.web -}}
{{- $used := or .Values.gc.enabled $web.enabled -}}
{{- if and $used (include "starry.git" . | fromJson).ssh (not (trim .Values.git.knownHosts)) -}}
{{- $problems = append $problems "config.repo is reached by SSH: set git.knownHosts to the server's lines of ssh-keyscan, checked by a person" -}}
{{- end -}}
{{- if $web.enabled -}}
{{- $oidc := $web.signIn.oidc -}}
{{- if not (or $oidc.issuer $oidc.clientID $web.signIn.iap.audience) -}}
{{- $problems = append $problems "web.enabled needs a sign-in: set web.signIn.oidc.issuer and clientID, or web.signIn.iap.audience" -}}
{{- end -}}
{{- if ne (empty $oidc.issuer) (empty $oidc.clientID) -}}
{{- $problems = append $problems "web.signIn.oidc: issuer and clientID belong together" -}}
{{- end -}}
{{- if and $oidc.issuer $web.signIn.iap.audience -}}
{{- $problems = append $problems "web.signIn has an issuer and a proxy: leave out oidc or iap" -}}
{{- end -}}
{{- if not (include "starry.baseURL" .) -}}
{{- $problems = append $problems "web.baseURL is what people type to come here: set it where web.ingress is off" -}}
{{- end -}}
{{- if and (include "starry.isMany" .) (not $web.secret.existing) (not $web.secret.sessionKey.key) -}}
{{- $problems = append $problems "web.secret.sessionKey.key is empty: several pods need one key for the sessions" -}}
{{- end -}}
{{- if and $web.autoscaling.enabled (gt (int $web.autoscaling.minReplicas) (int $web.autoscaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "web.autoscaling: minReplicas %d is above maxReplicas %d" (int $web.autoscaling.minReplicas) (int $web.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if $web.ingress.enabled -}}
{{- $tls := $web.ingress.tls -}}
{{- if and $tls.managedCertificate (ne $web.ingress.className "gce") -}}
{{- $problems = append $problems (printf "web.ingress.tls.managedCertificate works with className gce only, not %s: use tls.secretName" $web.ingress.className) -}}
{{- end -}}
{{- if and $tls.managedCertificate $tls.secretName -}}
{{- $problems = append $problems "web.ingress.tls: secretName needs managedCertificate: false" -}}
{{- end -}}
{{- if not (or $tls.managedCertificate $tls.secretName $web.ingress.allowHttp) -}}
{{- $problems = append $problems "web.ingress has neither a certificate nor plain HTTP: set tls.managedCertificate, tls.secretName or allowHttp" -}}
{{- end -}}
{{- end -}}
{{- if and $web.rbac.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.apiServerCIDRs) -}}
{{- $problems = append $problems "web.rbac lets the web service ask the API server, which networkPolicy closes off: set networkPolicy.apiServerCIDRs" -}}
{{- end -}}
{{- range $name, $text := $web.env -}}
{{- if or (regexMatch "(?i)(^|_)(password|passwd|token|secret|(api|private|session)_?key|credentials?)$" $name) (regexMatch "-----BEGIN|://[^/@\\s]*:[^/@\\s]+@" $text) -}}
{{- $problems = append $problems (printf "web.env.%s looks like a secret, and values are stored in Git: keep it in the secret store" $name) -}}
{{- end -}}
{{- if has $name (list "STARRY_REPO" "STARRY_BRANCH" "STARRY_OVERLAY" "STARRY_TIMEOUT" "STARRY_AUTHOR" "STARRY_COMMITTER" "STARRY_GIT_USERNAME" "STARRY_HOST" "STARRY_HTTP_PORT" "STARRY_BASE_URL" "STARRY_POLL" "STARRY_GRACE" "STARRY_LOG_FORMAT" "STARRY_OIDC_ISSUER" "STARRY_OIDC_CLIENT_ID" "STARRY_OIDC_SCOPES" "STARRY_OIDC_GROUPS_CLAIM" "STARRY_IAP_AUDIENCE" "STARRY_COMPONENT_REPO" "REDIS_URL" "TMPDIR" "HOME" "GIT_SSH_COMMAND") -}}
{{- $problems = append $problems (printf "web.env.%s is set by this chart: use config, git, web.signIn or what else web has" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n%d problem%s in the values:\n- %s\n" (len $problems) (ternary "" "s" (eq (len $problems) 1)) (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}
