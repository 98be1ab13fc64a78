"""Values that hold in one of several clusters only."""

from collections.abc import Collection

from flask_babel import gettext

from catalog_web.i18n import told
from catalog_web.pages.install.typed import Typed
from catalog_web.values.fields import Form
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import secret_fields
from indexer.errors import UsageError


def mistakes(wanted: Typed, form: Form, globs: Collection[str]) -> dict[str, str]:
    """What is wrong with the values of single clusters, by the field. A secret is refused: these texts are shown."""
    found = {f"override/{cluster}": _mistake(cluster, text, form, globs) for cluster, text in wanted.overrides.items()}
    return {name: message for name, message in found.items() if message}


def _mistake(cluster: str, text: str, form: Form, globs: Collection[str]) -> str:
    try:
        secrets = secret_fields(form, parse_values(text, cluster), globs)
    except UsageError as error:
        return told(error).cause
    if not secrets:
        return ""
    return str(
        gettext(
            "%(paths)s: a secret cannot differ here, where it would be shown. Install to this cluster by itself.",
            paths=", ".join(secrets),
        )
    )
