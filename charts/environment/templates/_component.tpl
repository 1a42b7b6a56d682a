{{/* One component's objects. Each takes a dict: root, component. */}}

{{/* dict: root, template, only: the template for the component `only`, or, when that is empty, for all that have no file of their own. */}}
{{- define "environment.each" -}}
{{- include "environment.init" .root -}}
{{- range $name, $component := .root.Values.__env.components }}
{{- if or (eq $.only $name) (and (not $.only) (not (has $name (list "backend" "frontend1" "frontend2")))) }}
{{- with include $.template (dict "root" $.root "component" $component) }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "environment.service" -}}
{{- $c := .component -}}
{{- $annotations := dict -}}
{{- if and $c.hosts (eq .root.Values.__env.exposed "gce") -}}
{{- $_ := set $annotations "cloud.google.com/neg" "{\"ingress\": true}" -}}
{{- end -}}
apiVersion: v1
kind: Service
{{ include "environment.metadata" (dict "root" .root "name" $c.name "tier" $c.tier "wave" $c.tier "image" $c.image "annotations" $annotations) }}
spec:
  type: ClusterIP
  selector:
    {{- include "environment.selector" (dict "root" .root "name" $c.name) | nindent 4 }}
  ports:
    - name: http
      port: {{ int $c.service.port }}
      targetPort: http
      protocol: TCP
{{- end -}}

