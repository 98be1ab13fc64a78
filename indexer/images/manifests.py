"""Images named in the text that templates write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.gotemplate import MAYBE, MAYBE_END, UNKNOWN_TEXT
from indexer.image_reference import Reference, read_reference
from indexer.model import ImageDoubt

_DOCUMENT = re.compile(r"^---.*$", re.MULTILINE)
IS_CRD = re.compile(r"^kind:[ \t]*[\"']?CustomResourceDefinition\b", re.MULTILINE)
"""Stands in the text of a custom resource definition, also before its templates are worked out."""
_DATA = re.compile(r"^kind:[ \t]*[\"']?(?:ConfigMap|Secret)\b", re.MULTILINE)
_TEST = re.compile(r"""^\s+["']?helm\.sh/hook["']?:[ \t]*["']?[a-z,\- \t]*\btest\b""", re.MULTILINE)
_LINE = re.compile(r"""^[\s\ue001\ue002]*(?:-\s+)*["']?image["']?\s*:[ \t]*(?P<value>\S.*)$""")
_VERSIONED = r"(?:/[a-z0-9._-]+)+(?::[\w][\w.-]*+|@sha256:[0-9a-f]{64})(?![\w/:])"
_WITH_REGISTRY = re.compile(rf"(?<![\w./:@-])(?P<value>(?:[a-z0-9-]+\.)+[a-z]{{2,}}(?::[0-9]{{1,5}})?{_VERSIONED})")
"""A whole reference with registry and version somewhere in a line, such as an argument of an operator."""
_NAMED_IMAGE = re.compile(rf"""[iI]mage[\w.-]*+["']?\s*[=:]\s*["']?(?P<value>[a-z0-9][a-z0-9._-]*+{_VERSIONED})""")
"""The same without a registry, where something is called an image."""
_REGION = re.compile(f"{MAYBE}([^{MAYBE}{MAYBE_END}]*){MAYBE_END}")
_MARKS = re.compile(f"[{MAYBE}{MAYBE_END}]")
_LONGEST_LINE = 4_096


@dataclass(frozen=True, slots=True)
class Named:
    """An image that a manifest names."""

    reference: Reference
    doubt: ImageDoubt


def named_images(text: str) -> Iterator[Named]:
    """The images in the manifests of ``text``, as ``gotemplate`` writes them, in order."""
    unsure = 0
    for document in _DOCUMENT.split(text):
        is_crd, doubt = bool(IS_CRD.search(document)), _doubt_of(document)
        for line in document.split("\n"):
            if not is_crd and len(line) <= _LONGEST_LINE:
                yield from _of_line(line, doubt, unsure=unsure > 0)
            unsure += line.count(MAYBE) - line.count(MAYBE_END)


def _doubt_of(document: str) -> ImageDoubt:
    if _TEST.search(document):
        return "test"
    return "setting" if _DATA.search(document) else ""


def _of_line(line: str, doubt: ImageDoubt, *, unsure: bool) -> Iterator[Named]:
    found = _LINE.match(line)
    if not found:
        for pattern in (_WITH_REGISTRY, _NAMED_IMAGE):
            for setting in pattern.finditer(line):
                yield from _known(setting["value"], doubt or "setting")
        return
    value = found["value"]
    doubt = doubt or ("unclear" if unsure or _MARKS.search(line) else "")
    for one in _alternatives(value):
        yield from _known(_scalar(one), doubt)


def _alternatives(value: str) -> Iterator[str]:
    """The texts that a value may be: with each of the regions that are only written sometimes, and without any."""
    regions = list(_REGION.finditer(value))
    if not regions:
        yield _MARKS.sub("", value)
        return
    before, after = value[: regions[0].start()], value[regions[-1].end() :]
    for region in regions:
        yield _MARKS.sub("", before + region[1] + after)


def _scalar(value: str) -> str:
    """A YAML scalar on one line, without its quotes and comment."""
    value = value.strip()
    quote = value[:1]
    if quote in ('"', "'") and quote in value[1:]:
        return value[1 : value.index(quote, 1)]
    return value.partition(" #")[0].strip()


def _known(text: str, doubt: ImageDoubt) -> Iterator[Named]:
    reference = None if UNKNOWN_TEXT in text else read_reference(text)
    if reference:
        yield Named(reference, doubt)
