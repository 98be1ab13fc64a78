"""From what a source was registered with to how it is reached: who asks, whom to believe, which addresses are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Protocol

from indexer.errors import N_, CredentialsUnreadable, phrase
from indexer.http import (
    DEFAULT_ALLOW,
    DIRECT,
    LOOPBACK,
    Access,
    Basic,
    Bearer,
    ClientCertificate,
    Credentials,
    Network,
    Reveal,
    Tls,
    host_of,
    is_address,
    network,
)
from indexer.model import SecretField, Source
from indexer.secret_file import read_secret, read_secret_text


class SecretReader(Protocol):
    """Reads Secrets of the clusters that are configured."""

    def read(self, cluster: str, namespace: str, name: str) -> Mapping[str, str]:
        """The texts of a Secret by key. Raises SourceError (CredentialsUnreadable, for one) where it cannot be had."""
        ...


class StoredSecrets(Protocol):
    """Gives the secrets that are kept encrypted."""

    def get(self, source: str, field: SecretField) -> str | None:
        """A secret of a source, or None. Raises CredentialsUnreadable."""
        ...


@dataclass(frozen=True, slots=True)
class NoClusters:
    """The reader where no cluster can be asked."""

    def read(self, cluster: str, namespace: str, name: str) -> Mapping[str, str]:
        """Raise CredentialsUnreadable."""
        raise CredentialsUnreadable(
            path=phrase(N_("the Secret {name}"), name=f"{cluster}/{namespace}/{name}"),
            detail=phrase(N_("no cluster is configured")),
        )


@dataclass(frozen=True, slots=True)
class _Beside:
    stored: StoredSecrets
    secrets: Mapping[SecretField, str] = field(repr=False)

    def get(self, source: str, field: SecretField) -> str | None:
        return self.secrets[field] if field in self.secrets else self.stored.get(source, field)


class Accesses:
    """Knows where secrets are. ``allow``: networks beside public addresses that sources may reach (CIDR)."""

    def __init__(
        self, stored: StoredSecrets, clusters: SecretReader | None = None, allow: Sequence[str] = DEFAULT_ALLOW
    ) -> None:
        self._stored, self._clusters, self._allow = stored, clusters or NoClusters(), tuple(allow)

    def of(self, source: Source) -> Access:
        """How ``source`` is reached. A Secret of a cluster is read at once, all else when it is needed.

        Raises CredentialsUnreadable where that Secret cannot be had.
        """
        if source.kind == "directory":
            return Access()
        secret = self._secret(source)
        return Access(
            credentials=self._credentials(source, secret),
            credential_origins=source.credential_origins,
            tls=Tls(self._ca(source, secret), not source.insecure_skip_verify, self._client(source, secret)),
            proxy=source.proxy,
            network=network_of(source, self._allow),
        )

    def of_pictures(self, source: Source) -> Access:
        """How the pictures that charts of ``source`` name are reached: as the source is. A folder has no servers of its
        own, so what its charts name is judged as what a stranger typed. Raises as ``of``."""
        if source.kind == "directory":
            return Access(network=network(self._allow))
        return self.of(source)

    def with_secrets(self, secrets: Mapping[SecretField, str]) -> "Accesses":
        """The same for a source some of whose ``secrets`` are not kept yet."""
        return Accesses(_Beside(self._stored, secrets), self._clusters, self._allow)

    def _secret(self, source: Source) -> Mapping[str, str]:
        if not source.secret_ref:
            return {}
        cluster, namespace, name = source.secret_ref.split("/")
        return self._clusters.read(cluster, namespace, name)

    def _credentials(self, source: Source, secret: Mapping[str, str]) -> Credentials | None:
        if token := self._revealed(source, "token", source.token_file, secret.get("token")):
            return Bearer(token)
        username = source.username or secret.get("username", "").strip("\r\n")
        if not username:
            return None
        password = self._revealed(source, "password", source.password_file, secret.get("password"))
        return Basic(username, password or partial(_absent, N_("the password")))

    def _revealed(self, source: Source, field: SecretField, file: str, referenced: str | None) -> Reveal | None:
        """Where one line of secret text is: in a file, in the store, or in a Secret; None: nowhere."""
        if file:
            return partial(read_secret, file)
        if field in source.stored_secrets:
            return self._kept(source, field)
        return None if referenced is None else partial(str, referenced.strip("\r\n"))

    def _kept(self, source: Source, field: SecretField) -> Reveal:
        """A project of a Harbor is read with what is kept for the Harbor."""

        def reveal() -> str:
            text = self._stored.get(source.parent or source.name, field)
            return _absent(N_("the stored secret")) if text is None else text

        return reveal

    def _ca(self, source: Source, secret: Mapping[str, str]) -> Reveal | None:
        if source.ca:
            return partial(str, source.ca)
        if source.ca_file:
            return partial(read_secret_text, source.ca_file)
        return partial(str, secret["ca.crt"]) if "ca.crt" in secret else None

    def _client(self, source: Source, secret: Mapping[str, str]) -> ClientCertificate | None:
        certificate: Reveal | None = None
        if source.client_cert:
            certificate = partial(str, source.client_cert)
        elif source.client_cert_file:
            certificate = partial(read_secret_text, source.client_cert_file)
        elif "tls.crt" in secret:
            certificate = partial(str, secret["tls.crt"])
        return None if certificate is None else ClientCertificate(certificate, self._client_key(source, secret))

    def _client_key(self, source: Source, secret: Mapping[str, str]) -> Reveal:
        if source.client_key_file:
            return partial(read_secret_text, source.client_key_file)
        if "client_key" in source.stored_secrets:
            return self._kept(source, "client_key")
        if "tls.key" in secret:
            return partial(str, secret["tls.key"])
        return partial(_absent, N_("the key of the client certificate"))


def network_of(source: Source, allow: Sequence[str]) -> Network:
    """Which addresses ``source`` may reach: public ones and ``allow``; of whoever runs the server, also loopback ones
    by the names that they gave, and wherever it leads if its own address is a loopback one."""
    if not (source.operator or source.configured):
        return network(allow)
    home = host_of(source.url)
    if is_loopback(home):
        return network((*allow, *LOOPBACK))
    return network(allow, LOOPBACK, map(host_of, _named(source)))


def _named(source: Source) -> tuple[str, ...]:
    """The addresses that ``source`` was registered with."""
    proxies = (source.proxy,) if source.proxy and source.proxy != DIRECT else ()
    return (source.url, *proxies, *source.credential_origins)


def closed_address(source: Source, allow: Sequence[str]) -> tuple[str, str] | None:
    """The first host and address among those that ``source`` names outright which it may not reach; None: all are open,
    as far as that can be told without asking a resolver."""
    permitted = network_of(source, allow)
    for url in _named(source):
        host = host_of(url).rstrip(".")
        address = host if is_address(host) else "127.0.0.1" if is_loopback(host) else ""
        if address and not permitted.permits(host, address):
            return host, address
    return None


def is_loopback(host: str) -> bool:
    """Whether ``host``, in lower case, names this machine by itself, whatever a resolver says."""
    name = host.rstrip(".")
    if is_address(name):
        return any(ip_address(name) in ip_network(one) for one in LOOPBACK)
    return name == "localhost" or name.endswith(".localhost")


def _absent(what: str) -> str:
    raise CredentialsUnreadable(path=phrase(what), detail=phrase(N_("it is not there")))
