"""What a registry says for itself when it refuses. Pure."""

import json

from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

_READ = 8 * 1024
"""Bytes of an error's body that are looked at."""


def said(body: bytes) -> str | Phrase:
    """The first error of the specification's ``{"errors": [{"code": …, "message": …}]}``, in a few words."""
    try:
        errors = json.loads(body[:_READ])["errors"]
        words = [errors[0].get(key) for key in ("message", "code")]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        words = []
    told = next((shown(one, 160) for one in words if isinstance(one, str) and one.strip()), "")
    return told or phrase(N_("it does not say why"))
