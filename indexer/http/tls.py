"""Which certificates are believed, as an ``ssl.SSLContext``."""

import os
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path

import certifi

from indexer.errors import N_, CredentialsUnreadable, TlsUnusable, phrase
from indexer.http.access import ClientCertificate, Tls


def tls_context(tls: Tls, *, with_client: bool) -> ssl.SSLContext:
    """The context for connections under ``tls``; ``with_client``: the client certificate may be shown.

    Raises TlsUnusable, CredentialsUnreadable.
    """
    if tls == Tls():
        return _default_context()
    context = _trusting_the_system()
    if tls.ca is not None:
        _trust(context, tls.ca())
    if tls.client is not None and with_client:
        _show(context, tls.client)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@lru_cache(maxsize=1)
def _default_context() -> ssl.SSLContext:
    return _trusting_the_system()


def _trusting_the_system() -> ssl.SSLContext:
    """What the machine trusts, and certifi's list for machines that come without one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.load_verify_locations(certifi.where())
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if named and Path(named).exists():
        bundle = Path(named)
        context.load_verify_locations(
            cafile=None if bundle.is_dir() else named, capath=named if bundle.is_dir() else None
        )
    return context


def _trust(context: ssl.SSLContext, pem: str) -> None:
    try:
        context.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError) as error:
        detail = phrase(N_("the certificates to be trusted are not PEM text"))
        raise TlsUnusable(detail=detail) from error
    # A server's own certificate, or an issuer that is no root, may be trusted by itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _show(context: ssl.SSLContext, client: ClientCertificate) -> None:
    """``ssl`` reads keys from files only: one that nobody else may read, and that is gone at once."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(f"{client.certificate()}\n{client.key()}\n")
        file.flush()
        try:
            context.load_cert_chain(file.name, password=_no_password)
        except (ssl.SSLError, CredentialsUnreadable) as error:
            detail = phrase(N_("client certificate and key are not PEM text that belongs together"))
            raise TlsUnusable(detail=detail) from error


def _no_password() -> str:
    """Without it OpenSSL would ask the terminal for the password of an encrypted key."""
    raise CredentialsUnreadable(path="client key", detail=phrase(N_("it is encrypted")))
