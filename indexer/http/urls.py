"""Which addresses may be used, how they are joined, and how they are shown. Pure.

A URL is checked against a strict grammar of its own before any library parses it, so that the host that was looked at
and the host that is dialled cannot differ (urlsplit and requests disagree about ``http://127.0.0.1:80\\@example.com/``).
"""

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from indexer.errors import N_, BadRedirect, BadUrl, Phrase, phrase

MAX_URL = 8192
"""Characters. Signed addresses of object stores take more than 2,048."""
_SHOWN = 300
_SHOWN_SCHEMES = frozenset({"http", "https", "oci", "ftp", "ssh", "git", "s3", "gs"})
"""In a refused address with a user name. Anything else before its :// may be a password that has a :// in it."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SHAPE = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?:[/?][^#]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_STRAY = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
_LAST_PORT = 65535
_LONGEST_HOST = 253
_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> str:
    """Return ``url`` if it may be fetched: http or https, a plain host, nothing that two parsers read in two ways.

    Raises BadUrl, whose text never holds a user name, a password or a query.
    """
    fault = _fault(url)
    if fault:
        raise BadUrl(url=masked_url(url), detail=fault)
    return url


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a checked URL, in lower case and with the default port filled in."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def host_of(url: str) -> str:
    """The host of a checked URL, in lower case."""
    return urlsplit(url).hostname or ""


def is_address(host: str) -> bool:
    """Whether ``host`` is an IPv4 or IPv6 address (without brackets), and no name."""
    return _is_address(host, ipaddress.IPv4Address) or _is_address(host, ipaddress.IPv6Address)


def same_origin(one: str, other: str) -> bool:
    """Whether two checked URLs have the same scheme, host and port; compared as wholes, never by suffix."""
    return origin(one) == origin(other)


def shown_url(url: str) -> str:
    """A checked ``url`` as an error or a log may show it: without its query, which may hold a token."""
    parts = urlsplit(url)
    return _short(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))


def masked_url(text: str) -> str:
    """An address that was refused as an error may show it: without its query, and with all before its last @ left out,
    wherever that stands, but for a scheme that is known."""
    if len(text) > MAX_URL:
        return f"({len(text):,} characters)"
    shown = _without_user(text) if "@" in text else text
    return _short(shown.partition("?")[0].partition("#")[0])


def join_chart_url(index_url: str, listed: str) -> str:
    """The address of an archive that the index at ``index_url`` (checked) lists as ``listed``, absolute or relative.

    As in Helm, the query of the repository's own address (a token, say) goes along with relative addresses; unlike
    there, only to the same origin. Raises BadUrl.
    """
    plain = _ascii(_plain_text(listed))
    if _SCHEME.match(plain):
        return check_url(plain)
    joined = check_url(_joined(index_url, plain))
    query = urlsplit(index_url).query
    if query and same_origin(joined, index_url):
        return check_url(urlunsplit(urlsplit(joined)._replace(query=query)))
    return joined


def redirect_target(url: str, location: str) -> str:
    """Where an answer of ``url`` with ``Location: location`` leads.

    Raises BadRedirect for a step from https down to http and for all that ``check_url`` refuses.
    """
    try:
        target = check_url(_resolved(url, location))
    except BadUrl as refused:
        # what was refused has lost its part behind #, and with it perhaps the @ that tells a password
        told = masked_url(location) if "@" in location else refused.params["url"]
        detail = phrase(N_("to {url}: {detail}"), url=told, detail=refused.params["detail"])
        raise BadRedirect(url=shown_url(url), detail=detail) from None
    if url.lower().startswith("https:") and not target.lower().startswith("https:"):
        raise BadRedirect(url=shown_url(url), detail=phrase(N_("from https down to {url}"), url=shown_url(target)))
    return target


def _resolved(url: str, location: str) -> str:
    plain = _ascii(_plain_text(location)).partition("#")[0]
    return plain if _SCHEME.match(plain) else _joined(url, plain)


def _joined(base: str, relative: str) -> str:
    try:
        return urljoin(base, relative)
    except ValueError:
        raise BadUrl(url=masked_url(relative), detail=phrase(N_("its host name is not one"))) from None


def _plain_text(text: str) -> str:
    fault = _text_fault(text)
    if fault:
        raise BadUrl(url=masked_url(text), detail=fault)
    return text


def _text_fault(text: str) -> Phrase | None:
    """What is wrong before any parsing: urlsplit would silently drop tabs, and servers read a backslash as a slash."""
    if not text:
        return phrase(N_("it is empty"))
    if len(text) > MAX_URL:
        return phrase(N_("it is longer than {limit} characters"), limit=f"{MAX_URL:,}")
    stray = _STRAY.search(text)
    if stray is None:
        return None
    return phrase(N_("it has a character that no address may have (U+{code})"), code=f"{ord(stray[0]):04X}")


def _fault(url: str) -> Phrase | None:
    fault = _text_fault(url)
    if fault:
        return fault
    if not url.isascii():
        return phrase(N_("it has characters beyond ASCII; write the host as xn--… and percent-encode the path"))
    if "#" in url:
        return phrase(N_("it has a part behind #"))
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        return phrase(N_("it does not start with http:// or https://"))
    return _authority_fault(shape["authority"])


def _authority_fault(authority: str) -> Phrase | None:
    if "@" in authority or "%40" in authority:
        return phrase(N_("it has a user name or password in it; give them as --username and --password-file"))
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        return phrase(N_("its host name is not one"))
    if parts["port"] and not 0 < int(parts["port"]) <= _LAST_PORT:
        return phrase(N_("its port is not between 1 and 65535"))
    return _host_fault(parts["host"])


def _host_fault(host: str) -> Phrase | None:
    """As in the WHATWG URL standard, a host that ends in a number must be a plain IPv4 address: resolvers take
    ``127.1`` and ``0x7f.1`` for loopback."""
    if host.startswith("["):
        if _is_address(host[1:-1], ipaddress.IPv6Address):
            return None
        return phrase(N_("its host is not an IPv6 address"))
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        return phrase(N_("its host name is not one"))
    if _NUMBER.fullmatch(labels[-1]) and not _is_address(host, ipaddress.IPv4Address):
        return phrase(N_("its host is a number, and not an IPv4 address in four parts"))
    return None


def _is_address(text: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _ascii(text: str) -> str:
    """``text`` with all beyond ASCII percent-encoded as UTF-8; lone surrogates become question marks."""
    return quote(text, safe=_PRINTABLE_ASCII, errors="replace")


def _without_user(url: str) -> str:
    before, _, after = url.rpartition("@")
    scheme, colon, _ = before.partition("://")
    return scheme + colon + after if colon and scheme.lower() in _SHOWN_SCHEMES else after


def _short(text: str) -> str:
    clean = "".join(character if character.isprintable() else "�" for character in text)
    return clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + "…"
