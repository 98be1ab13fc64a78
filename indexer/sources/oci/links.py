"""``Link``: where the next page of a list is (RFC 8288). Pure.

Only the query of such a link is ever used, on the path that was asked before: a registry cannot lead elsewhere. A link
that tries to is refused and not overlooked, as the list would be cut short.
"""

import re
from urllib.parse import urljoin, urlsplit

from indexer.errors import N_, BadUrl, Phrase, RegistryInvalid, phrase
from indexer.http import check_url, host_of, shown_url

MAX_HEADER = 8192
_LINK = re.compile(
    r'[ \t,]*<([^<>]*)>((?:[ \t]*;[ \t]*[\w!#$&+.^`|~-]+(?:[ \t]*=[ \t]*(?:"[^"]*"|[^\s",;]+))?)*)[ \t]*'
)
_REL = re.compile(r'(?:^|;)[ \t]*rel[ \t]*=[ \t]*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)
_LISTED = re.compile(r"/v2/(?:(?P<name>.+)/tags/list|_catalog)$")


def next_query(header: str, url: str) -> str:
    """The query of the page after ``url`` (checked) according to its answer's ``Link``; empty where there is none.

    The link may be relative; a proxy before the registry may have put a prefix before its paths, so the link's
    repository may be the end of ours. Raises RegistryInvalid for a link to another host or another list.
    """
    target = _next_target(header, url)
    if not target:
        return ""
    try:
        linked = check_url(urljoin(url, target))
    except (BadUrl, ValueError):
        raise _refused(url, phrase(N_("the address of its next page is not one"))) from None
    if host_of(linked) != host_of(url):
        raise _refused(url, phrase(N_("its next page is on another server")))
    if not _same_list(urlsplit(linked).path, urlsplit(url).path):
        raise _refused(url, phrase(N_("its next page is one of another list")))
    return urlsplit(linked).query


def _next_target(header: str, url: str) -> str:
    at = 0
    while found := _LINK.match(header, at) if len(header) <= MAX_HEADER else None:
        rel = _REL.search(found[2])
        if rel and "next" in (rel[1] or rel[2] or "").lower().split():
            return found[1]
        at = found.end()
    if header[at:].strip(" \t,"):
        raise _refused(url, phrase(N_("its Link header cannot be read")))
    return ""


def _same_list(linked: str, asked: str) -> bool:
    theirs, ours = _LISTED.search(linked), _LISTED.search(asked)
    if theirs is None or ours is None:
        return False
    if theirs["name"] is None or ours["name"] is None:
        return theirs["name"] == ours["name"]
    return f"/{ours['name']}".endswith(f"/{theirs['name']}")


def _refused(url: str, detail: Phrase) -> RegistryInvalid:
    return RegistryInvalid(url=shown_url(url), detail=detail)
