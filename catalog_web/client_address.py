"""Where a request comes from, behind the proxies that the operator trusts.

What ``X-Forwarded-For`` says is believed from the right, as far as the addresses there are proxies of ours: whatever
stands further left was written by whoever asked.
"""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from flask import Flask, current_app, request

_OPTION = "CHARTROOM_TRUSTED_PROXIES"
_LONGEST = 2048
_RELAYED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")
"""What a proxy adds to what it passes on."""


def install(app: Flask, trusted_proxies: Sequence[str]) -> None:
    """Believe the forwarding headers of these networks, and of nobody else."""
    app.config[_OPTION] = tuple(map(ip_network, trusted_proxies))


def client_address() -> str:
    """The address of who asks; empty where it cannot be told."""
    nearest = _peer()
    if not _is_trusted(nearest):
        return nearest
    told = request.headers.get("X-Forwarded-For", "")[-_LONGEST:]
    for one in reversed([_plain(part.strip().strip("[]")) for part in told.split(",")]):
        if not one:
            break
        nearest = one
        if not _is_trusted(one):
            break
    return nearest


def from_proxy() -> bool:
    """Whether a trusted proxy sent the request."""
    return _is_trusted(_peer())


def is_sender_known() -> bool:
    """Whether ``client_address`` is who asks. It is not where a proxy passed the request on that is none of ours, or
    that does not say for whom: then it is the proxy's own address, and with a proxy beside us everybody is loopback."""
    return client_address() != _peer() or not any(name in request.headers for name in _RELAYED)


def is_https(public_url: str) -> bool:
    """Whether the browser speaks TLS: as the configuration says, else as a trusted proxy does."""
    if public_url:
        return public_url.startswith("https://")
    told = request.headers.get("X-Forwarded-Proto", "") if from_proxy() else ""
    return bool((told.rpartition(",")[2].strip().lower() or request.scheme) == "https")


def _peer() -> str:
    return _plain(request.remote_addr or "")


def _plain(address: str) -> str:
    """An IPv4 address also where it came as ``::ffff:192.0.2.1``; empty for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _is_trusted(address: str) -> bool:
    networks = current_app.config.get(_OPTION, ())
    return bool(address) and any(ip_address(address) in one for one in networks)
