"""Who is behind what is done now: a person's request, the operator's command, or Chartroom by itself."""

import getpass
import sys
from dataclasses import dataclass

OPERATOR, ITSELF = "operator", "chartroom"
"""Whoever may run commands on the server; and what no person asked for."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The part of an entry that whoever writes it need not say."""

    person: str
    via: str
    address: str = ""
    request_id: str = ""


def present_origin() -> Origin:
    """Who is behind it. Flask is not loaded for this: the command line works without it."""
    flask = sys.modules.get("flask")
    if flask is None or not flask.has_request_context():
        return Origin(ITSELF, ITSELF)
    from catalog_web.client_address import client_address

    person, request_id = flask.g.get("person"), flask.g.get("request_id", "")
    name, via = (person.name, person.way) if person else ("", "none")
    return Origin(name, via, client_address(), request_id)


def operator_origin() -> Origin:
    """Whoever sits at the server's command line, by the name that the operating system has for the account."""
    try:
        return Origin(OPERATOR, OPERATOR, address=f"account {getpass.getuser()}")
    except (KeyError, OSError):
        return Origin(OPERATOR, OPERATOR)  # a container's user may have a number only
