{{/* A pod of Chartroom. Given: root, role (serve, web or index), resources, data (its volume). */}}
{{- define "chartroom.pod" -}}
{{- $values := .root.Values -}}
{{- $pages := ne .role "index" -}}
metadata:
  labels:
    {{- include "chartroom.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A changed configuration starts new pods.
    checksum/config: {{ include "chartroom.config" .root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "chartroom.account" .root }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: chartroom
      image: {{ include "chartroom.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [{{ .role }}{{ if and $pages $values.allowUnauthenticated }}, --allow-unauthenticated{{ end }}]
      env:
        - {name: CHARTROOM_CONFIG, value: /etc/chartroom/chartroom.yaml}
        - {name: CHARTROOM_DATA_DIR, value: /data}
        - {name: CHARTROOM_LISTEN, value: "{{ if include "chartroom.reached" .root }}0.0.0.0{{ else }}127.0.0.1{{ end }}:8080"}
        {{- with $values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- if $pages }}
        - {name: http, containerPort: 8080}
        {{- if $values.helmRepositories.enabled }}
        - {name: helm, containerPort: {{ $values.helmRepositories.port }}}
        {{- end }}
        {{- end }}
        - {name: probes, containerPort: 8082}
      # The first start of a new version may move the database's tables, before it listens.
      startupProbe:
        httpGet: {path: /healthz, port: probes}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 120
      livenessProbe:
        httpGet: {path: /healthz, port: probes}
        periodSeconds: 20
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: probes}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources: {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: config, mountPath: /etc/chartroom, readOnly: true}
        - {name: tmp, mountPath: /tmp}
        {{- range include "chartroom.secrets" .root | fromYamlArray }}
        - {name: secret-{{ . | replace "." "-" }}, mountPath: /etc/chartroom-secrets/{{ . }}, readOnly: true}
        {{- end }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: data
      {{- toYaml .data | nindent 6 }}
    - name: config
      configMap: {name: {{ include "chartroom.name" .root }}}
    - name: tmp
      emptyDir: {}
    {{- range include "chartroom.secrets" .root | fromYamlArray }}
    - name: secret-{{ . | replace "." "-" }}
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if $values.topologySpreadConstraints }}
    {{- toYaml $values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "chartroom.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .role }}
    {{- end }}
{{- end -}}
