{{- define "chartroom.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "chartroom.account" -}}
{{- .Values.serviceAccount.name | default (include "chartroom.name" .) -}}
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

{{- define "chartroom.meta" -}}
namespace: {{ .Release.Namespace }}
labels: {{- include "chartroom.labels" . | nindent 2 }}
{{- with .Values.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "chartroom.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The role of the pods that serve pages. */}}
{{- define "chartroom.pages" -}}
{{- if eq .Values.mode "single" }}serve{{ else }}web{{ end -}}
{{- end -}}

{{/* Not empty: the pages listen where others can reach them. */}}
{{- define "chartroom.reached" -}}
{{- if or .Values.signIn .Values.allowUnauthenticated }}true{{ end -}}
{{- end -}}

{{- define "chartroom.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}
{{ if .Values.ingress.tlsSecret }}https{{ else }}http{{ end }}://{{ .Values.ingress.host }}{{ .Values.ingress.path | trimSuffix "/" }}
{{- end -}}
{{- end -}}
