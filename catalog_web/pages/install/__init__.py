"""Installing a version of a chart, and the values that a team keeps for it.

::

    form ──typed, values_editor──▶ review (checks, panes, doors) ──▶ sending ──▶ the app, or several
      └── presets
"""

from http import HTTPStatus

from flask import request
from werkzeug.wrappers import Response

from catalog_web.pages.install import form, presets, several, values
from catalog_web.pages.install.blueprint import pages
from catalog_web.pages.install.names import release_name

__all__ = ["form", "pages", "presets", "release_name", "several", "values"]


@pages.after_request
def keep_for_the_way_back(response: Response) -> Response:
    """Let the browser keep the answer to a form: one that may not be stored cannot be gone back to. One that holds what
    was typed as a secret is never kept."""
    sent = request.method == "POST" and response.status_code != HTTPStatus.SEE_OTHER
    if sent and not any(value for name, value in request.form.items() if name.startswith("secret/")):
        response.headers["Cache-Control"] = "private, no-cache"
    return response
