"""How each cluster is, and what is known of captain there."""

import zlib
from collections.abc import Sequence

from flask import Blueprint, render_template, request

from catalog_web.auth import rule
from catalog_web.install.cluster_states import ClusterState
from catalog_web.pages.view import seen_clusters, services

_FIRST_PATIENCE, _PATIENCE = 0.7, 3.0
"""Seconds for the clusters: little before the first sight of the page, more when it looks again by itself."""

pages = Blueprint("clusters", __name__)


@pages.get("/clusters")
@rule("cluster.read", "cluster")
def index() -> str:
    """Every cluster with its state; one that does not answer costs only its own part."""
    again = request.headers.get("HX-Request") == "true"
    asked = services().installs.states(_PATIENCE if again else _FIRST_PATIENCE)
    told = {one.cluster: one for one in asked}
    clusters = seen_clusters()
    states = [told[one.name] for one in clusters]
    return render_template(
        "clusters/index.html",
        clusters=list(zip(clusters, states, strict=True)),
        awaited=any(one.health is None for one in states),
        version=_fingerprint(states),
    )


def _fingerprint(states: Sequence[ClusterState]) -> str:
    told = [
        (one.state, one.health and (one.health.version, str(one.health.error)), [check.cause for check in one.checks])
        for one in states
    ]
    return f"{zlib.crc32(repr(told).encode('utf-8', 'replace')):x}"
