{{- define "queue-worker.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 42 | trimSuffix "-" -}}
{{- end -}}

{{- define "queue-worker.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "queue-worker.queueURL" -}}
{{- if .Values.queue.enabled -}}
redis://{{ printf "%s-queue" .Release.Name | trunc 63 | trimSuffix "-" }}:6379/0
{{- else -}}
{{ required "externalQueue.url is needed when queue.enabled is false" .Values.externalQueue.url }}
{{- end -}}
{{- end -}}
