{{/* What `starry serve` is told. All of these take root. */}}

{{/* -> what people type to come here */}}
{{- define "starry.baseURL" -}}
{{- $web := .Values.web -}}
{{- if $web.baseURL -}}
{{- $web.baseURL -}}
{{- else if $web.ingress.enabled -}}
https://{{ $web.ingress.host }}
{{- end -}}
{{- end -}}

{{/* -> JSON of the variables that are no secrets. Each is an option's. */}}
{{- define "starry.webSettings" -}}
{{- $web := .Values.web -}}
{{- $oidc := $web.signIn.oidc -}}
{{- $settings := dict
  "STARRY_HOST" "0.0.0.0"
  "STARRY_HTTP_PORT" (int $web.port | toString)
  "STARRY_BASE_URL" (include "starry.baseURL" .)
  "STARRY_POLL" (int $web.pollSeconds | toString)
  "STARRY_GRACE" (int $web.graceSeconds | toString)
  "STARRY_LOG_FORMAT" "json" -}}
{{- if $oidc.issuer -}}
{{- $settings = merge $settings (dict
  "STARRY_OIDC_ISSUER" $oidc.issuer
  "STARRY_OIDC_CLIENT_ID" $oidc.clientID
  "STARRY_OIDC_SCOPES" $oidc.scopes
  "STARRY_OIDC_GROUPS_CLAIM" $oidc.groupsClaim) -}}
{{- end -}}
{{- with $web.componentRepos -}}
{{- $_ := set $settings "STARRY_COMPONENT_REPO" (join " " .) -}}
{{- end -}}
{{- with $web.signIn.iap.audience -}}
{{- $_ := set $settings "STARRY_IAP_AUDIENCE" . -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* -> "true" when more than one pod may run */}}
{{- define "starry.isMany" -}}
{{- if or .Values.web.autoscaling.enabled (gt (int .Values.web.replicas) 1) -}}true{{- end -}}
{{- end -}}

{{/* -> the Secret with all that the web service alone must know */}}
{{- define "starry.webSecret" -}}
{{- .Values.web.secret.existing | default (printf "%s-web" (include "starry.name" .)) -}}
{{- end -}}

{{/* -> JSON {"secrets": list of variable, key, version}: what is fetched from the store */}}
{{- define "starry.webFetched" -}}
{{- $secret := .Values.web.secret -}}
{{- $found := list -}}
{{- range $variable, $one := dict "STARRY_SESSION_KEY" $secret.sessionKey "STARRY_OIDC_CLIENT_SECRET" $secret.clientSecret "STARRY_WEBHOOK_SECRET" $secret.webhookSecret "STARRY_ARGOCD_TOKEN" $secret.argocdToken "STARRY_REGISTRY_TOKEN" $secret.registryToken -}}
{{- if and $one.key (not $secret.existing) -}}
{{- $found = append $found (dict "variable" $variable "key" $one.key "version" $one.version) -}}
{{- end -}}
{{- end -}}
{{- dict "secrets" $found | toJson -}}
{{- end -}}

{{/* -> a container's env: the secrets. Of a Secret that someone else makes, only the sessions' key must be there. */}}
{{- define "starry.webSecretEnv" -}}
{{- $name := include "starry.webSecret" . -}}
{{- if .Values.web.secret.existing -}}
{{- range $variable, $optional := dict "STARRY_SESSION_KEY" (not (include "starry.isMany" .)) "STARRY_OIDC_CLIENT_SECRET" true "STARRY_WEBHOOK_SECRET" true "STARRY_ARGOCD_TOKEN" true "STARRY_REGISTRY_TOKEN" true }}
- name: {{ $variable }}
  valueFrom: {secretKeyRef: {name: {{ $name | quote }}, key: {{ $variable }}, optional: {{ $optional }}}}
{{- end }}
{{- else -}}
{{- range (include "starry.webFetched" . | fromJson).secrets }}
- name: {{ .variable }}
  valueFrom: {secretKeyRef: {name: {{ $name | quote }}, key: {{ .variable }}}}
{{- end }}
{{- end }}
{{- end -}}

{{/* -> "true" when webhooks go around Identity-Aware Proxy, which would stop them */}}
{{- define "starry.hasHooksDoor" -}}
{{- $web := .Values.web -}}
{{- if and $web.enabled $web.ingress.enabled $web.signIn.iap.audience (or $web.secret.existing $web.secret.webhookSecret.key) -}}true{{- end -}}
{{- end -}}

{{/* -> "true" when the load balancer is told how to treat the Service */}}
{{- define "starry.hasBackendConfig" -}}
{{- $web := .Values.web -}}
{{- if and $web.enabled $web.ingress.enabled (not (hasKey $web.service.annotations "cloud.google.com/backend-config")) -}}true{{- end -}}
{{- end -}}
