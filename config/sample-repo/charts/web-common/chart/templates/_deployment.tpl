{{/*
A Deployment around the pod a chart describes itself:

    {{ include "web-common.deployment" (dict "root" . "pod" (include "my-chart.pod" .)) }}
*/}}
{{- define "web-common.deployment" -}}
{{- $root := .root -}}
{{- $safe := dict "securityContext" (dict "seccompProfile" (dict "type" "RuntimeDefault")) -}}
{{- $pod := mustMergeOverwrite $safe (fromYaml .pod) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web-common.fullname" $root }}
  labels:
    {{- include "web-common.labels" $root | nindent 4 }}
spec:
  {{- if not ($root.Values.autoscaling | default dict).enabled }}
  replicas: {{ $root.Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "web-common.selectorLabels" $root | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "web-common.selectorLabels" $root | nindent 8 }}
      annotations:
        # A changed value restarts the pods even where only a ConfigMap changed.
        checksum/values: {{ toJson $root.Values | sha256sum }}
    spec:
      {{- toYaml $pod | nindent 6 }}
{{- end -}}
