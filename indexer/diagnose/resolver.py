"""Who is asked for names: /etc/resolv.conf."""

import re
from pathlib import Path

RESOLV_CONF = Path("/etc/resolv.conf")
_SERVER = re.compile(r"nameserver[ \t]+([0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9_.-]{1,20})?)[ \t]*")
_ASKED = 3
"""The C library asks no more of them (resolv.conf(5))."""
_MOST = 64 * 1024


def servers(text: str) -> tuple[str, ...]:
    """The name servers that a resolv.conf names, in the order in which they are asked. Pure."""
    found = (_SERVER.match(line) for line in text[:_MOST].splitlines())
    return tuple(one[1] for one in found if one)[:_ASKED]


def resolver(file: Path = RESOLV_CONF) -> str:
    """The name servers of this machine in one text; empty where none is told."""
    try:
        return ", ".join(servers(file.read_text("utf-8", "replace")))
    except OSError:
        return ""
