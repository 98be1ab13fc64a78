"""From a form to a HelmRequest in a cluster, and back to what captain says about it.

In the order of the work: `values` (what the person typed → one mapping), `helmrequest` (form → manifest and checks),
`cluster` (the one room that speaks Kubernetes), `status` (the object there → plain words), `verbs` (what can be done
with an app, a module each), and `service`, the door to all of it.
"""
