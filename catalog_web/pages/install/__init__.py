"""Installing a version of a chart, and the values that a team keeps for it.

::

    form ──typed, values──▶ review (checks, panes, doors) ──▶ sending ──▶ the app, or several
      └── presets
"""

from http import HTTPStatus

from flask import g, request
from werkzeug.wrappers import Response

from catalog_web.pages.install import form, presets, several, values
from catalog_web.pages.install.blueprint import pages

__all__ = ["form", "pages", "presets", "several", "values"]


@pages.after_request
def keep_for_the_way_back(response: Response) -> Response:
    """Let the browser keep the answer to a form: one that may not be stored cannot be gone back to. One that holds what
    was typed as a secret is never kept."""
    answers_a_form = request.method == "POST" and response.status_code != HTTPStatus.SEE_OTHER
    if answers_a_form and not g.get("holds_secrets"):
        response.headers["Cache-Control"] = "private, no-cache"
    return response
