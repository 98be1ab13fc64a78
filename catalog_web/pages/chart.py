"""One version of a chart: what it is, how it is set, what it is made of. The tab is in the address."""

import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext

from catalog_web import yaml_text
from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.pages.view import known_sources, number_argument, services
from catalog_web.readmes import Readmes
from indexer.errors import NotFound
from indexer.model import ArchiveContent, ArchiveFile, Dependency, Problem, Source

pages = Blueprint("chart", __name__)

VERSIONS_A_PAGE = 100
_LICENCE = ("artifacthub.io/license", "license", "licence", "licenses")


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab with how many things it shows; None where there is nothing to count."""

    key: str
    label: str
    count: int | None = None


@pages.get("/charts/<source>/<name>", endpoint="page")
@pages.get("/charts/<source>/<name>/<version>", endpoint="page")
@rule("catalog.read", "chart/{source}/{name}")
def page(source: str, name: str, version: str = "") -> str:
    """Show the version, by default the latest, with one of its tabs."""
    shown = services().catalog.version(source, name, version)
    tabs = _tabs(shown)
    asked = request.args.get("tab", "readme")
    tab = asked if asked in {one.key for one in tabs} else "readme"
    return render_template(
        "chart/page.html",
        shown=shown,
        source=known_sources()[source].source,
        tab=tab,
        tabs=[(one.key, one.label, one.count) for one in tabs],
        latest=shown.version.version == shown.chart.version,
        problems=_problems(shown),
        licence=_licence(shown),
        commands=helm_commands(known_sources()[source].source, shown),
        **_tab_content(tab, shown),
    )


@pages.get("/charts/<source>/<name>/<version>/values.yaml")
@rule("catalog.read", "chart/{source}/{name}")
def values_file(source: str, name: str, version: str) -> Response:
    """Send values.yaml byte for byte, as a file."""
    content = services().catalog.version(source, name, version).content
    if content is None or not content.values:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="values.yaml"'}
    return Response(content.values, mimetype="text/plain", headers=headers)


def _tabs(shown: VersionPage) -> list[Tab]:
    content, dependencies = shown.content, _dependencies(shown)
    tabs = [Tab("readme", gettext("README")), Tab("values", gettext("Values"))]
    if content and content.schema:
        tabs.append(Tab("schema", gettext("Schema")))
    if content and content.templates:
        tabs.append(Tab("templates", gettext("Templates"), len(content.templates)))
    if content and content.crds:
        tabs.append(Tab("crds", gettext("CRDs"), len(content.crds)))
    if dependencies:
        tabs.append(Tab("dependencies", gettext("Dependencies"), len(dependencies)))
    return [*tabs, Tab("versions", gettext("Versions"), len(shown.versions))]


def _tab_content(tab: str, shown: VersionPage) -> dict[str, Any]:
    """Return what the template of ``tab`` needs."""
    content = shown.content
    if tab == "versions":
        return _versions(shown)
    if tab == "dependencies":
        return {"dependencies": [(one, _source_of(one, shown)) for one in _dependencies(shown)]}
    if content is None:
        return {}
    if tab == "readme":
        return {"readme": _readmes().get(content.readme) if content.readme else None}
    if tab == "values":
        return _values(content)
    if tab == "schema":
        return {"lines": yaml_text.plain(content.schema), "cut": _is_cut(content.schema)}
    return _files(content.templates if tab == "templates" else content.crds, colours=tab == "crds")


def _values(content: ArchiveContent) -> dict[str, Any]:
    wanted = request.args.get("find", "")[:200]
    return {
        "lines": yaml_text.highlight(content.values),
        "cut": _is_cut(content.values),
        "wanted": wanted,
        "found": yaml_text.find(content.values, wanted),
    }


def _files(files: tuple[ArchiveFile, ...], *, colours: bool) -> dict[str, Any]:
    wanted = request.args.get("file", "")
    chosen = next((one for one in files if one.path == wanted), files[0])
    lines = yaml_text.highlight(chosen.text) if colours else yaml_text.plain(chosen.text)
    return {"files": files, "chosen": chosen, "lines": lines, "cut": _is_cut(chosen.text)}


def _versions(shown: VersionPage) -> dict[str, Any]:
    last = max(1, -(-len(shown.versions) // VERSIONS_A_PAGE))
    at = min(number_argument("page"), last)
    return {"rows": shown.versions[(at - 1) * VERSIONS_A_PAGE : at * VERSIONS_A_PAGE], "at": at, "last": last}


def _is_cut(text: str) -> bool:
    return text.count("\n") > yaml_text.MAX_LINES


def _readmes() -> Readmes:
    found: Readmes = current_app.extensions.setdefault("chartroom_readmes", Readmes())
    return found


def _dependencies(shown: VersionPage) -> tuple[Dependency, ...]:
    return (shown.content.dependencies if shown.content else ()) or shown.metadata.dependencies


def _source_of(dependency: Dependency, shown: VersionPage) -> str:
    """Name of the source where the reader finds ``dependency``; empty where it is in none.

    That is the source with its repository. A folder has no address that a repository could name, and ``file://`` means
    the folder beside the chart: for both it is the source that the chart itself comes from.
    """
    wanted = dependency.repository.rstrip("/")
    known = (state.source for state in known_sources().values() if state.source.kind == "index")
    owner = next((one.name for one in known if wanted and one.url.rstrip("/") == wanted), "")
    if not owner and (known_sources()[shown.chart.source].source.kind == "directory" or wanted.startswith("file:")):
        owner = shown.chart.source
    return owner if services().store.catalog.charts([(owner, dependency.name)]) else ""


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
