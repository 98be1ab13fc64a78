"""A chart's NOTES.txt as parts to show: sentences with links, and commands that can be copied. Pure.

It is plain text that a template made, often with a person's values in it: whatever is no link by the rule of `links`
stays text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from catalog_web.links import safe_link

MAX_LINES = 1_000
_INDENT = 2
"""Blanks by which charts move their commands in."""
_URL = re.compile(r"https?://[^\s\"'<>`]{1,2000}")
_TRAILING = ".,;:!?)]}*"
"""What follows an address in a sentence and is none of it."""
_COMMAND = re.compile(
    r"(?:\$ |#\s*)?(?:export\s+\w+=|\w+=\$\(|(?:kubectl|helm|curl|wget|echo|psql|mysql|mongosh?|redis-cli|openssl|"
    r"base64|istioctl|argocd|cat|docker|mc|open|ssh|sudo|while|until|for)\b(?!:))"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; a link where ``url`` is not empty."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together."""

    kind: Literal["text", "command"]
    pieces: tuple[Piece, ...]
    """Of a command: one."""

    @property
    def text(self) -> str:
        """As it was written."""
        return "".join(one.text for one in self.pieces)


def parts(notes: str) -> tuple[Part, ...]:
    """The parts of ``notes`` in order; the first thousand lines."""
    lines = notes.strip("\n").split("\n")[:MAX_LINES]
    told: list[Part] = []
    for command, block in groupby(_marked(lines), key=lambda one: one[0]):
        joined = "\n".join(line for _, line in block).strip("\n")
        if joined.strip():
            told.append(_command(joined) if command else Part("text", tuple(_pieces(joined))))
    return tuple(told)


def _marked(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Each line with whether it is part of a command: indented, and begun by a program's name or gone on with."""
    within = False
    for line in lines:
        moved_in = len(line) - len(line.lstrip(" \t")) >= _INDENT or line.startswith("\t")
        goes_on = within and bool(line.strip())
        within = moved_in and (goes_on or bool(_COMMAND.match(line.strip())))
        yield within, line


def _command(block: str) -> Part:
    lines = block.split("\n")
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    plain = (line[indent:].removeprefix("$ ") for line in lines)
    return Part("command", (Piece("\n".join(plain)),))


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for found in _URL.finditer(text):
        address = found[0].rstrip(_TRAILING)
        url = safe_link(address)
        if url:
            if found.start() > at:
                yield Piece(text[at : found.start()])
            yield Piece(address, url)
            at = found.start() + len(address)
    if at < len(text):
        yield Piece(text[at:])
