{{- define "redis-cache.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "redis-cache.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "redis-cache.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "redis-cache.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* cache.memory in MiB. */}}
{{- define "redis-cache.mebibytes" -}}
{{- $memory := .Values.cache.memory -}}
{{- if hasSuffix "Gi" $memory -}}
{{- mul (trimSuffix "Gi" $memory | int) 1024 -}}
{{- else -}}
{{- trimSuffix "Mi" $memory | int -}}
{{- end -}}
{{- end -}}
