"""The way to the server: name, port and proxy. Connections are made here for all handshakes of a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from indexer.access import is_loopback
from indexer.diagnose.clock import Clock
from indexer.diagnose.resolver import resolver
from indexer.diagnose.result import RungState
from indexer.errors import N_, AddressRefused, NameNotResolved, Phrase, phrase
from indexer.http import Access, Network, host_of, shown_url
from indexer.http.network import OPEN, is_special
from indexer.http.probe import Entries, Wire, reach, resolve, secured, tunnel
from indexer.http.proxies import proxy_for

PATIENCE = 5.0
"""Seconds for a name, a connection or a handshake: as long as a sync waits."""
_PORTS = {"http": 80, "https": 443}
_PROXY_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Step:
    """How one rung stands."""

    state: RungState
    cause: Phrase
    remedy: Phrase | None = None
    facts: Mapping[str, Any] | None = None


class Road:
    """The way to the origin of ``url`` (checked) by ``access``."""

    def __init__(self, url: str, access: Access, clock: Clock) -> None:
        parts = urlsplit(url)
        self.url = url
        self.host = host_of(url)
        self.is_tls = parts.scheme == "https"
        self.port = parts.port or _PORTS[parts.scheme]
        self.proxy = proxy_for(url, access)
        self._access, self._clock = access, clock
        self._entries: Entries = ()

    # -- rungs

    def name(self) -> Step:
        """The ``dns`` rung. Raises AddressRefused."""
        try:
            found = resolve(self.host, self.port, self._access.network, self._clock.left(PATIENCE))
        except NameNotResolved as error:
            return self._by_proxy() if self.proxy else self._unresolved(error)
        self._entries = found
        addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        facts = {"addresses": list(addresses), "resolver": resolver()}
        if all(map(is_loopback, addresses)):
            text = N_("{host} leads to {addresses}, this machine itself.")
            if self._is_address(addresses):
                text = N_("{host} is this machine itself.")
            remedy = N_("Nobody else reaches a repository there: for a cluster, the same name means its own machine.")
            return Step("warn", phrase(text, host=self.host, addresses=", ".join(addresses)), phrase(remedy), facts)
        return Step("ok", self._named(addresses), facts=facts)

    def _named(self, addresses: tuple[str, ...]) -> Phrase:
        told = {"host": self.host, "addresses": ", ".join(addresses[:4]), "resolver": resolver()}
        if self._is_address(addresses):
            return phrase(N_("{host} is an address, so there is no name to be resolved."), **told)
        where = N_("{host} is {addresses}, by {resolver}.") if told["resolver"] else N_("{host} is {addresses}.")
        if any(map(is_special, addresses)):
            return phrase(N_("{where} That is a private network."), where=phrase(where, **told))
        return phrase(where, **told)

    def _is_address(self, addresses: tuple[str, ...]) -> bool:
        return addresses == (self.host,)

    def _by_proxy(self) -> Step:
        return Step("skipped", phrase(N_("The name is not known here; the proxy resolves it.")))

    def _unresolved(self, error: NameNotResolved) -> Step:
        asked = resolver()
        text = N_("The name {host} could not be resolved by {resolver}: {detail}.")
        cause = phrase(text, **error.params, resolver=asked) if asked else phrase(error.cause_text, **error.params)
        remedy = N_(
            "Check the spelling. If the name is right, add a name server that knows it to /etc/resolv.conf of "
            "Chartroom's machine; where Chartroom runs in a cluster, the ConfigMap coredns forwards to the resolv.conf "
            "of the cluster's machines."
        )
        return Step("fail", cause, phrase(remedy), {"resolver": asked})

    def port_answers(self) -> Step:
        """The ``tcp`` rung."""
        if self.proxy:
            return Step("skipped", phrase(N_("The proxy makes the connection.")))
        try:
            reach(self._entries, self._clock.left(PATIENCE)).close()
        except OSError as error:
            return self._unreached(error)
        return Step("ok", phrase(N_("Port {port} answers."), port=self.port))

    def _unreached(self, error: OSError) -> Step:
        told = {"host": self.host, "port": self.port}
        if isinstance(error, ConnectionRefusedError):
            text = N_("{host} refuses connections to port {port}: nothing listens there.")
            remedy = N_("Check the port, and that the server runs. A firewall may refuse as well.")
        elif isinstance(error, TimeoutError):
            text = N_("Port {port} of {host} does not answer at all.")
            remedy = N_(
                "A firewall that drops packets looks like this, and so does a machine that is down. Ask whether "
                "Chartroom's machine may reach it."
            )
        else:
            text = N_("There is no way to {host}: {detail}.")
            remedy = N_("Look at the routes and the firewall of Chartroom's machine.")
        return Step("fail", phrase(text, **told, detail=(error.strerror or "?").lower()), phrase(remedy))

    def through_proxy(self) -> Step:
        """The ``proxy`` rung. Raises AddressRefused, TlsUnusable, CredentialsUnreadable."""
        if not self.proxy:
            return Step("skipped", phrase(N_("No proxy is set.")))
        shown = shown_url(self.proxy)
        try:
            self.dial().close()
        except NameNotResolved as error:
            return self._no_proxy(phrase(N_("its name could not be resolved: {detail}"), **error.params))
        except AddressRefused:
            raise
        except ProxyAnswer as answer:
            return self._refused_by_proxy(answer.status)
        except (OSError, ValueError) as error:
            return self._no_proxy(_why(error))
        text = N_("The proxy {proxy} connects to {host}.") if self.is_tls else N_("The proxy {proxy} answers.")
        return Step("ok", phrase(text, proxy=shown, host=self.host))

    def _no_proxy(self, detail: Phrase) -> Step:
        text = N_("The proxy {proxy} cannot be used: {detail}.")
        remedy = N_("Check its address. “direct” as proxy of the source uses none.")
        return Step("fail", phrase(text, proxy=shown_url(self.proxy), detail=detail), phrase(remedy))

    def _refused_by_proxy(self, status: int) -> Step:
        if status == _PROXY_AUTHENTICATION:
            return proxy_asks_who(self.proxy)
        text = N_("The proxy {proxy} does not connect to {host}: it answers {status}.")
        remedy = N_("Ask who runs the proxy to let Chartroom reach this host, or use “direct”.")
        cause = phrase(text, proxy=shown_url(self.proxy), host=self.host, status=status)
        return Step("fail", cause, phrase(remedy))

    # -- connections

    def dial(self) -> Wire:
        """A connection to the server, through the proxy if there is one.

        Raises OSError, ProxyAnswer; of a proxy also NameNotResolved, AddressRefused, TlsUnusable, ValueError.
        """
        if not self.proxy:
            return reach(self._entries, self._clock.left(PATIENCE))
        wire = self._dial_proxy()
        try:
            status = tunnel(wire, self.proxy, self.host, self.port, self._clock.left(PATIENCE)) if self.is_tls else _OK
        except BaseException:
            wire.close()
            raise
        if status != _OK:
            wire.close()
            raise ProxyAnswer(status)
        return wire

    def _dial_proxy(self) -> Wire:
        parts = urlsplit(self.proxy)
        if parts.scheme not in _PROXY_PORTS or not parts.hostname:
            raise ValueError(parts.scheme)
        port = parts.port or _PROXY_PORTS[parts.scheme]
        found = resolve(parts.hostname, port, self._proxy_network(), self._clock.left(PATIENCE))
        wire = reach(found, self._clock.left(PATIENCE))
        if parts.scheme == "http":
            return wire
        try:
            return secured(wire, parts.hostname, self._access.tls, self._clock.left(PATIENCE))
        except BaseException:
            wire.close()
            raise

    def _proxy_network(self) -> Network:
        """As in `Client`: what the environment names was chosen by whoever runs Chartroom."""
        return self._access.network if self._access.proxy else OPEN


class ProxyAnswer(Exception):
    """A proxy answers another ``status`` than 200."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


_OK, _PROXY_AUTHENTICATION = 200, 407


def proxy_asks_who(proxy: str) -> Step:
    """A proxy that wants to know who asks."""
    return Step(
        "fail",
        phrase(N_("The proxy {proxy} wants to know who asks (407)."), proxy=shown_url(proxy)),
        phrase(N_("Chartroom signs in to no proxy of a source. Let its machine pass, or name the proxy with its login "
                  "in the environment of Chartroom (HTTPS_PROXY).")),
    )  # fmt: skip


def _why(error: OSError | ValueError) -> Phrase:
    if isinstance(error, ConnectionRefusedError):
        return phrase(N_("it refuses the connection"))
    if isinstance(error, TimeoutError):
        return phrase(N_("it does not answer"))
    return phrase(N_("it does not answer as a proxy does"))
