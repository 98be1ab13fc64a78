"""Which foreign addresses become links: one rule for READMEs and for home, sources, maintainers and icons."""

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

_LONGEST = 2048
_WEB = ("http", "https")
_USERINFO = re.compile(r"^\s*((?:[a-zA-Z][\w+.-]*:)?//)[^/?#\s]*@")
_FORGES = frozenset({"github.com", "www.github.com", "gitlab.com"})
_FORGE_FILE = re.compile(r"^(https?://[^/]+/[^/]+/[^/]+(?:/-)?)/(?:blob|tree)/")
_HIDDEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Unicode categories of what browsers drop from an address or readers cannot see: controls, bidi marks, blanks."""


def safe_link(url: str) -> str | None:
    """``url`` as it may stand in an ``href``, or None where it is to be shown as text.

    Only absolute ``http``, ``https`` and ``mailto`` addresses pass, without blanks, control or invisible characters,
    backslashes (browsers take them for slashes, Python does not) and user names (they pass for the host).
    """
    url = url.strip(" \t\r\n\f")
    if not url or len(url) > _LONGEST or "\\" in url or any(unicodedata.category(one) in _HIDDEN for one in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme in _WEB:
        return url if host and "@" not in parts.netloc else None
    return url if parts.scheme == "mailto" and "@" in parts.path and not parts.netloc else None


def without_userinfo(url: str) -> str:
    """``url`` as anybody may see it: a user name and password before its host are left out."""
    return _USERINFO.sub(r"\1", url)


def folder_link(url: str) -> str | None:
    """``url`` with a slash at its end where it is that of a folder of files on GitHub or GitLab; else None."""
    link = safe_link(url)
    if not link or urlsplit(link).netloc.lower() not in _FORGES or not _FORGE_FILE.match(link):
        return None
    return link.partition("?")[0].partition("#")[0].rstrip("/") + "/"


def raw_address(url: str) -> str:
    """The address of a file itself where ``url`` is that of the page on which GitHub or GitLab shows it."""
    if urlsplit(url).netloc.lower() in _FORGES:
        return _FORGE_FILE.sub(r"\1/raw/", url, count=1)
    return url


def relative_link(url: str, base: str) -> str | None:
    """A relative ``url`` joined to the web address ``base``; None without a base or off its host."""
    url = url.strip(" \t\r\n\f")
    if not base or not url or url.startswith(("//", "#")) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        joined = urljoin(base, url)
        same_host = urlsplit(joined)[:2] == urlsplit(base)[:2]
    except ValueError:
        return None
    return safe_link(joined) if same_host and not parts.scheme and not parts.netloc else None
