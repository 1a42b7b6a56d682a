{{/* Stores that live as long as their pod: StatefulSets without volume claims, so that no disk is left behind. */}}

{{/* dict: root, template, only: as environment.each, for databases. */}}
{{- define "environment.eachDatabase" -}}
{{- include "environment.init" .root -}}
{{- range $name, $database := .root.Values.__env.databases }}
{{- if or (eq $.only $name) (and (not $.only) (not (has $name (list "db1" "db2")))) }}
---
{{ include $.template (dict "root" $.root "database" $database) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* dict: root, name, port, image */}}
{{- define "environment.storeService" -}}
apiVersion: v1
kind: Service
{{ include "environment.metadata" (dict "root" .root "name" .name "tier" "store" "wave" "store" "image" .image) }}
spec:
  type: ClusterIP
  selector:
    {{- include "environment.selector" (dict "root" .root "name" .name) | nindent 4 }}
  ports:
    - name: store
      port: {{ int .port }}
      targetPort: store
      protocol: TCP
{{- end -}}

{{/* dict: root, name, image, user, spec (the pod's containers and volumes), fixtures. Shared by Redis and the databases. */}}
{{- define "environment.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
{{ include "environment.metadata" (dict "root" .root "name" .name "tier" "store" "wave" "store" "image" .image "annotations" (pick .root.Values.global.annotations "starry.env/commit" "starry.env/owner" "starry.env/pull-request")) }}
spec:
  replicas: 1
  serviceName: {{ .name | quote }}
  revisionHistoryLimit: 1
  selector:
    matchLabels:
      {{- include "environment.selector" (dict "root" .root "name" .name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "environment.podLabels" (dict "root" .root "name" .name "tier" "store" "image" .image) | nindent 8 }}
      {{- $annotations := dict -}}
      {{- with .fixtures }}{{ $_ := set $annotations "checksum/fixtures" (sha256sum .) }}{{ end -}}
      {{- include "environment.podAnnotations" (dict "root" .root "annotations" $annotations "stays" true) | nindent 6 }}
    spec:
      {{- include "environment.podSpec" (dict "root" .root "account" "stores" "spot" .root.Values.scheduling.spotStores "user" .user) | nindent 6 }}
      {{- .spec | nindent 6 }}
{{- end -}}

{{- define "environment.databaseService" -}}
{{- include "environment.storeService" (dict "root" .root "name" .database.name "port" .database.port "image" .database.image) -}}
{{- end -}}

{{- define "environment.databaseStatefulSet" -}}
{{- $d := .database -}}
{{- include "environment.statefulSet" (dict "root" .root "name" $d.name "image" $d.image "user" $d.runAsUser "fixtures" $d.fixtures "spec" (include "environment.databasePod" .)) -}}
{{- if $d.fixtures }}
---
{{ include "environment.databaseFixtures" . }}
{{- end }}
{{- end -}}

{{/* The image's own entry point runs what lies in /docker-entrypoint-initdb.d once, on an empty data directory; after a failure it would
     start without the rest. So the last script leaves a mark, and a start without the mark begins anew: broken fixtures stay visible. */}}
{{- define "environment.databasePod" -}}
{{- $d := .database -}}
containers:
  - name: postgres
    image: {{ include "environment.image" $d.image | quote }}
    imagePullPolicy: {{ $d.image.pullPolicy }}
    command: [sh, -c]
    args:
      - |
        [ -e "$DATA/complete" ] || rm -rf "$PGDATA"
        {{- if not $d.fixtures }}
        touch "$DATA/complete"
        {{- end }}
        exec docker-entrypoint.sh postgres -p "$PGPORT" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB
    env:
      - {name: DATA, value: /var/lib/postgresql/data}
      - {name: PGDATA, value: /var/lib/postgresql/data/pgdata}
      - {name: PGPORT, value: {{ $d.port | int | quote }}}
      - {name: POSTGRES_DB, value: {{ $d.database | quote }}}
      - {name: POSTGRES_USER, value: {{ $d.user | quote }}}
      - name: POSTGRES_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ .root.Values.__env.storeSecret | quote }}, key: DB_PASSWORD}}
    ports:
      - {name: store, containerPort: {{ int $d.port }}, protocol: TCP}
    {{- /* 127.0.0.1: while fixtures load, the server listens on its socket only. */}}
    {{- $ask := dict "exec" (dict "command" (list "sh" "-c" "exec pg_isready -q -h 127.0.0.1 -U \"$POSTGRES_USER\" -d \"$POSTGRES_DB\"")) }}
    startupProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 2
      timeoutSeconds: 3
      failureThreshold: 90
    readinessProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 3
    livenessProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    {{- include "environment.containerSecurity" dict | nindent 4 }}
    resources:
      {{- toYaml $d.resources | nindent 6 }}
    volumeMounts:
      - {name: data, mountPath: /var/lib/postgresql/data}
      - {name: run, mountPath: /var/run/postgresql}
      - {name: tmp, mountPath: /tmp}
      {{- if $d.fixtures }}
      - {name: fixtures, mountPath: /docker-entrypoint-initdb.d, readOnly: true}
      {{- end }}
