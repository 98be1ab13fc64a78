{{- define "chartroom.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "chartroom.selector" -}}
app.kubernetes.io/name: chartroom
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "chartroom.labels" -}}
{{ include "chartroom.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The options of Chartroom: what is given, and this cluster. */}}
{{- define "chartroom.config" -}}
{{- $here := dict "name" .Values.cluster.name "in_cluster" true "captain_namespace" .Values.cluster.captainNamespace "api_version" .Values.cluster.apiVersion "impersonate" .Values.rights.impersonate -}}
{{- $options := dict "clusters" (list $here) -}}
{{- if .Values.helmRepositories.enabled -}}
{{- $_ := set $options "helm_listen" (printf "0.0.0.0:%v" .Values.helmRepositories.port) -}}
{{- $_ := set $options "helm_url" (printf "http://%s-helm.%s.svc:%v" (include "chartroom.name" .) .Release.Namespace .Values.helmRepositories.port) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $options (deepCopy .Values.config)) -}}
{{- end -}}
