{{/*
What the values mean, worked out once per rendering and kept in .Values.__env:
  components   name -> enabled component: componentDefaults, its entry in `components`, its top-level block, and key, name, hosts, uses, calls.
               The name is the key in `components` as a DNS label: adminPanel is admin-panel.
  stores       name -> enabled store: kind, service, port, url, variable, …
  databases    name -> enabled database
  storeSecret  the Secret with the stores' passwords
  labels       the labels that all objects have in common, as YAML
  chart        name and version of the chart, as a label
  waves        Argo CD's sync waves: it goes on to the next when all of one is healthy. `edge` is last: a load balancer, a ManagedCertificate
               and an autoscaler become healthy long after the pods, and only together with them
  exposed      hosts are served and by what: "gce", "class", "gateway" or ""
Everything that a schema cannot say is checked here, and all problems are told at once.
*/}}
{{- define "environment.init" -}}
{{- if not (hasKey .Values "__env") -}}
{{- $blocks := list "global" "namespace" "ingress" "components" "componentDefaults" "redis" "databases" "databaseDefaults" "secrets" "serviceAccount" "rbac" "networkPolicy" "quota" "limitRange" "scheduling" "workingHours" "metrics" "waitForStores" "seed" "e2e" "cleanup" -}}
{{- $problems := list -}}
{{- range $blocks -}}
{{- if not (kindIs "map" (get $.Values .)) -}}
{{- fail (printf "%s must be a block of keys: null cannot switch it off" .) -}}
{{- end -}}
{{- end -}}

