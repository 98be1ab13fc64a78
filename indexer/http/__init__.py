"""The one place with HTTP manners: everything that is fetched over HTTP comes through a ``Client``.

``urls`` says which addresses may be used and who is the same origin, ``answers`` reads headers, ``coding`` unpacks gzip
within a budget, ``access`` says who asks and whom to believe, ``network`` which addresses may be dialled, ``tls`` makes
the context, ``proxies`` says which way a request goes, ``gate`` spares a server, ``transport`` gives sockets a
deadline, ``failures`` turns what requests raises into the project's errors, and ``client`` calls them in the right
order. ``probe`` takes the same steps one by one, to tell where a connection ends. Nothing outside this package imports
requests.
"""

from indexer.http.access import Access, Basic, Bearer, ClientCertificate, Credentials, Reveal, Tls
from indexer.http.client import Client, Download, Limits, Reply
from indexer.http.coding import GZIP_MAGIC, Gunzip, GzipBroken, GzipCut
from indexer.http.gate import Gates
from indexer.http.network import DEFAULT_ALLOW, LOOPBACK, Network, network
from indexer.http.proxies import DIRECT
from indexer.http.urls import check_url, host_of, is_address, join_chart_url, masked_url, origin, same_origin, shown_url

__all__ = [
    "DEFAULT_ALLOW",
    "DIRECT",
    "GZIP_MAGIC",
    "LOOPBACK",
    "Access",
    "Basic",
    "Bearer",
    "Client",
    "ClientCertificate",
    "Credentials",
    "Download",
    "Gates",
    "Gunzip",
    "GzipBroken",
    "GzipCut",
    "Limits",
    "Network",
    "Reply",
    "Reveal",
    "Tls",
    "check_url",
    "host_of",
    "is_address",
    "join_chart_url",
    "masked_url",
    "network",
    "origin",
    "same_origin",
    "shown_url",
]
