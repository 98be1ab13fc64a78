"""A throw-away Kubernetes control plane on loopback: real etcd, kube-apiserver and kube-controller-manager.

There is no kubelet, so nothing runs in pods; namespaces, RBAC, custom resources, garbage collection and foreground
deletion are the real thing. Call `control_plane` from the main thread: the servers end with the thread that started
them, which is what stops them when a test run is killed.
"""

import json
import secrets
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.located import located
from tests.parts.servers import free_ports, server, wait_until

CAPTAIN_CRDS = Path(__file__).with_name("captain-crds.yaml")

USERS: Mapping[str, str] = {
    "admin": "system:masters",
    "captain": "system:masters",
    "catalog": "catalogs",
    "stranger": "strangers",
}
"""The people of the cluster and their groups. `catalog` and `stranger` may do nothing until a test grants it."""

RBAC = "rbac.authorization.k8s.io"
_CONTROLLERS = ("namespace", "garbage-collector", "serviceaccount", "serviceaccount-token")


class ControlPlaneError(RuntimeError):
    """kubectl failed; the message carries what it said."""


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A running cluster.

    `url` is https on loopback, `ca` the certificates (PEM) that it is verified with, `kubeconfig` the admin's,
    `tokens` maps each name of `USERS` to its bearer token, `folder` holds logs and kubeconfigs, `program` is the
    binary that kubectl is a part of.
    """

    url: str
    ca: Path
    kubeconfig: Path
    tokens: Mapping[str, str]
    folder: Path
    program: Path

    def kubeconfig_for(self, name: str, token: str | None = None) -> Path:
        """Writes `<folder>/<name>.kubeconfig` for one of `USERS`, or for any name with a token of its own."""
        return _write_kubeconfig(self.folder / f"{name}.kubeconfig", self.url, self.ca, token or self.tokens[name])

    def kubectl(self, *args: str, user: str = "admin", stdin: str | None = None) -> str:
        """What kubectl prints. Raises `ControlPlaneError` with what it said when it fails."""
        whose = ("--kubeconfig", str(self.kubeconfig_for(user)), "--cache-dir", str(self.folder / "kubectl-cache"))
        command = [str(self.program), "kubectl", *whose, *args]
        answer = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise ControlPlaneError(f"kubectl {' '.join(args)}: {answer.stderr.strip()}")
        return answer.stdout

    def apply(self, manifest: str) -> None:
        """Applies one or more objects, as YAML or JSON text."""
        self.kubectl("apply", "-f", "-", stdin=manifest)

    def allow(self, role: str, namespace: str, subject: Mapping[str, str], *verbs: str) -> None:
        """Lets `subject` (``kind`` User or Group, and ``name``) do `verbs` to the HelmRequests of a namespace."""
        meta = {"name": role, "namespace": namespace}
        rule = {"apiGroups": ["app.alauda.io"], "resources": ["helmrequests"], "verbs": verbs}
        ref = {"apiGroup": RBAC, "kind": "Role", "name": role}
        subjects = [{**subject, "apiGroup": RBAC}]
        made = {"kind": "Role", "metadata": meta, "rules": [rule]}
        bound = {"kind": "RoleBinding", "metadata": meta, "roleRef": ref, "subjects": subjects}
        for one in (made, bound):
            self.apply(json.dumps({"apiVersion": f"{RBAC}/v1", **one}))

    def create_namespace(self, name: str) -> None:
        """Creates a namespace."""
        self.kubectl("create", "namespace", name)


@contextmanager
def control_plane(tmp: Path, *flags: str) -> Iterator[ControlPlane]:
    """Starts a cluster with captain's custom resources in it and stops it at the end; everything is kept under `tmp`.
    `flags` are further ones of the API server.

    Raises `PartMissingError` where a part was not fetched, `ServerError` where a server does not become ready.
    """
    etcd, program = located("etcd"), located("kube")
    client_port, peer_port, port = free_ports(3)
    folder = tmp / "control-plane"
    folder.mkdir(parents=True)
    key = folder / "service-account.key"
    key.write_bytes(subprocess.run([program, "service-account-key"], capture_output=True, check=True).stdout)
    tokens = _write_tokens(folder / "tokens.csv")
    url, ca = f"https://127.0.0.1:{port}", folder / "certificates" / "apiserver.crt"
    kubeconfig = _write_kubeconfig(folder / "admin.kubeconfig", url, ca, tokens["admin"])
    plane = ControlPlane(url, ca, kubeconfig, tokens, folder, program)
    with ExitStack() as stack:
        store = stack.enter_context(server("etcd", _etcd_command(etcd, folder, client_port, peer_port), folder))
        command = [*_apiserver_command(plane, key, client_port, port), *flags]
        api = stack.enter_context(server("kube-apiserver", command, folder))
        wait_until(lambda: _is_ready(plane), store, api)
        plane.kubectl("apply", "-f", str(CAPTAIN_CRDS))
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
        # After the custom resources, as the garbage collector looks for new ones only every 30 seconds.
        manager = stack.enter_context(server("kube-controller-manager", _manager_command(plane, key), folder))
        wait_until(lambda: _has_controllers(plane), manager)
        yield plane


def _etcd_command(etcd: Path, folder: Path, client_port: int, peer_port: int) -> list[str]:
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    return [
        str(etcd),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]


def _apiserver_command(plane: ControlPlane, key: Path, etcd_port: int, port: int) -> list[str]:
    return [
        str(plane.program),
        "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{etcd_port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={port}",
        f"--cert-dir={plane.ca.parent}",
        "--service-cluster-ip-range=10.96.0.0/24",
        f"--token-auth-file={plane.folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
    ]


def _manager_command(plane: ControlPlane, key: Path) -> list[str]:
    kubeconfig = plane.kubeconfig
    return [
        str(plane.program),
        "kube-controller-manager",
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--service-account-private-key-file={key}",
        f"--root-ca-file={plane.ca}",
        f"--controllers={','.join(f'{each}-controller' for each in _CONTROLLERS)}",
    ]


def _is_ready(plane: ControlPlane) -> bool:
    if not plane.ca.exists():
        return False
    bearer = {"Authorization": f"Bearer {plane.tokens['admin']}"}
    request = urllib.request.Request(f"{plane.url}/readyz", headers=bearer)
    try:
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(plane.ca)))
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), tls).open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # a refused connection, a 500 while it starts, a certificate half written
        return False


def _has_controllers(plane: ControlPlane) -> bool:
    # The service account of a namespace is made by a controller.
    return "default" in plane.kubectl("get", "serviceaccounts", "--namespace", "default", "--output", "name")


def _write_tokens(path: Path) -> dict[str, str]:
    tokens = {user: secrets.token_hex(16) for user in USERS}
    path.write_text("".join(f'{tokens[user]},{user},{user},"{group}"\n' for user, group in USERS.items()))
    return tokens


def _write_kubeconfig(path: Path, url: str, ca: Path, token: str) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority": str(ca)}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    path.write_text(json.dumps(config))
    return path
