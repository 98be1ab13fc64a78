"""Where somebody comes to who reads an address that only takes what a form sends: a page that answered to a form was
loaded again from its address, or its address was sent to a colleague."""

from contextlib import suppress

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect


def page_above(error: HTTPException) -> str | None:
    """The address of the nearest page above the one that refused to be read, which has the form; None where ``error``
    is about something else."""
    if not isinstance(error, MethodNotAllowed) or request.method not in ("GET", "HEAD"):
        return None
    routes = current_app.url_map.bind_to_environ(request.environ)
    parts = request.path.strip("/").split("/")
    for count in range(len(parts) - 1, -1, -1):
        with suppress(HTTPException, RequestRedirect):
            endpoint, names = routes.match("/" + "/".join(parts[:count]), method="GET")
            return url_for(endpoint, **names)
    return None
