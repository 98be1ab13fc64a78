"""Where captain cannot follow a source, and what to do about what captain says. Pure.

Every fact was observed with captain 1.5.0.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

from indexer.access import is_loopback
from indexer.errors import N_, Phrase, fill, phrase
from indexer.model import PublicationMode, Source


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a person must know of captain; the text is a template over ``params``."""

    id: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def cause(self) -> str:
        """The sentence, in English."""
        return fill(self.text, dict(self.params))

    @property
    def phrase(self) -> Phrase:
        """The sentence, to be put into another text."""
        return phrase(self.text, **self.params)


OTHER_SECRET = N_("Its Secret holds something else than a user name and a password, and captain sends nothing else.")


def why_not_direct(source: Source) -> tuple[Limit, ...]:
    """Why captain could not read the repository of ``source`` itself; nothing: it could."""
    return tuple(_blocks(source))


def _blocks(source: Source) -> Iterator[Limit]:
    if source.kind == "harbor":
        yield Limit("no-index", N_("Harbor 2.8 and later has no index.yaml, and captain reads nothing else."))
    elif source.kind == "oci":
        oci = N_("captain reads no OCI registry as a ChartRepo; a HelmRequest alone could, and only old artifacts.")
        yield Limit("oci", oci)
    elif source.kind == "directory":
        yield Limit("directory", N_("It is a folder of the machine that Chartroom runs on."))
    elif "?" in source.url:
        yield Limit("query", N_("Its address has a query, behind which captain would append /index.yaml."))
    if source.token_file or "token" in source.stored_secrets:
        yield Limit("token", N_("captain sends a user name and a password, never a token."))
    if source.client_cert or source.client_cert_file:
        yield Limit("client-certificate", N_("captain shows no client certificate."))
    if source.proxy and source.proxy != "direct":
        yield Limit("proxy", N_("captain has no proxy for one repository."))


def all_of(reasons: Sequence[Limit]) -> Phrase:
    """Some sentences as one text."""
    first, *others = (one.phrase for one in reasons)
    return reduce(lambda told, one: phrase("{first} {then}", first=told, then=one), others, first)


def limits(source: Source, mode: PublicationMode, url: str, namespace: str) -> tuple[Limit, ...]:
    """What does not stop captain, and is good to know. ``url``: of the ChartRepo."""
    return tuple(_caveats(source, mode, url, namespace))


def _caveats(source: Source, mode: PublicationMode, url: str, namespace: str) -> Iterator[Limit]:
    parts = urlsplit(url)
    if parts.scheme == "https":
        yield Limit("tls-unverified", N_("captain never verifies TLS: whoever answers at {host} gets its credentials "
                    "and is believed."), {"host": parts.hostname or url})  # fmt: skip
    if parts.scheme == "http" and (source.is_private or mode == "helm"):
        yield Limit("plain", N_("The address is http:// without TLS, so the password travels in the clear."))
    if is_loopback(parts.hostname or ""):
        yield Limit("loopback", N_("{host} is this machine for Chartroom and another one for captain."),
                    {"host": parts.hostname})  # fmt: skip
    if mode == "direct" and (source.include or source.exclude or source.versions or not source.prereleases):
        yield Limit("filters", N_("captain knows no filters: it also offers the charts that this source leaves out."))
    yield Limit("one-namespace", N_("captain reads ChartRepos in the namespace {namespace} alone."),
                {"namespace": namespace})  # fmt: skip
    yield Limit("exact-versions", N_("captain installs exact versions only, and knows a new one within about two "
                "minutes."))  # fmt: skip


_REFUSED_DIRECT = N_("Correct user name and password of the source; Chartroom then gives them to captain.")
_REFUSED_HELM = N_("Publish the source once more: Chartroom then gives captain its password again.")
_REMEDIES: tuple[tuple[str, str], ...] = (
    (r"404 Not Found", N_("Check the address: behind it captain looks for index.yaml.")),
    (r"no such host|lookup ", N_("Pods of the cluster cannot resolve that name: look at the cluster's DNS (the "
     "ConfigMap coredns, and resolv.conf of its machines), or give an address that it knows.")),
    (r"connection refused|i/o timeout|no route to host|deadline exceeded|Timeout", N_("Pods of the cluster do not "
     "reach that address: look at network policies, firewalls and the port.")),
    (r"secrets? \"", N_("Its Secret is missing. Chartroom puts its own back within five minutes.")),
    (r"unsupported protocol scheme|invalid URL|parse \"", N_("The address of the ChartRepo is not one.")),
    (r"no source specified|unmarshal|yaml:|json:", N_("What captain got there is no Helm repository index.")),
    (r" 5\d\d ", N_("The server has trouble of its own; captain asks again every two minutes.")),
)  # fmt: skip
_OTHER = N_("captain tries again every two minutes; its log may say more.")


def remedy(reason: str, mode: PublicationMode) -> str:
    """What to do about a reason that captain gives, as a text that is marked for translation."""
    if re.search(r"401 Unauthorized|403 Forbidden", reason):
        return _REFUSED_HELM if mode == "helm" else _REFUSED_DIRECT
    return next((text for pattern, text in _REMEDIES if re.search(pattern, reason)), _OTHER)
