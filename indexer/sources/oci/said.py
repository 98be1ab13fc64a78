"""What a registry says for itself when it refuses. Pure."""

import json
from collections.abc import Collection

from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

_READ = 8 * 1024
"""Bytes of an error's body that are looked at."""


def said(body: bytes, secrets: Collection[str] = ()) -> str | Phrase:
    """The first error of the specification's ``{"errors": [{"code": …, "message": …}]}``, in a few words.

    Words with one of ``secrets`` in them are left out: some servers repeat what they were shown.
    """
    try:
        errors = json.loads(body[:_READ])["errors"]
        words = [errors[0].get(key) for key in ("message", "code")]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        words = []
    texts = (one for one in words if isinstance(one, str) and one.strip())
    told = next((shown(one, 160) for one in texts if not any(secret in one for secret in secrets)), "")
    return told or phrase(N_("it does not say why"))
