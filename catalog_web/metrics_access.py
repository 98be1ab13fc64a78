"""Who may read the metrics without saying who it is: Prometheus, from the networks of ``metrics_allow``, unless a proxy
that is none of ours stands between: its address is nobody's right."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from flask import Flask, g, request

from catalog_web.auth import Person, rule_of
from catalog_web.client_address import client_address, is_sender_known

READER = Person("prometheus", frozenset({"metrics.read"}))


def install(app: Flask, networks: Sequence[str]) -> None:
    """Let those who ask from ``networks`` read the metrics of ``app``. To be installed before ``auth``."""
    allowed = tuple(ip_network(one) for one in networks)

    def admit() -> None:
        found = rule_of(app, request.endpoint)
        asked = found is not None and found.action == "metrics.read"
        if asked and is_sender_known() and _is_inside(client_address(), allowed):
            g.person = READER

    app.before_request(admit)


def _is_inside(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        told = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(told, "ipv4_mapped", None)
    return any((mapped or told) in one for one in networks)
