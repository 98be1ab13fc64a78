"""Where a name inside an archive lies in the chart.

Nothing is ever written to such a path; yet a name that would leave the chart's folder was written to do so, and Helm
refuses it too (its rules: pkg/chart/loader/archive.go). Windows' drive letters and absolute names are refused here in
some places where Helm takes them for a folder of that name.
"""

import re
import unicodedata

from indexer.archive.limits import NAME_CHARACTERS, Refusal

_DRIVE = re.compile(r"[A-Za-z]:")


def place(name: str) -> tuple[str, str]:
    """The chart's folder and the path below it, both with ``/`` (Windows' packers write ``\\``).

    Raises Refusal for a name that is absolute, has a drive or ``..`` in it, or is not below a folder.
    """
    if len(name) > NAME_CHARACTERS:
        raise Refusal(f"it has a name of more than {NAME_CHARACTERS:,} characters")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise Refusal(f"it has a name with control characters: {quoted(name)}")
    top, *below = name.replace("\\", "/").split("/")
    if not top or below[:1] == [""]:
        raise Refusal(f"it has an absolute name: {quoted(name)}")
    if ".." in (top, *below):
        raise Refusal(f"it has a name that refers to the parent folder: {quoted(name)}")
    if any(_DRIVE.match(part) for part in (top, *below)):
        raise Refusal(f"it has a name with a drive letter: {quoted(name)}")
    path = "/".join(part for part in below if part not in ("", "."))
    if not path:
        raise Refusal(f"it has a file outside the chart's folder: {quoted(name)}")
    return top, path


def quoted(name: str) -> str:
    """A foreign name fit for a sentence: at most 80 characters, everything unprintable escaped."""
    shown = name if len(name) <= 80 else name[:79] + "…"  # noqa: PLR2004
    return "“" + "".join(one if one.isprintable() else repr(one)[1:-1] for one in shown) + "”"
