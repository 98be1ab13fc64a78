"""What came of installing to several clusters at once: a line each."""

from flask import render_template, request
from flask_babel import gettext

from catalog_web.auth import demand, rule
from catalog_web.pages.install.blueprint import pages
from catalog_web.pages.install.sending import Line
from catalog_web.pages.view import services
from indexer.errors import ChartroomError, UsageError

_MOST = 100


@pages.get("/installs")
@rule("app.read", "app")
def several() -> str:
    """The apps that the address names as ``app=CLUSTER/NAMESPACE/NAME``, with how each does now."""
    places = [_place(one) for one in request.args.getlist("app")[:_MOST]]
    return render_template("install/several.html", lines=[_line(*one) for one in places])


def _place(text: str) -> tuple[str, str, str]:
    parts = text.split("/")
    if len(parts) != 3:  # noqa: PLR2004 -- cluster, namespace, name
        raise UsageError(
            what=gettext("“%(text)s” is not an app.", text=text[:80]), hint="Write cluster/namespace/name."
        )
    return parts[0], parts[1], parts[2]


def _line(cluster: str, namespace: str, name: str) -> Line:
    try:
        demand("app.read", f"app/{cluster}/{namespace}/{name}")
        return Line(cluster, services().installs.status(cluster, namespace, name).app)
    except ChartroomError as error:
        return Line(cluster, error=error)
