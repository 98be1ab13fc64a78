"""The page of a version: its head, the chosen tab, the facts beside it."""

import shlex
from urllib.parse import urlsplit

from flask import render_template, request

from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.chart.changes import changes
from catalog_web.pages.chart.tabs import tabs
from catalog_web.pages.view import known_sources, services
from indexer.model import Problem, Source

_LICENCE = ("artifacthub.io/license", "license", "licence", "licenses")


@pages.get("/charts/<source>/<name>", endpoint="page")
@pages.get("/charts/<source>/<name>/<version>", endpoint="page")
@rule("catalog.read", "chart/{source}/{name}")
def page(source: str, name: str, version: str = "") -> str:
    """Show the version, by default the latest, with one of its tabs."""
    shown = services().catalog.version(source, name, version)
    offered = tabs(shown)
    asked = request.args.get("tab", "readme")
    tab = next((one for one in offered if one.key == asked), offered[0])
    return render_template(
        "chart/page.html",
        shown=shown,
        source=known_sources()[source].source,
        tab=tab.key,
        needs_archive=tab.needs_archive,
        tabs=[(one.key, one.label, one.count) for one in offered],
        latest=shown.version.version == shown.chart.version,
        problems=_problems(shown),
        changes=changes(shown),
        licence=_licence(shown),
        signature=services().signatures.of(shown),
        commands=helm_commands(known_sources()[source].source, shown),
        **tab.content(shown),
    )


def _problems(shown: VersionPage) -> list[Problem]:
    """What is wrong with this version or with the chart as a whole, beside an archive that cannot be had."""
    told = shown.content_error.cause if shown.content_error else None
    mine = ("", shown.version.version)
    found = services().catalog.problems(shown.chart.source, shown.chart.name)
    return [one for one in found if one.version in mine and one.cause != told]


def _licence(shown: VersionPage) -> str:
    notes = shown.metadata.annotations
    return next((notes[name] for name in _LICENCE if notes.get(name)), "")


def helm_commands(source: Source, shown: VersionPage) -> str:
    """Return the commands that install the version with helm; empty for a folder, which helm cannot add."""
    address = next((url for url in shown.version.urls if url.startswith("oci://")), "")
    if address and source.kind != "index":
        return _helm_commands_of_registry(source, shown, address)
    if source.kind != "index":
        return ""
    quoted = shlex.quote
    name, version = shown.chart.name, shown.version.version
    login = f" --username {quoted(source.username)} --password-stdin" if source.username else ""
    return (
        f"helm repo add {quoted(source.name)} {quoted(source.shown_url)}{login}\n"
        f"helm install {quoted('my-' + name)} {quoted(f'{source.name}/{name}')} --version {quoted(version)}"
    )


def _helm_commands_of_registry(source: Source, shown: VersionPage, address: str) -> str:
    """``address`` ends with the tag, which helm makes of the version by itself."""
    quoted = shlex.quote
    repository, version = address.rpartition(":")[0], shown.version.version
    host = quoted(urlsplit(address).netloc)
    login = f"helm registry login {host} --username {quoted(source.username)} --password-stdin\n"
    install = f"helm install {quoted('my-' + shown.chart.name)} {quoted(repository)} --version {quoted(version)}"
    return f"{login if source.username else ''}{install}"
