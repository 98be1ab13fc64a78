"""The doors of a clue as a page offers them: something to press, an address to open, or a text to copy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import url_for

from catalog_web.i18n import said
from catalog_web.install.doors import Door, DoorId
from catalog_web.install.status import NO_SYNC, App

_PRESSED: Mapping[DoorId, tuple[str, str, str]] = {
    "sync": ("apps.act", "do", "sync"),
    "create-namespace": ("apps.act", "do", "create-namespace"),
    "resync": ("apps.annotate", "step", "resync"),
    "force-adopt": ("apps.annotate", "step", "set:captain-force-adopt-resources"),
    "resume": ("apps.annotate", "step", f"drop:{NO_SYNC}"),
}
"""Doors that are gone through by sending a form: the view, and the field that tells it what to do."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out. ``open``: a link; ``press``: a button; ``copy``: a text."""

    kind: Literal["open", "press", "copy"]
    label: str
    """In the reader's language."""
    address: str = ""
    field: str = ""
    value: str = ""
    """What the form that is pressed says."""
    text: str = ""


def ways(doors: Iterable[Door], app: App) -> tuple[Way, ...]:
    """The ways that are open for ``app``: one of whose source nothing is known has no page to look at."""
    return tuple(way for door in doors if (way := _way(door, app)))


def _way(door: Door, app: App) -> Way | None:
    label = said(door.label_text, door.params)
    if door.text:
        return Way("copy", label, text=door.text)
    if door.id in _PRESSED:
        view, field, value = _PRESSED[door.id]
        address = url_for(view, cluster=app.cluster, namespace=app.namespace, name=app.name)
        return Way("press", label, address, field, value)
    address = _address(door.id, app, door.params)
    return Way("open", label, address) if address else None


def _address(door: DoorId, app: App, params: Mapping[str, Any]) -> str:
    return next(_addresses(door, app, params), "")


def _addresses(door: DoorId, app: App, params: Mapping[str, Any]) -> Iterator[str]:
    namespace, _, name = str(params.get("other", "")).rpartition("/")
    if door == "app" and name:
        yield url_for("apps.page", cluster=app.cluster, namespace=namespace or app.namespace, name=name)
    elif door in ("values", "upgrade") and app.source:
        yield url_for("apps.upgrade", cluster=app.cluster, namespace=app.namespace, name=app.name)
    elif door == "source" and app.source:
        yield url_for("sources.page", name=app.source)
    elif door == "publish" and app.source:
        yield url_for("sources.captain", name=app.source)
    elif door == "install-again" and app.source and app.version:
        about: dict[str, Any] = {"source": app.source, "name": app.chart, "version": app.version}
        yield url_for("install.form", cluster=app.cluster, namespace=app.namespace, **about)
