{{/* File names under /var/log/containers are POD_NAMESPACE_CONTAINER-ID.log */}}
{{- define "log-shipper.excluded" -}}
{{- $paths := list (printf "/var/log/containers/%s-*.log" (include "log-shipper.name" .)) -}}
{{- range .Values.exclude.containers -}}
{{- $paths = append $paths (printf "/var/log/containers/*_%s-*.log" .) -}}
{{- end -}}
{{- join "," $paths -}}
{{- end -}}

{{- define "log-shipper.output" -}}
{{- with .Values.output -}}
name: {{ .kind }}
match: "*"
host: {{ .host | quote }}
port: {{ .port }}
tls: {{ ternary "on" "off" .tls | quote }}
{{- if eq .kind "loki" }}
labels: job=log-shipper
label_keys: $kubernetes['namespace_name'],$kubernetes['pod_name']
{{- else }}
uri: {{ .target | default "/" | quote }}
format: json
{{- end }}
{{- if .existingSecret }}
http_user: ${OUTPUT_USERNAME}
http_passwd: ${OUTPUT_PASSWORD}
{{- end }}
storage.total_limit_size: {{ $.Values.buffer.disk }}
{{- end -}}
{{- end -}}
