"""captain's phase and reason of a ChartRepo in plain words. Pure.

The reasons are Go's and Kubernetes' own words, as they were observed with captain 1.5.0; what is not known is repeated
as it stands.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from catalog_web.captain.limits import remedy
from indexer.errors import N_, Phrase, phrase
from indexer.model import PublicationMode

State = Literal["ok", "waiting", "failing"]


@dataclass(frozen=True, slots=True)
class Told:
    """What captain says, for people."""

    state: State
    cause: Phrase
    remedy: Phrase | None = None


_CAUSES: tuple[tuple[str, str], ...] = (
    (r"401 Unauthorized", N_("captain is not let in at {host}: the user name and password that it has are not taken.")),
    (r"403 Forbidden", N_("captain may not read at {host}: the account that it uses has no right to.")),
    (r"404 Not Found", N_("captain finds no index.yaml at {host}.")),
    (r"no such host|server misbehaving", N_("captain cannot resolve the name {host} in its cluster.")),
    (r"connection refused", N_("captain reaches {host}, and nothing listens at that port.")),
    (r"i/o timeout|deadline exceeded|Client\.Timeout", N_("captain gets no answer from {host}.")),
    (r"no route to host|network is unreachable", N_("There is no way from captain's cluster to {host}.")),
    (r"connection reset|\bEOF\b", N_("{host} closes the connection that captain makes.")),
    (r"secrets? \"", N_("The Secret that the ChartRepo names is not there.")),
    (r"unsupported protocol scheme|invalid URL|parse \"", N_("captain can do nothing with the address of the "
     "ChartRepo.")),
    (r"no source specified", N_("The ChartRepo is to be built from Git, and names no source.")),
    (r"unmarshal|yaml:|json:", N_("What captain got from {host} is no index.yaml that it can read.")),
    (r" 5\d\d ", N_("The server at {host} answers captain with an error of its own.")),
)  # fmt: skip
_HTTP_URL = re.compile(r"https?://[^\s\"']{1,2000}")


def in_words(phase: str, reason: str, url: str, mode: PublicationMode = "direct") -> Told:
    """What ``phase`` and ``reason`` of a ChartRepo mean whose address is ``url``."""
    if phase == "Synced":
        return Told("ok", phrase(N_("captain reads it.")))
    if phase != "Failed":
        return Told("waiting", phrase(N_("captain has not read it yet.")),
                    phrase(N_("It does so within about two minutes. If not, see whether captain runs.")))  # fmt: skip
    text = next((text for pattern, text in _CAUSES if re.search(pattern, reason)), N_("captain says: {reason}"))
    cause = phrase(text, host=_host(reason, url), reason=reason)
    return Told("failing", cause, phrase(remedy(reason, mode)))


def _host(reason: str, url: str) -> str:
    """The host that captain asked, without any login; the one of its address where the reason names none."""
    asked = _HTTP_URL.search(reason)
    return _netloc(asked[0] if asked else url) or "?"


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""
