"""The dependencies of charts of API version v1, which keep them in a file of their own."""

import re

from indexer import parse
from indexer.errors import ChartroomError
from indexer.model import Dependency

REQUIREMENTS = "requirements.yaml"
_HEAD = b"name: requirements\nversion: 0.0.0\n"
"""What makes a requirements.yaml a Chart.yaml: Helm reads it into the same metadata."""
_DOCUMENT_START = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*---[ \t]*\r?\n|\A\xef\xbb\xbf")


def read_requirements(data: bytes) -> tuple[tuple[Dependency, ...], str]:
    """What a requirements.yaml lists, and a note where it cannot be read."""
    if not data.strip():
        return (), ""
    try:
        return parse.read_chart_yaml(_HEAD + _DOCUMENT_START.sub(b"", data, count=1)).dependencies, ""
    except ChartroomError as error:
        return (), f"“{REQUIREMENTS}” cannot be read: {error.cause.rstrip('.')}."