volumes:
  - name: data
    emptyDir: {sizeLimit: {{ $d.storage | toString | quote }}}
  - name: run
    emptyDir: {sizeLimit: 1Mi}
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
  {{- if $d.fixtures }}
  - name: fixtures
    configMap: {name: {{ printf "%s-fixtures" $d.name | quote }}}
  {{- end }}
{{- end -}}

{{- define "environment.databaseFixtures" -}}
{{- $d := .database -}}
apiVersion: v1
kind: ConfigMap
{{ include "environment.metadata" (dict "root" .root "name" $d.name "object" (printf "%s-fixtures" $d.name) "tier" "store" "wave" "config") }}
data:
  10-fixtures.sql: {{ $d.fixtures | quote }}
  99-complete.sh: |
    touch "$DATA/complete"
{{- end -}}

{{- define "environment.redisPod" -}}
{{- $r := .Values.redis -}}
containers:
  - name: redis
    image: {{ include "environment.image" $r.image | quote }}
    imagePullPolicy: {{ $r.image.pullPolicy }}
    command: [sh, -c]
    args:
      - |
        umask 077
        {
          echo "port $REDIS_PORT"
          echo "dir /data"
          echo 'save ""'
          echo "appendonly no"
          echo "maxmemory $REDIS_MEMORY"
          echo "maxmemory-policy allkeys-lru"
          {{- if $r.auth }}
          printf 'requirepass "%s"\n' "$(printf %s "$REDISCLI_AUTH" | sed 's/[\\"]/\\&/g')"
          {{- end }}
        } > /data/redis.conf
        exec redis-server /data/redis.conf
    env:
      - {name: REDIS_PORT, value: {{ $r.port | int | quote }}}
      - {name: REDIS_MEMORY, value: {{ $r.maxMemory | quote }}}
      {{- if $r.auth }}
      - name: REDISCLI_AUTH
        valueFrom: {secretKeyRef: {name: {{ .Values.__env.storeSecret | quote }}, key: REDIS_PASSWORD}}
      {{- end }}
    ports:
      - {name: store, containerPort: {{ int $r.port }}, protocol: TCP}
    {{- if $r.fixtures }}
    lifecycle:
      postStart:
        exec:
          command:
            - sh
            - -c
            - |
              tries=0
              until redis-cli -p "$REDIS_PORT" ping | grep -q PONG; do
                tries=$((tries + 1)); [ "$tries" -lt 60 ] || exit 1; sleep 0.5
              done
              replies=$(redis-cli -p "$REDIS_PORT" --no-raw < /fixtures/fixtures.redis) || exit 1
              if printf '%s\n' "$replies" | grep '^(error)'; then exit 1; fi
    {{- end }}
    {{- $ask := dict "exec" (dict "command" (list "sh" "-c" "redis-cli -p \"$REDIS_PORT\" ping | grep -q PONG")) }}
    startupProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 2
      timeoutSeconds: 3
      failureThreshold: 30
    readinessProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 3
    livenessProbe:
      {{- toYaml $ask | nindent 6 }}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    {{- include "environment.containerSecurity" dict | nindent 4 }}
    resources:
      {{- toYaml $r.resources | nindent 6 }}
    volumeMounts:
      - {name: data, mountPath: /data}
      {{- if $r.fixtures }}
      - {name: fixtures, mountPath: /fixtures, readOnly: true}
      {{- end }}
volumes:
  - name: data
    emptyDir: {sizeLimit: 64Mi}
  {{- if $r.fixtures }}
  - name: fixtures
    configMap: {name: starry-redis-master-fixtures}
  {{- end }}
{{- end -}}
