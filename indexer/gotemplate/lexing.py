"""A template's text cut into plain text and actions, and each action into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["string", "number", "variable", "field", "dot", "word", "sign"]

_COMMENT = re.compile(r"\{\{(?P<left>-\s)?\s*/\*.*?\*/(?P<right>\s-)?\s*\}\}", re.DOTALL)
_OPEN = re.compile(r"\{\{(?:-(?=\s))?")
_TRIMS = re.compile(r"\{\{-\s")
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*+"|`[^`]*+`)"""
    r"""|(?P<number>'(?:[^'\\\n]|\\.)++'|[+-]?(?:0[xX][0-9a-fA-F]++|[0-9][0-9_]*+(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?))"""
    r"""|(?P<variable>\$\w*+)"""
    r"""|(?P<field>\.[^\W\d]\w*+)"""
    r"""|(?P<dot>\.)"""
    r"""|(?P<word>[^\W\d]\w*+)"""
    r"""|(?P<sign>:=|[=|(),])"""
    r"""|(?P<close>\s+-\}\}|\}\})"""
    r"""|\s++"""
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_MOST_TOKENS = 5_000
"""In one action; the longest ones that people write have some hundreds."""


class TemplateFault(Exception):
    """A template that Go would not take either, or that is beyond what is read here."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token as it is written."""

    kind: TokenKind
    text: str
    joined: bool = False
    """It follows the one before at once, without a blank between."""


Piece = str | tuple[Token, ...]
"""Plain text, or the tokens of an action."""


def pieces(text: str) -> Iterator[Piece]:
    """The text and actions of a template, white space already trimmed where ``{{-`` and ``-}}`` ask for it.

    Raises TemplateFault for an action that does not end or has something in it that is no token.
    """
    at, trim = 0, False
    while (start := text.find("{{", at)) >= 0:
        comment = _COMMENT.match(text, start)
        trims_left = bool(comment["left"]) if comment else _TRIMS.match(text, start) is not None
        plain = _trimmed(text[at:start], left=trim, right=trims_left)
        if plain:
            yield plain
        if comment:
            at, trim = comment.end(), bool(comment["right"])
            continue
        tokens, at = _action(text, start)
        trim = text[at - 3] == "-" and text[at - 4].isspace()
        yield tokens
    rest = _trimmed(text[at:], left=trim, right=False)
    if rest:
        yield rest


def unquoted(text: str) -> str:
    """What a string token stands for."""
    if text.startswith("`"):
        return text[1:-1]
    return _ESCAPE.sub(_unescaped, text[1:-1]) if "\\" in text else text[1:-1]


def _trimmed(text: str, *, left: bool, right: bool) -> str:
    text = text.lstrip(" \t\r\n") if left else text
    return text.rstrip(" \t\r\n") if right else text


def _action(text: str, start: int) -> tuple[tuple[Token, ...], int]:
    opened = _OPEN.match(text, start)
    at = opened.end() if opened else start
    tokens: list[Token] = []
    joined = False
    while (found := _TOKEN.match(text, at)) and len(tokens) < _MOST_TOKENS:
        kind, at = found.lastgroup, found.end()
        if kind == "close":
            return tuple(tokens), at
        if kind:
            tokens.append(Token(kind, found[0], joined))  # type: ignore[arg-type] # the groups are the kinds
        joined = kind is not None
    raise TemplateFault(f"an action cannot be read at character {at:,}")


def _unescaped(found: re.Match[str]) -> str:
    hexadecimal = found[1] or found[2] or found[3]
    if hexadecimal or found[4]:
        number = int(hexadecimal, 16) if hexadecimal else int(found[4], 8)
        is_character = number < 0xD800 or 0xDFFF < number <= 0x10FFFF  # noqa: PLR2004 - no lone surrogates
        return chr(number) if is_character else "\ufffd"
    return _ESCAPES.get(found[5], found[5])
