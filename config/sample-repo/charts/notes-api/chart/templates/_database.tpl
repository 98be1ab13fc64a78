{{/* Where the notes are kept: in the database that comes along, or in yours. A YAML mapping. */}}
{{- define "notes-api.database" -}}
{{- if .Values.database.enabled -}}
{{- $name := printf "%s-database" .Release.Name | trunc 52 | trimSuffix "-" -}}
host: {{ $name }}
port: 5432
name: {{ .Values.database.auth.database }}
user: {{ .Values.database.auth.username }}
secret: {{ .Values.database.auth.existingSecret | default $name }}
{{- else -}}
{{- with .Values.externalDatabase -}}
host: {{ required "externalDatabase.host is needed when database.enabled is false" .host }}
port: {{ .port }}
name: {{ .name }}
user: {{ .user }}
secret: {{ required "externalDatabase.existingSecret is needed when database.enabled is false" .existingSecret }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The variables psql and every libpq program read. */}}
{{- define "notes-api.databaseEnv" -}}
{{- $database := include "notes-api.database" . | fromYaml -}}
- name: PGHOST
  value: {{ $database.host | quote }}
- name: PGPORT
  value: {{ $database.port | quote }}
- name: PGDATABASE
  value: {{ $database.name | quote }}
- name: PGUSER
  value: {{ $database.user | quote }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $database.secret }}
      key: password
{{- end -}}
