"""captain's side of a source: published or not, how captain fares with it; and what its clusters offer as sources."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web import publishing
from catalog_web.auth import current_person, rule
from catalog_web.captain.errors import HelmUrlUnknown
from catalog_web.captain.status import WARNING
from catalog_web.connections import seen_from_clusters
from catalog_web.pages.sources.blueprint import pages
from catalog_web.pages.sources.page import common, confirmation
from catalog_web.pages.sources.rights import why_fixed
from catalog_web.pages.view import seen_catalog, seen_clusters, services
from catalog_web.publishing_rights import reached
from indexer.errors import ChartroomError
from indexer.model import PublicationMode

_MODES: dict[str, PublicationMode] = {"direct": "direct", "helm": "helm"}


@pages.get("/sources/<name>/captain")
@rule("source.read", "source/{name}")
def captain(name: str) -> str:
    """Where a source is published, and what captain of each cluster says of it now."""
    return _page(name)


@pages.post("/sources/<name>/captain")
@rule("source.write", "source/{name}")
def publish(name: str) -> tuple[str, int] | Response:
    """Let captain of a cluster know a source, or read it once more."""
    cluster, mode = request.form.get("cluster", ""), _MODES.get(request.form.get("mode", ""))
    try:
        publishing.publish(services(), name, reached(services(), current_person(), cluster), mode)
    except ChartroomError as error:
        return _page(name, error, cluster), error.status
    return redirect(url_for(".captain", name=name, notice="published"), 303)


def _page(name: str, error: ChartroomError | None = None, asked: str = "") -> str:
    state = seen_catalog().source(name)
    mode, reasons = publishing.choice(services(), name)
    found = {one.cluster: one for one in publishing.publications(services(), name)}
    return render_template(
        "sources/captain.html",
        **common(state),
        clusters=seen_clusters(),
        found=found,
        mode=mode,
        reasons=reasons,
        helm_unknown=None if services().config.helm_url else HelmUrlUnknown,
        error=error,
        asked=asked,
    )


@pages.route("/sources/<name>/captain/<cluster>/unpublish", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def unpublish(name: str, cluster: str) -> tuple[str, int] | Response:
    """Let captain of a cluster forget a source, once its name was typed."""
    state = seen_catalog().source(name)
    typed, mistake = confirmation(name)
    if request.method == "POST" and not mistake:
        publishing.unpublish(services(), name, reached(services(), current_person(), cluster))
        return redirect(url_for(".captain", name=name, notice="unpublished"), 303)
    page = render_template(
        "sources/unpublish.html", state=state, cluster=cluster, warning=WARNING, mistake=mistake, typed=typed
    )
    return page, 400 if mistake else 200


@pages.get("/sources/<name>/inside")
@rule("source.write", "source/{name}")
def inside(name: str) -> str:
    """How a source is seen from where captain stands, with a Job to apply that looks from there."""
    state = seen_catalog().source(name)
    views = seen_from_clusters(services(), name, sight=seen_catalog().sight)
    return render_template("sources/inside.html", **common(state), views=views)


# -- what clusters offer


@pages.get("/clusters/<cluster>/chartrepos")
@rule("source.write", "source")
def found(cluster: str) -> str:
    """Return the ChartRepos of a cluster that Chartroom did not make, each with a button that registers it."""
    return _found(cluster)


@pages.post("/clusters/<cluster>/chartrepos/<repo>/register")
@rule("source.write", "source")
def register(cluster: str, repo: str) -> tuple[str, int] | Response:
    """Register a ChartRepo as a source."""
    try:
        state = publishing.register(services(), reached(services(), current_person(), cluster), repo)
    except ChartroomError as error:
        return _found(cluster, error), error.status
    return redirect(url_for(".page", name=state.source.name, notice="source-added"), 303)


def _found(cluster: str, refused: ChartroomError | None = None) -> str:
    name = reached(services(), current_person(), cluster)
    try:
        offers, error = publishing.discovered(services(), name), None
    except ChartroomError as caught:
        offers, error = (), caught
    page = {"cluster": name, "offers": offers, "error": error, "refused": refused, "fixed": why_fixed()}
    return render_template("sources/found.html", **page)
