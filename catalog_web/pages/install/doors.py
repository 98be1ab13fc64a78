"""The ways out of what a check found that can be pressed in the form: each does one thing, then all is checked anew."""

from collections.abc import Callable, Mapping

from flask import url_for
from flask_babel import gettext

from catalog_web import doors, publishing
from catalog_web.auth import current_person, demand
from catalog_web.catalog import VersionPage
from catalog_web.install.doors import Door
from catalog_web.pages.install.typed import Typed
from catalog_web.pages.view import known_sources, services


def opened(shown: VersionPage, wanted: Typed, about: str) -> str:
    """Go through the door ``id:cluster`` and tell what was done; empty for one that there is not.

    Raises Forbidden, and what the deed raises.
    """
    door, _, cluster = about.partition(":")
    deed = DEEDS.get(door)
    return deed(shown, wanted, cluster) if deed and cluster in wanted.clusters else ""


def address_of(door: Door, version: str) -> str:
    """The page that a door leads to; empty for one that is pressed. ``version``: what was to be installed."""
    told = door.params
    match door.id:
        case "upgrade":
            return url_for(
                "apps.upgrade", cluster=told["cluster"], namespace=told["namespace"], name=told["name"], version=version
            )
        case "source":
            return url_for("sources.page", name=told["source"])
        case _:
            return ""


def _make_namespace(_shown: VersionPage, wanted: Typed, cluster: str) -> str:
    demand("app.install", f"app/{cluster}/{wanted.namespace}")
    doors.create_namespace(services(), cluster, wanted.namespace, current_person().name)
    return str(gettext("The namespace %(namespace)s was made.", namespace=wanted.namespace))


def _publish(shown: VersionPage, _wanted: Typed, cluster: str) -> str:
    demand("source.write", f"source/{shown.chart.source}")
    publishing.publish(services(), shown.chart.source, cluster)
    return str(gettext("captain was told; it reads the repository within about two minutes."))


def _sync(shown: VersionPage, _wanted: Typed, cluster: str) -> str:
    demand("source.sync", f"source/{shown.chart.source}")
    repo = known_sources()[shown.chart.source].source.chart_repo
    doors.sync_captain(services(), cluster, repo)
    return str(gettext("captain was told to read the repository now."))


DEEDS: Mapping[str, Callable[[VersionPage, Typed, str], str]] = {
    "create-namespace": _make_namespace,
    "publish": _publish,
    "sync": _sync,
}
