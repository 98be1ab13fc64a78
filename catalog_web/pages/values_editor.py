"""Values in a form: Form ⇄ YAML ⇄ Compare over one text, for installing and for upgrading.

One YAML text travels in the form. The Form view posts its fields, which are laid onto the text; the YAML view posts the
text itself. Secrets never stand in the text: they travel beside it in password fields, and what is typed as YAML under
the path of a secret is moved there. `posted` reads all that from the request and does what the pressed button says.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from flask import request
from flask_babel import gettext

from catalog_web.install.values import MAX_TEXT_BYTES, parse_values
from catalog_web.pages import values_fields
from catalog_web.pages.values_fields import Group, SecretField
from catalog_web.pages.values_steps import STEPS, Step
from catalog_web.pages.view import services
from catalog_web.values import editing, form_of, pointers, secrets, validation
from catalog_web.values.form import Form
from catalog_web.values_rows import Row, rows
from indexer.errors import ChartroomError, UsageError
from indexer.model import ArchiveContent

View = Literal["form", "yaml", "compare"]
_VIEWS: tuple[View, ...] = ("form", "yaml", "compare")
