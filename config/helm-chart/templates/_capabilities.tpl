{{/* The rules of each right: the same that Chartroom shows where one is missing. */}}
{{- define "chartroom.capabilities" -}}
install:
  scope: namespace
  rules:
    - apiGroups: [app.alauda.io]
      resources: [helmrequests]
      verbs: [get, list, watch, create]
upgrade:
  scope: namespace
  rules:
    - apiGroups: [app.alauda.io]
      resources: [helmrequests]
      verbs: [get, list, watch, update, patch]
uninstall:
  scope: namespace
  rules:
    - apiGroups: [app.alauda.io]
      resources: [helmrequests]
      verbs: [get, list, watch, delete]
overview:
  scope: cluster
  rules:
    - apiGroups: [app.alauda.io]
      resources: [helmrequests]
      verbs: [list, watch]
charts:
  scope: captain
  rules:
    - apiGroups: [app.alauda.io]
      resources: [chartrepos, charts]
      verbs: [get, list, watch]
sync:
  scope: captain
  rules:
    - apiGroups: [app.alauda.io]
      resources: [chartrepos]
      verbs: [get, patch]
publish:
  scope: captain
  rules:
    - apiGroups: [app.alauda.io]
      resources: [chartrepos]
      verbs: [get, list, watch, create, patch, delete]
    - apiGroups: [""]
      resources: [secrets]
      verbs: [get, create, patch, delete]
namespaces:
  scope: cluster
  rules:
    - apiGroups: [""]
      resources: [namespaces]
      verbs: [get, list, create]
secrets:
  scope: namespace
  rules:
    - apiGroups: [""]
      resources: [secrets]
      verbs: [get, create, delete]
events:
  scope: namespace
  rules:
    - apiGroups: [""]
      resources: [events]
      verbs: [list, watch]
releases:
  scope: namespace
  rules:
    - apiGroups: [app.alauda.io]
      resources: [releases]
      verbs: [get, list]
workloads:
  scope: namespace
  rules:
    - apiGroups: [""]
      resources: [pods, services, configmaps, persistentvolumeclaims, serviceaccounts]
      verbs: [get, list]
    - apiGroups: [apps]
      resources: [deployments, statefulsets, daemonsets, replicasets]
      verbs: [get, list]
    - apiGroups: [batch]
      resources: [jobs, cronjobs]
      verbs: [get, list]
    - apiGroups: [networking.k8s.io]
      resources: [ingresses, networkpolicies]
      verbs: [get, list]
    - apiGroups: [autoscaling]
      resources: [horizontalpodautoscalers]
      verbs: [get, list]
    - apiGroups: [policy]
      resources: [poddisruptionbudgets]
      verbs: [get, list]
controller:
  scope: captain
  rules:
    - apiGroups: [apps]
      resources: [deployments]
      verbs: [get, list]
    - apiGroups: [""]
      resources: [pods]
      verbs: [get, list]
webhooks:
  scope: cluster
  rules:
    - apiGroups: [admissionregistration.k8s.io]
      resources: [validatingwebhookconfigurations, mutatingwebhookconfigurations]
      verbs: [list]
impersonate:
  scope: cluster
  rules:
    - apiGroups: [""]
      resources: [users, groups]
      verbs: [impersonate]
{{- end -}}
