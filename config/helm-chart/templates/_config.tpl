{{/* Where the file of a Secret is mounted. */}}
{{- define "chartroom.secretFile" -}}
/etc/chartroom-secrets/{{ .existingSecret }}/{{ .key }}
{{- end -}}

{{/* The names of all Secrets that are mounted, each once. */}}
{{- define "chartroom.secrets" -}}
{{- $names := .Values.existingSecrets -}}
{{- range list .Values.database .Values.secretKey .Values.oidc .Values.smtp -}}
{{- if .existingSecret }}{{ $names = append $names .existingSecret }}{{ end -}}
{{- end -}}
{{- toYaml (uniq $names) -}}
{{- end -}}

{{/* The options of Chartroom: what is given, and this cluster. */}}
{{- define "chartroom.config" -}}
{{- if .Values.cluster.ownToken -}}
{{- if .Values.rights.impersonate }}{{ fail "cluster.ownToken: with rights.impersonate nobody knows as whom to ask. Choose one of them" }}{{ end -}}
{{- if not (has "oidc" .Values.signIn) }}{{ fail "cluster.ownToken: nobody has a token. Let people sign in at a provider with signIn: [oidc]" }}{{ end -}}
{{- end -}}
{{- $name := include "chartroom.name" . -}}
{{- $here := dict "name" .Values.cluster.name "in_cluster" true "captain_namespace" .Values.cluster.captainNamespace "api_version" .Values.cluster.apiVersion "impersonate" .Values.rights.impersonate "own_token" .Values.cluster.ownToken -}}
{{- $options := dict "clusters" (list $here) "log_format" "json" "probe_listen" "0.0.0.0:8082" "metrics_allow" .Values.monitoring.allow -}}
{{- with .Values.signIn }}{{ $_ := set $options "sign_in" . }}{{ end -}}
{{- with include "chartroom.publicUrl" . }}{{ $_ := set $options "public_url" . }}{{ end -}}
{{- if .Values.helmRepositories.enabled -}}
{{- $_ := set $options "helm_listen" (printf "0.0.0.0:%v" .Values.helmRepositories.port) -}}
{{- $_ := set $options "helm_url" (printf "http://%s-helm.%s.svc:%v" $name .Release.Namespace .Values.helmRepositories.port) -}}
{{- end -}}
{{- if .Values.database.existingSecret }}{{ $_ := set $options "database_url_file" (include "chartroom.secretFile" .Values.database) }}{{ end -}}
{{- if .Values.secretKey.existingSecret }}{{ $_ := set $options "secret_key_file" (include "chartroom.secretFile" .Values.secretKey) }}{{ end -}}
{{- with .Values.oidc -}}
{{- if .issuer -}}
{{- $oidc := dict "issuer" .issuer "client_id" .clientId -}}
{{- if .existingSecret }}{{ $_ := set $oidc "client_secret_file" (include "chartroom.secretFile" .) }}{{ end -}}
{{- $_ := set $options "oidc" $oidc -}}
{{- end -}}
{{- end -}}
{{- with .Values.smtp -}}
{{- if .host -}}
{{- $smtp := dict "host" .host "port" .port "username" .username "sender" .sender -}}
{{- if .existingSecret }}{{ $_ := set $smtp "password_file" (include "chartroom.secretFile" .) }}{{ end -}}
{{- $_ := set $options "smtp" $smtp -}}
{{- end -}}
{{- end -}}
{{- toYaml (mergeOverwrite $options (deepCopy .Values.config)) -}}
{{- end -}}