{{- define "environment.deployment" -}}
{{- $c := .component -}}
{{- $values := .root.Values -}}
{{- $annotations := dict "checksum/config" (include "environment.config" . | sha256sum) -}}
{{- if $values.metrics.enabled -}}
{{- $_ := merge $annotations (dict "prometheus.io/scrape" "true" "prometheus.io/path" $values.metrics.path "prometheus.io/port" ($c.service.port | int | toString)) -}}
{{- end -}}
apiVersion: apps/v1
kind: Deployment
{{ include "environment.metadata" (dict "root" .root "name" $c.name "tier" $c.tier "wave" $c.tier "image" $c.image) }}
spec:
  {{- if not (or $c.autoscaling.enabled $values.workingHours.enabled) }}
  replicas: {{ int $c.replicas }}
  {{- end }}
  revisionHistoryLimit: 1
  progressDeadlineSeconds: {{ add (int $c.probes.startupSeconds) 300 }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "environment.selector" (dict "root" .root "name" $c.name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "environment.podLabels" (dict "root" .root "name" $c.name "tier" $c.tier "image" $c.image) | nindent 8 }}
      {{- include "environment.podAnnotations" (dict "root" .root "annotations" (merge $annotations $c.annotations)) | nindent 6 }}
    spec:
      {{- include "environment.podSpec" (dict "root" .root "account" "app" "spot" $values.scheduling.spot "token" $values.serviceAccount.automountToken "user" $c.securityContext.runAsUser) | nindent 6 }}
      {{- if and $c.uses $values.waitForStores.enabled }}
      initContainers:
        - name: wait-for-stores
          image: {{ include "environment.image" $values.waitForStores.image | quote }}
          imagePullPolicy: {{ $values.waitForStores.image.pullPolicy }}
          command: [sh, -c]
          args:
            - |
              for store in $STORES; do
                until nc -z -w 2 "${store%:*}" "${store#*:}"; do echo "waiting for $store"; sleep 1; done
              done
          env:
            - name: STORES
              value: {{ include "environment.storeAddresses" (dict "root" .root "uses" $c.uses) | quote }}
          {{- include "environment.containerSecurity" dict | nindent 10 }}
            runAsUser: 65534
          resources:
            requests: {cpu: 10m, memory: 16Mi, ephemeral-storage: 8Mi}
            limits: {cpu: 50m, memory: 32Mi, ephemeral-storage: 16Mi}
      {{- end }}
      containers:
        - name: {{ $c.name | quote }}
          image: {{ $c.image.reference | quote }}
          imagePullPolicy: {{ $c.image.pullPolicy }}
          ports:
            - name: http
              containerPort: {{ int $c.service.port }}
              protocol: TCP
          envFrom:
            - configMapRef: {name: {{ printf "%s-config" $c.name | quote }}}
            {{- if $c.secrets }}
            {{- range $name := include "environment.secretNames" .root | fromJsonArray }}
            - secretRef: {name: {{ $name | quote }}}
            {{- end }}
            {{- end }}
          {{- with include "environment.storeEnv" (dict "root" .root "uses" $c.uses) }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
          {{- include "environment.probes" $c | nindent 10 }}
          {{- include "environment.containerSecurity" (dict "writable" (not $c.securityContext.readOnlyRootFilesystem)) | nindent 10 }}
          resources:
            {{- toYaml $c.resources | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
{{- end -}}

{{/* A component -> its probes. GKE's Ingress takes the load balancer's health check from the readiness probe. */}}
{{- define "environment.probes" -}}
{{- $ask := dict "tcpSocket" (dict "port" "http") -}}
{{- if eq .probes.type "http" -}}
{{- $ask = dict "httpGet" (dict "path" .probes.path "port" "http") -}}
{{- end -}}
startupProbe:
  {{- toYaml $ask | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: {{ divf (int .probes.startupSeconds) 5 | ceil | int }}
readinessProbe:
  {{- toYaml $ask | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 3
livenessProbe:
  {{- toYaml $ask | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
{{- end -}}

{{/* The component's plain settings: the stores' URLs, then its own env. */}}
{{- define "environment.config" -}}
{{- $urls := include "environment.storeUrls" (dict "root" .root "uses" .component.uses) | fromYaml -}}
{{- include "environment.strings" (merge (deepCopy .component.env) $urls) -}}
{{- end -}}

{{- define "environment.configmap" -}}
{{- $c := .component -}}
apiVersion: v1
kind: ConfigMap
{{ include "environment.metadata" (dict "root" .root "name" $c.name "object" (printf "%s-config" $c.name) "tier" $c.tier "wave" "config") }}
{{- with include "environment.config" . }}
data:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "environment.hpa" -}}
{{- $c := .component -}}
{{- $hours := .root.Values.workingHours -}}
{{- $least := ternary $c.autoscaling.minReplicas $c.replicas $c.autoscaling.enabled | int -}}
{{- $most := ternary $c.autoscaling.maxReplicas $c.replicas $c.autoscaling.enabled | int -}}
{{- if $hours.enabled -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
{{ include "environment.metadata" (dict "root" .root "name" $c.name "tier" $c.tier "wave" "edge") }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $c.name | quote }}
  minReplicaCount: 0
  maxReplicaCount: {{ $most }}
  triggers:
    - type: cron
      metadata:
        timezone: {{ $hours.timeZone | quote }}
        start: {{ $hours.start | quote }}
        end: {{ $hours.end | quote }}
        desiredReplicas: {{ $least | quote }}
    {{- if $c.autoscaling.enabled }}
    - type: cpu
      metricType: Utilization
      metadata:
        value: {{ $c.autoscaling.targetCPUUtilizationPercentage | int | quote }}
    {{- end }}
{{- else if $c.autoscaling.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
{{ include "environment.metadata" (dict "root" .root "name" $c.name "tier" $c.tier "wave" "edge") }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $c.name | quote }}
  minReplicas: {{ $least }}
  maxReplicas: {{ $most }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ int $c.autoscaling.targetCPUUtilizationPercentage }}
{{- end -}}
{{- end -}}

{{/* Only where there are two pods or more: with one, it would hold up every node's drain. */}}
{{- define "environment.pdb" -}}
{{- $c := .component -}}
{{- if ge (ternary $c.autoscaling.minReplicas $c.replicas $c.autoscaling.enabled | int) 2 -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
{{ include "environment.metadata" (dict "root" .root "name" $c.name "tier" $c.tier "wave" "edge") }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "environment.selector" (dict "root" .root "name" $c.name) | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* dict: root, uses -> "db1:5432 …" */}}
{{- define "environment.storeAddresses" -}}
{{- $addresses := list -}}
{{- range .uses -}}
{{- $store := get $.root.Values.__env.stores . -}}
{{- $addresses = append $addresses (printf "%s:%d" $store.service $store.port) -}}
{{- end -}}
{{- join " " $addresses -}}
{{- end -}}

{{/* root -> the Secrets with all that a component with `secrets: true` gets */}}
{{- define "environment.secretNames" -}}
{{- $names := list -}}
{{- if .Values.__env.fetched -}}
{{- $names = append $names .Values.secrets.externalSecret.name -}}
{{- end -}}
{{- with .Values.__env.storeSecret -}}
{{- $names = append $names . -}}
{{- end -}}
{{- uniq $names | toJson -}}
{{- end -}}
