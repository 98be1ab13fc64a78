"""A real nginx on loopback that serves a folder, behind TLS of every kind, a password, or a client certificate."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Certified
from tests.parts.located import located
from tests.parts.servers import free_ports, server, wait_until

USER, PASSWORD = "ann", "secret"


@dataclass(frozen=True)
class Listener:
    """One port. Without a certificate it speaks plain HTTP."""

    leaf: Certified | None = None
    above: tuple[Certified, ...] = ()
    """Sent along."""
    clients: Certified | None = None
    """Whose client certificates it wants to see."""
    protocols: str = "TLSv1.2 TLSv1.3"
    with_password: bool = False
    """It asks for `USER` and `PASSWORD`."""


@contextmanager
def real_nginx(folder: Path, served: Path, listeners: Mapping[str, Listener], index: Path) -> Iterator[dict[str, str]]:
    """Serve the folder `served`, with the file `index` as /index.yaml, at each of `listeners`; their addresses by name.

    Raises `PartMissingError` where nginx was not fetched, `ServerError` where it does not become ready.
    """
    ports = dict(zip(listeners, free_ports(len(listeners)), strict=True))
    (folder / "htpasswd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    blocks = [_block(folder, name, ports[name], one, served, index) for name, one in listeners.items()]
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, servers="\n".join(blocks)))
    command = [str(located("nginx")), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
    with server("nginx", command, folder) as running:
        wait_until(lambda: all(map(_listens, ports.values())), running)
        yield {name: f"http{'s' if listeners[name].leaf else ''}://127.0.0.1:{port}" for name, port in ports.items()}


@contextmanager
def proxying_nginx(folder: Path, port: int, leaf: Certified, prefix: str, target: str, *, cuts: bool) -> Iterator[None]:
    """End TLS at ``port`` and hand on what is below ``prefix`` to ``target``, with the prefix or (``cuts``) without.

    Raises as `real_nginx`.
    """
    (folder / "tls").mkdir()
    certificate, key = leaf.write(folder / "tls")
    told = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;"
    place = f"location {prefix}/ {{ proxy_pass {target}{'/' if cuts else ''}; {told} }}"
    tls = f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, servers=f"server {{ {tls} {place} }}"))
    command = [str(located("nginx")), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
    with server("nginx", command, folder) as running:
        wait_until(lambda: _listens(port), running)
        yield


# One process without a master changes no user, so it reads what the test may read.
_CONFIG = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{servers}
}}
"""


def _block(folder: Path, name: str, port: int, one: Listener, served: Path, index: Path) -> str:
    lines = [f"listen 127.0.0.1:{port}{' ssl' if one.leaf else ''};"]
    lines += [f"location = /index.yaml {{ alias {index}; }}", f"location / {{ root {served}; }}"]
    lines += _tls(folder / name, one)
    if one.with_password:
        lines += ['auth_basic "charts";', f"auth_basic_user_file {folder}/htpasswd;"]
    return f"  server {{ {' '.join(lines)} }}"


def _tls(folder: Path, one: Listener) -> list[str]:
    if one.leaf is None:
        return []
    folder.mkdir()
    certificate, key = one.leaf.write(folder, *one.above)
    lines = [f"ssl_certificate {certificate};", f"ssl_certificate_key {key};", f"ssl_protocols {one.protocols};"]
    if "1.3" not in one.protocols:
        lines.append("ssl_ciphers DEFAULT:@SECLEVEL=0;")
    if one.clients is not None:
        (folder / "clients.crt").write_text(one.clients.pem)
        lines += [f"ssl_client_certificate {folder}/clients.crt;", "ssl_verify_client on;"]
    return lines


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
