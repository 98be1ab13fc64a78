"""How often a person may ask for what costs the server much.

A route whose rule says what it costs is counted before its view runs; a view that only sometimes costs much calls
``spend`` by itself.
"""

import ipaddress

from flask import Flask, current_app, request

from catalog_web.auth import LOCAL, Cost, current_person, rule_of
from catalog_web.client_address import client_address
from catalog_web.throttle import Throttle
from indexer.people_options import RateLimits

_NAME = "chartroom_rate_limits"


def install(app: Flask, limits: RateLimits) -> None:
    """Count costly requests to ``app``. To be installed after `auth`: who may not is told so first, and is not
    counted."""
    app.extensions[_NAME] = (Throttle(), limits)

    def count() -> None:
        found = rule_of(app, request.endpoint)
        if found is not None:
            spend(found.cost)

    app.before_request(count)


def spend(cost: Cost) -> None:
    """Count one request of the present person. Raises AskedTooOften beyond the limit of this ``cost``."""
    throttle, limits = current_app.extensions[_NAME]
    limit: int = getattr(limits, cost) if cost else 0
    if limit and (who := _who()):
        throttle.check(cost, who, limit)


def _who() -> str:
    """The person; where nobody signs in, the address. Empty for whoever sits at this machine and needs no sign-in."""
    person, address = current_person(), client_address()
    if person != LOCAL and person.name:
        return person.name
    return "" if person == LOCAL and _is_loopback(address) else f"address {address}"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
