"""Through which proxy a URL is asked for."""

from requests.utils import get_environ_proxies, select_proxy

from indexer.http.access import Access

DIRECT = "direct"
"""As a source's proxy: use none, whatever the environment says."""


def proxy_for(url: str, access: Access) -> str:
    """The address of the proxy; empty: none. It may hold a login, if the environment names it so."""
    if access.proxy == DIRECT:
        return ""
    return access.proxy or select_proxy(url, get_environ_proxies(url, no_proxy=None)) or ""
