{{/* Names, labels, images: what every object needs. Templates here take a dict with "root"; _context.tpl prepares the rest. */}}

{{/* dict: repository, tag */}}
{{- define "environment.image" -}}
{{- printf "%s%s%s" .repository (ternary "@" ":" (hasPrefix "sha256:" .tag)) .tag -}}
{{- end -}}

{{/* An image tag as a label's value. */}}
{{- define "environment.version" -}}
{{- $tag := trimPrefix "sha256:" .tag | splitList "@" | first -}}
{{- regexReplaceAll "[^A-Za-z0-9_.-]" $tag "-" | trunc 40 | trimAll "-_." -}}
{{- end -}}

{{/* dict: root, name */}}
{{- define "environment.selector" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* dict: root, name, tier, optional image. */}}
{{- define "environment.podLabels" -}}
{{ include "environment.selector" . }}
app.kubernetes.io/component: {{ .tier | quote }}
{{- with .image }}
app.kubernetes.io/version: {{ include "environment.version" . | quote }}
{{- end }}
{{ .root.Values.__env.labels }}
{{- end -}}

{{/* dict: root, name, tier, wave, optional image, annotations. The object's name is .object, or .name.
     One of these stands at the head of each object, so it includes as little as possible: it is most of what a rendering costs. */}}
{{- define "environment.metadata" -}}
{{- $env := .root.Values.__env -}}
metadata:
  name: {{ .object | default .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    helm.sh/chart: {{ $env.chart | quote }}
    app.kubernetes.io/name: {{ .name | quote }}
    app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
    app.kubernetes.io/component: {{ .tier | quote }}
    {{- with .image }}
    app.kubernetes.io/version: {{ include "environment.version" . | quote }}
    {{- end }}
    {{- $env.labels | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: {{ get $env.waves .wave | quote }}
    {{- range $key, $text := .annotations }}
    {{ $key | quote }}: {{ $text | quote }}
    {{- end }}
{{- end -}}

{{/* dict: root, optional annotations of its own, stays -> annotations of a pod, or nothing. A pod that stays is not replaced for a new commit, owner or pull request. */}}
{{- define "environment.podAnnotations" -}}
{{- $global := .root.Values.global.annotations -}}
{{- if .stays -}}
{{- $global = omit $global "starry.env/commit" "starry.env/owner" "starry.env/pull-request" -}}
{{- end -}}
{{- $all := merge (dict) (.annotations | default dict) $global -}}
{{- if $all }}
annotations:
  {{- include "environment.strings" $all | nindent 2 }}
{{- end }}
{{- end -}}

{{/* dict: root, account, spot, token, user, group: the part of a pod's spec that all pods share. Pod Security "restricted". */}}
{{- define "environment.podSpec" -}}
{{- $scheduling := .root.Values.scheduling -}}
serviceAccountName: {{ .account }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: 15
securityContext:
  runAsNonRoot: true
  {{- with .user }}
  runAsUser: {{ int . }}
  runAsGroup: {{ int . }}
  fsGroup: {{ int . }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with $scheduling.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $scheduling.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- $selector := deepCopy $scheduling.nodeSelector -}}
{{- $tolerations := $scheduling.tolerations -}}
{{- if .spot -}}
{{- $_ := set $selector "cloud.google.com/gke-spot" "true" -}}
{{- $tolerations = append $tolerations (dict "key" "cloud.google.com/gke-spot" "operator" "Equal" "value" "true" "effect" "NoSchedule") -}}
{{- end }}
{{- with $selector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* dict: optional writable */}}
{{- define "environment.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writable }}
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* A map of texts. `quote` escapes all that a YAML parser could take for something else, which toYaml does not (U+0085). */}}
{{- define "environment.strings" -}}
{{- range $key, $text := . }}
{{ $key | quote }}: {{ $text | quote }}
{{- end }}
{{- end -}}

{{/* A map of environment variables as a container's list. */}}
{{- define "environment.env" -}}
{{- range $name, $value := . }}
- name: {{ $name | quote }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* dict: root, uses: what a container needs to reach the stores that it uses. */}}
{{- define "environment.storeEnv" -}}
{{- $stores := .root.Values.__env.stores -}}
{{- $secret := .root.Values.__env.storeSecret -}}
{{- $database := "" -}}
{{- range .uses -}}
{{- $store := get $stores . }}
{{- if eq $store.kind "redis" }}
{{- if $store.auth }}
- name: REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $secret | quote }}, key: REDIS_PASSWORD}}
{{- end }}
{{- else if not $database }}
{{- $database = . }}
- name: PGUSER
  value: {{ $store.user | quote }}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ $secret | quote }}, key: DB_PASSWORD}}
{{- end }}
{{- end }}
{{- end -}}

{{/* dict: root, uses -> {DB1_URL: ..} as YAML. No password in it: libpq, pgx and node-postgres take PGUSER and PGPASSWORD from the environment. */}}
{{- define "environment.storeUrls" -}}
{{- $urls := dict -}}
{{- range .uses -}}
{{- $store := get $.root.Values.__env.stores . -}}
{{- $_ := set $urls $store.variable $store.url -}}
{{- end -}}
{{- toYaml $urls -}}
{{- end -}}

{{/* dict: root, name: pods of this preview as a NetworkPolicy's peer. */}}
{{- define "environment.peer" -}}
- podSelector:
    matchLabels:
      {{- include "environment.selector" . | nindent 6 }}
{{- end -}}

{{/* dict: root, uses: egress to the stores, one rule each. */}}
{{- define "environment.storeEgress" -}}
{{- range .uses }}
{{- $store := get $.root.Values.__env.stores . }}
- to:
    {{- include "environment.peer" (dict "root" $.root "name" $store.service) | nindent 4 }}
  ports:
    - {port: {{ $store.port }}, protocol: TCP}
{{- end }}
{{- end -}}

{{/* root -> networkPolicy.egress as rules */}}
{{- define "environment.extraEgress" -}}
{{- range .Values.networkPolicy.egress }}
- to:
    - ipBlock: {cidr: {{ .cidr | quote }}}
  ports:
    {{- range .ports }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end -}}
