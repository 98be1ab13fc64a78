"""``WWW-Authenticate``: what a registry wants to be shown (RFC 9110, 11.6.1). Pure, and bounded."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MAX_HEADER = 8192
"""Characters; a longer header is none."""
MAX_CHALLENGES = 8
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 -- RFC 9110's name for a word
_GAP = re.compile(r"[ \t,]*")
_SCHEME = re.compile(rf"({_TOKEN})(?:[ \t]+|(?=,)|$)")
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)")
_PARAM = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x1f\x7f])*)"|({_TOKEN}))')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to be let in."""

    scheme: str
    """In lower case: ``basic``, ``bearer``."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """All that ``header`` (several may be joined by commas) offers, up to where it stops making sense.

    A challenge that says one thing twice is left out: nobody knows which one is meant.
    """
    if len(header) > MAX_HEADER:
        return ()
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for name, value in _words(header):
        if value is None:
            found.append((name, []))
        elif found:
            found[-1][1].append((name, value))
        else:
            break
    whole = [(scheme, pairs) for scheme, pairs in found[:MAX_CHALLENGES] if len(dict(pairs)) == len(pairs)]
    return tuple(Challenge(scheme, dict(pairs)) for scheme, pairs in whole)


def choose(challenges: tuple[Challenge, ...]) -> Challenge | None:
    """The one to meet: Bearer with a realm before Basic, as container engines do; None where neither is offered."""
    bearer = (one for one in challenges if one.scheme == "bearer" and one.params.get("realm"))
    basic = (one for one in challenges if one.scheme == "basic")
    return next(bearer, None) or next(basic, None)


def _words(header: str) -> Iterator[tuple[str, str | None]]:
    """Schemes (with None) and parameters (with their value), in order."""
    at = _skip(header, 0)
    while at < len(header):
        param, scheme = _PARAM.match(header, at), _SCHEME.match(header, at)
        if param:
            quoted = param[2]
            yield param[1].lower(), _ESCAPED.sub(r"\1", quoted) if quoted is not None else param[3]
            at = param.end()
        elif scheme:
            yield scheme[1].lower(), None
            at = _behind_token68(header, scheme.end())
        else:
            return
        at = _skip(header, at)


def _behind_token68(header: str, at: int) -> int:
    """Schemes such as Negotiate have a text of their own in place of parameters."""
    found = _TOKEN68.match(header, at)
    return found.end() if found else at


def _skip(header: str, at: int) -> int:
    found = _GAP.match(header, at)
    return found.end() if found else at
