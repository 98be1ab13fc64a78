"""The real parts that tests run against, and the doubles of those that cannot be had.

`get` (a script) fetches or builds etcd, a Kubernetes control plane, helm and Chromium; `located` finds what it made;
`control_plane` starts a throw-away API server on loopback; `fake_captain` plays captain on it.
"""
