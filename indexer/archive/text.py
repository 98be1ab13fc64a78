"""Foreign bytes as text that every database stores and every terminal shows alike."""

import re

_BOM = b"\xef\xbb\xbf"
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


def decode(data: bytes) -> tuple[str, str]:
    """``data`` as text, and an English remark on what was replaced (empty: nothing was).

    A byte order mark is dropped, as Helm does; line ends stay as they are. What is not UTF-8, control characters (NUL,
    escape sequences) and lone surrogates become U+FFFD.
    """
    body = data.removeprefix(_BOM)
    try:
        text, remark = body.decode("utf-8"), ""
    except UnicodeDecodeError:
        text, remark = body.decode("utf-8", "replace"), "is not UTF-8; what could not be read is shown as �"
    cleaned, replaced = _UNSTORABLE.subn("\ufffd", text)
    if replaced and not remark:
        remark = "has control characters, shown as �"
    return cleaned, remark


def is_binary(data: bytes) -> bool:
    """Whether ``data`` is no text at all: NUL bytes, and not UTF-8."""
    if b"\0" not in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def cut(data: bytes, limit: int) -> bytes:
    """The first ``limit`` bytes of a longer ``data``, ended after a line where there is one."""
    head = data[:limit]
    return head[: head.rfind(b"\n") + 1] or head
