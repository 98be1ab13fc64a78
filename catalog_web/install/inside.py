"""A look from inside a cluster, where captain stands: a Job to apply, which checks name and port there. Pure.

Chartroom never runs it: whoever may create pods in captain's namespace does. It asks for nothing that the strictest
pod security standard ("restricted") refuses, and ends by itself.
"""

import hashlib
import re
from typing import Any

from catalog_web.install.helmrequest import MANAGED_BY, manifest_yaml

IMAGE = "busybox:1.36"
SECONDS = 60
"""The Job is ended after so many ..."""
KEPT_SECONDS = 600
"""... and deleted by the cluster so long after its end."""
_NOBODY = 65534
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9._])?|[0-9A-Fa-f:.]{2,45}")
_PORTS = range(1, 65536)

# Host and port come as variables, so nothing of an address is ever a part of the script.
_SCRIPT = """\
echo "Name servers of this pod:"
grep -E '^(nameserver|search)' /etc/resolv.conf
echo
case "$HOST" in
  *:*) ;;  # an IPv6 address
  *[!0-9.]*)
    if nslookup "$HOST"; then
      echo "DNS: ok, $HOST is known here."
    else
      echo "DNS: FAILED, $HOST is not known here. The ConfigMap coredns forwards to the resolv.conf of the nodes."
    fi ;;
esac
echo
if timeout 10 nc -w 5 "$HOST" "$PORT" </dev/null >/dev/null; then
  echo "TCP: ok, port $PORT of $HOST answers."
else
  echo "TCP: FAILED, port $PORT of $HOST does not answer. See network policies, firewalls and the port."
  exit 1
fi
"""


def job_name(host: str, port: int) -> str:
    """The same for the same server, so that applying it twice makes one."""
    return f"chartroom-look-{hashlib.sha256(f'{host}:{port}'.encode()).hexdigest()[:8]}"


def job(host: str, port: int, namespace: str, image: str = IMAGE) -> dict[str, Any]:
    """The Job that looks from ``namespace`` at ``port`` of ``host`` (without brackets).

    Raises ValueError for what is no host or port.
    """
    if not _HOST.fullmatch(host) or port not in _PORTS:
        raise ValueError("no host or port")
    marks = {MANAGED_BY: "chartroom", "app.kubernetes.io/name": "chartroom-look"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job_name(host, port), "namespace": namespace, "labels": marks},
        "spec": {
            "activeDeadlineSeconds": SECONDS,
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": marks}, "spec": _pod(host, port, image)},
        },
    }


def _pod(host: str, port: int, image: str) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "look",
                "image": image,
                "command": ["sh", "-c", _SCRIPT],
                "env": [{"name": "HOST", "value": host}, {"name": "PORT", "value": str(port)}],
                "resources": {
                    "requests": {"cpu": "10m", "memory": "16Mi"},
                    "limits": {"cpu": "100m", "memory": "32Mi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }


def job_yaml(host: str, port: int, namespace: str, image: str = IMAGE) -> str:
    """The same as YAML to apply, with the command that shows what it saw. Raises ValueError."""
    name = job_name(host, port)
    head = f"# kubectl apply -f this-file.yaml\n# kubectl logs -n {namespace} -f --pod-running-timeout=1m job/{name}\n"
    return head + manifest_yaml(job(host, port, namespace, image))
