"""The doors of a clue as a page offers them: something to press, an address to open, or a text to copy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import url_for

from catalog_web.i18n import said
from catalog_web.install.doors import Door, DoorId
from catalog_web.install.status import App

PRESSED: frozenset[DoorId] = frozenset({"sync", "create-namespace", "resync", "force-adopt", "resume"})
"""Doors that are gone through by sending a form."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out. ``open``: a link; ``press``: a button; ``copy``: a text."""

    kind: Literal["open", "press", "copy"]
    label: str
    """In the reader's language."""
    address: str = ""
    do: str = ""
    """What the form that is pressed says."""
    text: str = ""


def ways(doors: Iterable[Door], app: App) -> tuple[Way, ...]:
    """The ways that are open for ``app``: one of whose source nothing is known has no page to look at."""
    return tuple(way for door in doors if (way := _way(door, app)))


def _way(door: Door, app: App) -> Way | None:
    label = said(door.label_text, door.params)
    if door.text:
        return Way("copy", label, text=door.text)
    if door.id in PRESSED:
        address = url_for("apps.act", cluster=app.cluster, namespace=app.namespace, name=app.name)
        return Way("press", label, address, do=door.id)
    address = _address(door.id, app, door.params)
    return Way("open", label, address) if address else None


def _address(door: DoorId, app: App, params: Mapping[str, Any]) -> str:
    return next(_addresses(door, app, params), "")


def _addresses(door: DoorId, app: App, params: Mapping[str, Any]) -> Iterator[str]:
    namespace, _, name = str(params.get("other", "")).rpartition("/")
    if door == "app" and name:
        yield url_for("apps.page", cluster=app.cluster, namespace=namespace or app.namespace, name=name)
    elif door == "source" and app.source:
        yield url_for("sources.page", name=app.source)
    elif door == "publish" and app.source:
        yield url_for("sources.captain", name=app.source)
    elif door == "install-again" and app.source and app.version:
        about: dict[str, Any] = {"source": app.source, "name": app.chart, "version": app.version}
        yield url_for("install.form", cluster=app.cluster, namespace=app.namespace, **about)
