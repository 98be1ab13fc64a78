{{/* A Service on `service.port` that reaches the container port called http. */}}
{{- define "web-common.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "web-common.fullname" . }}
  labels:
    {{- include "web-common.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  selector:
    {{- include "web-common.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
{{- end -}}