{{- $waves := dict "namespace" "-10" "guard" "-8" "config" "-6" "store" "-4" "seed" "-2" "backend" "0" "frontend" "2" "edge" "4" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" -}}
{{- $env := dict "waves" $waves "chart" $chart "components" dict "databases" dict "stores" dict "hosts" dict "exposed" "" "storeSecret" "" -}}
{{- $names := keys .Values.components | sortAlpha -}}
{{- range $key := keys .Values | sortAlpha -}}
{{- if not (or (has $key $blocks) (has $key $names)) -}}
{{- $problems = append $problems (printf "%s is neither a block of this chart nor a component: components are %s; a new one needs an entry under `components`" $key (join ", " $names)) -}}
{{- end -}}
{{- end -}}

{{- /* Stores. */ -}}
{{- if .Values.redis.enabled -}}
{{- $redis := .Values.redis -}}
{{- $_ := set $env.stores "redis" (dict "kind" "redis" "service" "starry-redis-master" "port" (int $redis.port) "auth" $redis.auth "variable" "REDIS_URL" "url" (printf "redis://starry-redis-master:%d" (int $redis.port))) -}}
{{- end -}}
{{- range $name, $entry := .Values.databases -}}
{{- if has $name (append $blocks "starry-redis-master") -}}
{{- $problems = append $problems (printf "databases.%s has the name of a block of this chart: choose another" $name) -}}
{{- end -}}
{{- $database := mergeOverwrite (deepCopy $.Values.databaseDefaults) (deepCopy ($entry | default dict)) -}}
{{- if $database.enabled -}}
{{- $_ := set $database "name" $name -}}
{{- $_ := set $env.databases $name $database -}}
{{- $variable := printf "%s_URL" ($name | upper | replace "-" "_") -}}
{{- $_ := set $env.stores $name (dict "kind" "postgres" "service" $name "port" (int $database.port) "user" $database.user "variable" $variable "url" (printf "postgres://%s:%d/%s" $name (int $database.port) $database.database)) -}}
{{- end -}}
{{- end -}}

{{- /* Components. */ -}}
{{- $all := dict -}}
{{- range $key := $names -}}
{{- $name := include "environment.objectName" $key -}}
{{- if or (has $key $blocks) (hasKey $all $name) (has $name (list "starry-redis-master" "seed" "e2e" "cleanup")) -}}
{{- fail (printf "components.%s has the name of another component or of a block of this chart: choose another" $key) -}}
{{- end -}}
{{- if hasKey $.Values.databases $name -}}
{{- $problems = append $problems (printf "databases.%s has the name of a component: choose another" $name) -}}
{{- end -}}
{{- $entry := get $.Values.components $key | default dict -}}
{{- $block := get $.Values $key | default dict -}}
{{- $component := mergeOverwrite (deepCopy $.Values.componentDefaults) (deepCopy $entry) (deepCopy $block) -}}
{{- $_ := set $component "key" $key -}}
{{- $_ := set $component "name" $name -}}
{{- $_ := set $component "app" ($component.app | default $name) -}}
{{- $_ := set $component "hosts" list -}}
{{- $_ := set $all $name $component -}}
{{- end -}}
{{- range $name, $component := $all -}}
{{- if $component.enabled -}}
{{- $_ := set $env.components $name $component -}}
{{- $key := $component.key -}}
{{- if not (and $component.image.repository $component.image.tag) -}}
{{- $problems = append $problems (printf "%s is enabled but has no image: set %s.image.repository and %s.image.tag, or %s.enabled: false" $key $key $key $key) -}}
{{- end -}}
{{- $uses := list -}}
{{- range $component.uses -}}
{{- if hasKey $env.stores . -}}
{{- $uses = append $uses . -}}
{{- else if not (or (eq . "redis") (hasKey $.Values.databases .)) -}}
{{- $problems = append $problems (printf "%s uses %s, which is neither redis nor one of databases" $key .) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $component "uses" $uses -}}
{{- $calls := list -}}
{{- range $component.calls -}}
{{- $called := get $all (include "environment.objectName" .) -}}
{{- if not $called -}}
{{- $problems = append $problems (printf "%s calls %s, which is not a component" $key .) -}}
{{- else if $called.enabled -}}
{{- $calls = append $calls $called.name -}}
{{- end -}}
{{- end -}}
{{- $_ := set $component "calls" $calls -}}
{{- with $component.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- $problems = append $problems (printf "%s.autoscaling: minReplicas %d is above maxReplicas %d" $key (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- range $variable, $value := $component.env -}}
{{- if include "environment.secretLooking" (list $variable $value) -}}
{{- $problems = append $problems (printf "%s.env.%s looks like a secret: values are stored in Git. Name it under secrets.externalSecret.data and set %s.secrets: true" $key $variable $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $job := list "seed" "e2e" -}}
{{- $values := get $.Values $job -}}
{{- if and $values.enabled (not (and $values.image.repository $values.image.tag)) -}}
{{- $problems = append $problems (printf "%s is enabled but has no image: set %s.image.repository and %s.image.tag" $job $job $job) -}}
{{- end -}}
{{- range $variable, $value := $values.env -}}
{{- if include "environment.secretLooking" (list $variable $value) -}}
{{- $problems = append $problems (printf "%s.env.%s looks like a secret: values are stored in Git" $job $variable) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Hosts: whose is which. */ -}}
{{- if .Values.ingress.enabled -}}
{{- $tls := .Values.ingress.tls -}}
{{- $gce := has .Values.ingress.className (list "gce" "gce-internal") -}}
{{- $_ := set $env "exposed" (ternary "gce" "class" $gce) -}}
{{- if and $tls.shared.enabled (eq $tls.shared.kind "gateway") -}}
{{- $_ := set $env "exposed" "gateway" -}}
{{- else if and $tls.shared.enabled $gce -}}
{{- $problems = append $problems (printf "ingress.tls.shared.kind: ingress needs an ingress class that all previews share; with className %s each Ingress is a load balancer of its own" .Values.ingress.className) -}}
{{- end -}}
{{- if and $tls.shared.enabled $tls.managedCertificate -}}
{{- $problems = append $problems "ingress.tls: choose managedCertificate or shared: set managedCertificate: false to use the shared certificate" -}}
{{- else if and $tls.managedCertificate (ne .Values.ingress.className "gce") -}}
{{- $problems = append $problems (printf "ingress.tls.managedCertificate works with className gce only, not %s" .Values.ingress.className) -}}
{{- end -}}
{{- if and $tls.secretName (or $tls.shared.enabled $tls.managedCertificate) -}}
{{- $problems = append $problems "ingress.tls: secretName needs managedCertificate: false and shared.enabled: false" -}}
{{- end -}}
{{- if and (eq $env.exposed "gce") (not $tls.managedCertificate) (not $tls.secretName) (not .Values.ingress.allowHttp) -}}
{{- $problems = append $problems "ingress has neither a certificate nor plain HTTP: set one of ingress.tls, or ingress.allowHttp: true" -}}
{{- end -}}
{{- $varying := include "environment.varyingLabels" .Values.ingress.hosts | fromJsonArray -}}
{{- range $index, $host := .Values.ingress.hosts -}}
{{- $labels := index $varying $index -}}
{{- $owner := "" -}}
{{- $known := false -}}
{{- range list $labels (splitList "." $host) -}}
{{- if not $known -}}
{{- $owner = include "environment.owner" (dict "host" $host "labels" . "components" $env.components) -}}
{{- $known = or $owner (include "environment.owner" (dict "host" $host "labels" . "components" $all)) -}}
{{- end -}}
{{- end -}}
{{- if $owner -}}
{{- $component := get $env.components $owner -}}
{{- $_ := set $component "hosts" (append $component.hosts $host | uniq) -}}
{{- else if not $known -}}
{{- $apps := list -}}
{{- range $env.components -}}
{{- $apps = append $apps (printf "%s (%s)" .app .key) -}}
{{- end -}}
{{- $problems = append $problems (printf "ingress.hosts: no component for %s: apps are %s; set <component>.host or <component>.app" $host (join ", " $apps)) -}}
{{- end -}}
{{- end -}}
{{- range $name, $component := $env.components -}}
{{- if $component.expose -}}
{{- if $component.host -}}
{{- $_ := set $component "hosts" (append $component.hosts $component.host | uniq) -}}
{{- end -}}
{{- if not $component.hosts -}}
{{- $problems = append $problems (printf "%s has no host: add one with %q to ingress.hosts, or set %s.host, or %s.expose: false" $component.key $component.app $component.key $component.key) -}}
{{- end -}}
{{- end -}}
{{- range $component.hosts -}}
{{- if hasKey $env.hosts . -}}
{{- $problems = append $problems (printf "%s and %s both have the host %s" (get $env.components (get $env.hosts .)).key $component.key .) -}}
{{- end -}}
{{- $_ := set $env.hosts . $name -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Secrets. */ -}}
{{- $secrets := .Values.secrets -}}
{{- $data := $secrets.externalSecret.data -}}
{{- if $secrets.generated.enabled -}}
{{- $_ := set $env "storeSecret" "store-passwords" -}}
{{- else if $secrets.externalSecret.enabled -}}
{{- $_ := set $env "storeSecret" $secrets.externalSecret.name -}}
{{- if and $env.databases (not (hasKey $data "DB_PASSWORD")) -}}
{{- $problems = append $problems "secrets.externalSecret.data has no DB_PASSWORD, which databases need" -}}
{{- end -}}
{{- if and .Values.redis.enabled .Values.redis.auth (not (hasKey $data "REDIS_PASSWORD")) -}}
{{- $problems = append $problems "secrets.externalSecret.data has no REDIS_PASSWORD, which redis needs; or set redis.auth: false" -}}
{{- end -}}
{{- else if $secrets.existingSecret -}}
{{- $_ := set $env "storeSecret" $secrets.existingSecret -}}
{{- else if or $env.databases (and .Values.redis.enabled .Values.redis.auth) -}}
{{- $problems = append $problems "the stores need passwords: enable secrets.externalSecret or secrets.generated, or name secrets.existingSecret" -}}
{{- end -}}
{{- if and $secrets.generated.enabled (eq $secrets.externalSecret.name "store-passwords") -}}
{{- $problems = append $problems "secrets.externalSecret.name: store-passwords is the name of the generated Secret" -}}
{{- end -}}
{{- $fetched := dict -}}
{{- if $secrets.externalSecret.enabled -}}
{{- $fetched = deepCopy $data -}}
{{- if $secrets.generated.enabled -}}
{{- $fetched = omit $fetched "DB_PASSWORD" "REDIS_PASSWORD" -}}
{{- end -}}
{{- end -}}
{{- $_ := set $env "fetched" $fetched -}}

{{- /* The chart's own labels win over global.labels: selectors depend on them. */ -}}
{{- $labels := omit (merge (dict) .Values.global.labels (dict "starry.env" .Release.Namespace)) "helm.sh/chart" "starry.env/preview" -}}
{{- range list "name" "instance" "component" "version" -}}
{{- $labels = omit $labels (printf "app.kubernetes.io/%s" .) -}}
{{- end -}}
{{- $_ := set $labels "app.kubernetes.io/part-of" "starry" -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $env "labels" (toYaml $labels) -}}

{{- /* The rest. */ -}}
{{- $expires := .Values.global.expiresAt -}}
{{- if and .Values.cleanup.enabled (not $expires) -}}
{{- $problems = append $problems "cleanup needs global.expiresAt: the instant of expiry, such as 2026-01-31T12:00:00Z, or never; starry writes it when its settings say chart.describe: true" -}}
{{- end -}}
{{- if and $expires (ne $expires "never") -}}
{{- $layout := "2006-01-02T15:04:05Z07:00" -}}
{{- if ne (dateInZone $layout (toDate $layout $expires) "UTC") $expires -}}
{{- $problems = append $problems (printf "global.expiresAt: there is no %s" $expires) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.namespace.create (regexMatch "^(default|argocd|starry|cert-manager|external-secrets|kube-.*)$" .Release.Namespace) -}}
{{- $problems = append $problems (printf "a preview needs a namespace of its own, which goes with it: %s is not one" .Release.Namespace) -}}
{{- end -}}
{{- if not $env.components -}}
{{- $problems = append $problems (printf "no component is enabled: components are %s" (join ", " $names)) -}}
{{- end -}}
{{- if eq (len $problems) 1 -}}
{{- fail (first $problems) -}}
{{- else if $problems -}}
{{- fail (printf "%d problems in the values:\n- %s" (len $problems) (join "\n- " $problems)) -}}
{{- end -}}
{{- range $env.components -}}
{{- $_ := set . "image" (set .image "reference" (include "environment.image" .image)) -}}
{{- end -}}
{{- $_ := set .Values "__env" $env -}}
{{- end -}}
{{- end -}}

{{/* A component's key as a DNS label. */}}
{{- define "environment.objectName" -}}
{{- regexReplaceAll "([a-z0-9])([A-Z])" . "${1}-${2}" | lower | replace "_" "-" -}}
{{- end -}}

{{/* list: name, value of a variable -> "yes" or nothing */}}
{{- define "environment.secretLooking" -}}
{{- $name := index . 0 | upper -}}
{{- if or (regexMatch "(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$" $name) (regexMatch "://[^/@:]*:[^/@]+@" (index . 1)) (contains "-----BEGIN" (index . 1)) -}}
yes
{{- end -}}
{{- end -}}

{{/* Hosts -> for each its labels, without those that all of them share: the preview's name and the domain tell nothing. */}}
{{- define "environment.varyingLabels" -}}
{{- $shared := list -}}
{{- if gt (len .) 1 -}}
{{- $shared = splitList "." (first .) -}}
{{- range . -}}
{{- $labels := splitList "." . -}}
{{- $kept := list -}}
{{- range $shared -}}
{{- if has . $labels -}}
{{- $kept = append $kept . -}}
{{- end -}}
{{- end -}}
{{- $shared = $kept -}}
{{- end -}}
{{- end -}}
{{- $result := list -}}
{{- range . -}}
{{- $rest := without (splitList "." .) -}}
{{- range $shared -}}
{{- $rest = without $rest . -}}
{{- end -}}
{{- $result = append $result (ternary $rest (splitList "." .) (gt (len $rest) 0)) -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* dict: host, labels, components -> the component's name: its `host`, else its app as a label, else as part of one; the longest app wins,
     then the one further left. */}}
{{- define "environment.owner" -}}
{{- $owner := "" -}}
{{- $best := 0 -}}
{{- range $name, $component := .components -}}
{{- if and $component.expose (eq $component.host $.host) -}}
{{- $owner = $name -}}
{{- $best = 1000000 -}}
{{- end -}}
{{- end -}}
{{- range $name, $component := .components -}}
{{- if and $component.expose (not $component.host) -}}
{{- range $position, $label := $.labels -}}
{{- $score := 0 -}}
{{- if eq $label $component.app -}}
{{- $score = 100000 -}}
{{- else if contains (printf "-%s-" $component.app) (printf "-%s-" $label) -}}
{{- $score = 1 -}}
{{- end -}}
{{- if $score -}}
{{- $score = sub (add $score (mul 1000 (len $component.app))) $position | int -}}
{{- if gt $score $best -}}
{{- $best = $score -}}
{{- $owner = $name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $owner -}}
{{- end -}}
