"""Where an app can be reached: addresses to open and commands to copy, from its Services and routes. Pure.

The names in them are foreign, so an address becomes a link only where it has the form of one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog_web.install.reading import mapping, mappings, meta, number, spec, status, text, texts
from catalog_web.links import safe_link

LinkKind = Literal["web", "address", "forward"]
"""``web``: to open. ``address``: to be used by another program. ``forward``: a command that makes a way to it."""

MAX_LINKS = 40
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,20}")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}")
_LITERAL_PATH = re.compile(r"/[\w./~%-]{0,500}", re.ASCII)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_HTTPS_PORTS, _HTTP_PORTS = frozenset({443, 8443}), frozenset({80, 3000, 5000, 8000, 8080, 8081, 9000, 9090})
_LOCAL = 10_000
"""Added to a port below 1024, which only root may open on the own machine."""
_PRIVILEGED = 1024


@dataclass(frozen=True, slots=True)
class Link:
    """One way to an app."""

    kind: LinkKind
    text: str
    """The address, or the command."""
    of: str
    """``Service web``: the object that it comes from."""
    detail: str = ""
    """Type and ports of a Service; the local address that a command makes."""


def links_of(things: Iterable[object]) -> tuple[Link, ...]:
    """All ways that ``things`` tell of, those to open first; at most `MAX_LINKS`."""
    found = [link for thing in things for link in _links(thing)]
    order = ("web", "address", "forward")
    unique = dict.fromkeys(sorted(found, key=lambda one: order.index(one.kind)))
    return tuple(unique)[:MAX_LINKS]


def _links(thing: object) -> Iterator[Link]:
    kind, name = text(mapping(thing).get("kind")), text(meta(thing).get("name"))
    if kind == "Service":
        yield from _of_service(thing, name)
    elif kind == "Ingress":
        yield from _of_ingress(thing, name)
    elif kind == "HTTPRoute":
        yield from _of_route(thing, name)


# -- services


def _of_service(thing: object, name: str) -> Iterator[Link]:
    ports = [one for one in mappings(spec(thing).get("ports")) if 0 < number(one.get("port")) <= 65_535]  # noqa: PLR2004
    kind = text(spec(thing).get("type")) or "ClusterIP"
    detail = f"{kind} {', '.join(_port_name(one) for one in ports)}".strip()
    for host in _balancers(thing):
        for port in ports:
            yield _of_port(host, port, f"Service {name}", detail)
    if kind == "ExternalName" or not ports:
        return
    place = text(meta(thing).get("namespace"))
    for port in (one for one in ports if one.get("protocol", "TCP") == "TCP"):
        if _NAME.fullmatch(name) and _NAME.fullmatch(place):
            yield _forward(place, name, port, detail)


def _balancers(thing: object) -> list[str]:
    given = mappings(mapping(status(thing).get("loadBalancer")).get("ingress"))
    hosts = [text(one.get("hostname")) or text(one.get("ip")) for one in given]
    return [one for one in hosts if _HOST.fullmatch(one) or _ADDRESS.fullmatch(one)]


def _of_port(host: str, port: Mapping[str, Any], of: str, detail: str) -> Link:
    at = number(port.get("port"))
    place = f"[{host}]:{at}" if ":" in host else f"{host}:{at}"
    scheme = _scheme(port)
    if not scheme:
        return Link("address", place, of, detail)
    usual = (scheme, at) in (("http", 80), ("https", 443))
    return Link("web", f"{scheme}://{place.rpartition(':')[0] if usual else place}/", of, detail)


def _scheme(port: Mapping[str, Any]) -> str:
    """``http`` or ``https`` where name, protocol or number of the port say so."""
    told = text(port.get("appProtocol")) or text(port.get("name"))
    at = number(port.get("port"))
    if told.startswith("https") or at in _HTTPS_PORTS:
        return "https"
    return "http" if told.startswith(("http", "web")) or at in _HTTP_PORTS else ""


def _port_name(port: Mapping[str, Any]) -> str:
    protocol, at = text(port.get("protocol")) or "TCP", number(port.get("port"))
    node = number(port.get("nodePort"))
    return f"{at}:{node}/{protocol}" if node else f"{at}/{protocol}"


def _forward(namespace: str, name: str, port: Mapping[str, Any], detail: str) -> Link:
    at = number(port.get("port"))
    local = at + _LOCAL if at < _PRIVILEGED else at
    scheme = _scheme(port)
    where = f"{scheme}://127.0.0.1:{local}/" if scheme else f"127.0.0.1:{local}"
    command = f"kubectl port-forward -n {namespace} service/{name} {local}:{at}"
    return Link("forward", command, f"Service {name}", f"{detail} → {where}")


# -- routes


def _of_ingress(thing: object, name: str) -> Iterator[Link]:
    encrypted = {host for one in mappings(spec(thing).get("tls")) for host in texts(one.get("hosts"))}
    for rule in mappings(spec(thing).get("rules")):
        host = text(rule.get("host"))
        paths = [text(one.get("path")) or "/" for one in mappings(mapping(rule.get("http")).get("paths"))]
        for path in paths or ["/"]:
            yield from _address("https" if _covers(encrypted, host) else "http", host, path, f"Ingress {name}")


def _covers(hosts: Iterable[str], host: str) -> bool:
    return any(one == host or (one.startswith("*.") and host.partition(".")[2] == one[2:]) for one in hosts)


def _of_route(thing: object, name: str) -> Iterator[Link]:
    rules = mappings(spec(thing).get("rules"))
    matches = [match for rule in rules for match in mappings(rule.get("matches"))]
    paths = [text(mapping(one.get("path")).get("value")) or "/" for one in matches] or ["/"]
    for host in texts(spec(thing).get("hostnames")):
        for path in dict.fromkeys(paths):
            yield from _address("https", host, path, f"HTTPRoute {name}")


def _address(scheme: str, host: str, path: str, of: str) -> Iterator[Link]:
    """A link where host and path are plain; a pattern is shown as it stands."""
    if not host:
        return
    plain = path if _LITERAL_PATH.fullmatch(path) else "/"
    url = safe_link(f"{scheme}://{host}{plain}") if _HOST.fullmatch(host) else None
    yield Link("web", url, of) if url else Link("address", f"{host}{path}"[:500], of)
