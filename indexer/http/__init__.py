"""The one place with HTTP manners: everything that is fetched over HTTP comes through ``Client.download``.

``urls`` says which addresses may be used and who is the same origin, ``answers`` reads headers, ``coding`` unpacks gzip
within a budget, ``transport`` gives sockets a deadline, ``failures`` turns what requests raises into the project's
errors, and ``client`` calls them in the right order. Nothing outside this package imports requests.
"""

from indexer.http.client import Client, Credentials, Download, Limits
from indexer.http.coding import GZIP_MAGIC, Gunzip, GzipBroken, GzipCut
from indexer.http.urls import check_url, join_chart_url, same_origin, shown_url

__all__ = [
    "GZIP_MAGIC",
    "Client",
    "Credentials",
    "Download",
    "Gunzip",
    "GzipBroken",
    "GzipCut",
    "Limits",
    "check_url",
    "join_chart_url",
    "same_origin",
    "shown_url",
]
