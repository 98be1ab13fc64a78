"""From a form to a HelmRequest in a cluster, and back to what captain says about it.

In the order of the work: `values` (what the person typed → one mapping), `helmrequest` (form → manifest and checks),
`cluster` (the one module that speaks Kubernetes), `status` (the object there → plain words), and `service`, which
knows the order of all of it.
"""
