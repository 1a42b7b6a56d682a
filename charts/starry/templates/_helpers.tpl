{{/* Names, labels, images, pod security. Templates take a dict with "root" unless they say otherwise; "part" is gc, web or redis. */}}

{{/* root -> the name that all names begin with. Short enough for a CronJob's Jobs and Redis' Services. */}}
{{- define "starry.name" -}}
{{- if gt (len .Release.Name) 36 -}}
{{- printf "%s-%s" (.Release.Name | trunc 27 | trimSuffix "-") (sha256sum .Release.Name | trunc 8) -}}
{{- else -}}
{{- .Release.Name -}}
{{- end -}}
{{- end -}}

{{/* an image: repository, tag */}}
{{- define "starry.reference" -}}
{{- printf "%s%s%s" .repository (ternary "@" ":" (hasPrefix "sha256:" .tag)) .tag -}}
{{- end -}}

{{/* root -> Starry's own image */}}
{{- define "starry.image" -}}
{{- include "starry.reference" (dict "repository" .Values.image.repository "tag" (.Values.image.tag | default .Chart.AppVersion)) -}}
{{- end -}}

{{/* An image's tag as a label's value. */}}
{{- define "starry.version" -}}
{{- $tag := trimPrefix "sha256:" . | splitList "@" | first -}}
{{- regexReplaceAll "[^A-Za-z0-9_.-]" $tag "-" | trunc 40 | trimAll "-_." -}}
{{- end -}}

{{/* root, part */}}
{{- define "starry.selector" -}}
app.kubernetes.io/name: starry
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .part | quote }}
{{- end -}}

{{/* root, part. Labels of the values come last and never replace those that selectors need. */}}
{{- define "starry.labels" -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if eq .part "redis" -}}{{- $tag = .root.Values.web.redis.image.tag -}}{{- end -}}
{{ include "starry.selector" . }}
app.kubernetes.io/part-of: starry
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
app.kubernetes.io/version: {{ include "starry.version" $tag | quote }}
{{- range $key, $text := .root.Values.labels }}
{{- if not (or (hasPrefix "app.kubernetes.io/" $key) (eq $key "helm.sh/chart")) }}
{{ $key | quote }}: {{ $text | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* root, part, wave, optional suffix, namespace ("" for a cluster's object), annotations */}}
{{- define "starry.metadata" -}}
metadata:
  name: {{ printf "%s%s" (include "starry.name" .root) (.suffix | default "") | quote }}
  {{- with (hasKey . "namespace" | ternary .namespace .root.Release.Namespace) }}
  namespace: {{ . | quote }}
  {{- end }}
  labels:
    helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
    {{- include "starry.labels" . | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: {{ .wave | quote }}
    {{- range $key, $text := omit (.annotations | default dict) "argocd.argoproj.io/sync-wave" }}
    {{ $key | quote }}: {{ $text | quote }}
    {{- end }}
{{- end -}}

{{/* A map of texts. `quote` escapes all that a YAML parser could take for something else. */}}
{{- define "starry.strings" -}}
{{- range $key, $text := . }}
{{ $key | quote }}: {{ $text | quote }}
{{- end }}
{{- end -}}

{{/* root, part, optional annotations: a pod template's metadata */}}
{{- define "starry.podMetadata" -}}
metadata:
  labels:
    {{- include "starry.labels" . | nindent 4 }}
  {{- with merge (dict) (.annotations | default dict) .root.Values.annotations }}
  annotations:
    {{- include "starry.strings" . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* root, part, user, optional token, spot: what all pods share. Pod Security "restricted". */}}
{{- define "starry.podSpec" -}}
{{- $scheduling := .root.Values.scheduling -}}
serviceAccountName: {{ printf "%s-%s" (include "starry.name" .root) .part | quote }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int .user }}
  runAsGroup: {{ int .user }}
  fsGroup: {{ int .user }}
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
  {{- include "starry.strings" . | nindent 2 }}
{{- end }}
{{- with $tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "starry.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* root -> {"ssh": bool, "port": int}: how config.repo is reached */}}
{{- define "starry.git" -}}
{{- $repo := .Values.config.repo -}}
{{- $url := hasPrefix "https://" $repo -}}
{{- $port := include "starry.port" (dict "url" $repo "usual" (ternary 443 22 $url)) | int -}}
{{- dict "ssh" (not $url) "port" $port | toJson -}}
{{- end -}}

{{/* url, usual -> its port */}}
{{- define "starry.port" -}}
{{- $named := "" -}}
{{- if contains "://" .url -}}
{{- $named = regexFind ":[0-9]+$" (urlParse .url).host | trimPrefix ":" -}}
{{- end -}}
{{- $named | default .usual -}}
{{- end -}}

{{/* root -> the Secret with the token or key */}}
{{- define "starry.gitSecret" -}}
{{- .Values.git.secret.existing | default (printf "%s-git" (include "starry.name" .)) -}}
{{- end -}}

{{- define "starry.forgeSecret" -}}
{{- .Values.forge.secret.existing | default (printf "%s-forge" (include "starry.name" .)) -}}
{{- end -}}

{{/* root -> "true" when there is a token for the forge's API */}}
{{- define "starry.hasForge" -}}
{{- if or .Values.forge.secret.existing .Values.forge.secret.key -}}true{{- end -}}
{{- end -}}

{{- define "starry.redisSecret" -}}
{{- .Values.web.redis.secret.existing | default (printf "%s-redis" (include "starry.name" .)) -}}
{{- end -}}

{{/* root -> a container's env, envFrom and volumeMounts that reach Git. TMPDIR is the only place that can be written. */}}
{{- define "starry.gitEnv" -}}
- {name: TMPDIR, value: /tmp}
- {name: HOME, value: /tmp}
{{- if (include "starry.git" . | fromJson).ssh }}
- name: GIT_SSH_COMMAND
  value: >-
    ssh -i /etc/starry/key/ssh-privatekey -o IdentitiesOnly=yes -o BatchMode=yes
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/starry/hosts/known_hosts
{{- else }}
- name: STARRY_GIT_TOKEN
  valueFrom: {secretKeyRef: {name: {{ include "starry.gitSecret" . | quote }}, key: STARRY_GIT_TOKEN}}
{{- end }}
{{- if include "starry.hasForge" . }}
- name: STARRY_FORGE_TOKEN
  valueFrom: {secretKeyRef: {name: {{ include "starry.forgeSecret" . | quote }}, key: STARRY_FORGE_TOKEN}}
{{- end }}
{{- end -}}

{{- define "starry.gitMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if (include "starry.git" . | fromJson).ssh }}
- {name: key, mountPath: /etc/starry/key, readOnly: true}
- {name: hosts, mountPath: /etc/starry/hosts, readOnly: true}
{{- end }}
{{- end -}}

{{/* root, size */}}
{{- define "starry.gitVolumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .size | toString | quote }}}
{{- if (include "starry.git" .root | fromJson).ssh }}
- name: key
  secret:
    secretName: {{ include "starry.gitSecret" .root | quote }}
    defaultMode: 0440
    items:
      - {key: ssh-privatekey, path: ssh-privatekey}
- name: hosts
  configMap:
    name: {{ printf "%s-known-hosts" (include "starry.name" .root) | quote }}
{{- end }}
{{- end -}}
