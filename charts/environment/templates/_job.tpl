{{/* dict: root, name, values (seed | e2e), env, optional stays: the spec of a Job that runs a team's own image. */}}
{{- define "environment.jobSpec" -}}
{{- $values := .values -}}
backoffLimit: 0
activeDeadlineSeconds: {{ int $values.timeoutSeconds }}
template:
  metadata:
    labels:
      {{- include "environment.podLabels" (dict "root" .root "name" .name "tier" "job" "image" $values.image) | nindent 6 }}
    {{- include "environment.podAnnotations" (dict "root" .root "stays" .stays) | nindent 4 }}
  spec:
    restartPolicy: Never
    {{- include "environment.podSpec" (dict "root" .root "account" "stores" "spot" .root.Values.scheduling.spot) | nindent 4 }}
    containers:
      - name: {{ .name }}
        image: {{ include "environment.image" $values.image | quote }}
        imagePullPolicy: {{ $values.image.pullPolicy }}
        {{- with $values.command }}
        command:
          {{- range . }}
          - {{ . | quote }}
          {{- end }}
        {{- end }}
        env:
          {{- .env | nindent 10 }}
          {{- include "environment.env" $values.env | nindent 10 }}
        {{- include "environment.containerSecurity" dict | nindent 8 }}
        resources:
          {{- toYaml $values.resources | nindent 10 }}
        volumeMounts:
          - {name: tmp, mountPath: /tmp}
    volumes:
      - name: tmp
        emptyDir: {sizeLimit: 64Mi}
{{- end -}}
