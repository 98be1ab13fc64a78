"""One entry's tree (of an index or a Chart.yaml) made a ``ChartMetadata``, with a note of every repair.

Helm refuses a whole repository for one value of another type and for one unknown field. Here a value is repaired where
its meaning is plain (a number where text belongs, text where a list belongs), else left out; only an entry without a
readable name, version or URL is lost. The known fields are those of Helm 3 and 4's ChartVersion.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from indexer import versions
from indexer.errors import N_, Phrase, fill, phrase
from indexer.model import ChartMetadata, Dependency, Maintainer
from indexer.parse.events import Lined, Plain, Tree
from indexer.parse.text import digest_form, is_moment, label, moment, paragraph, resolve, shown

MAX_NAME = 250
"""Helm's limit for a chart's name."""

_TEXTS = {"apiVersion", "appVersion", "condition", "created", "description", "digest", "home", "icon", "kubeVersion",
          "name", "tags", "type", "version", "checksum", "engine", "tillerVersion", "url"}  # fmt: skip
_KNOWN = _TEXTS | {"annotations", "dependencies", "deprecated", "keywords", "maintainers", "removed", "sources", "urls"}
_BY_FOLDED = {one.casefold(): one for one in _KNOWN}
"""Go's JSON reader takes ``AppVersion`` for ``appVersion``."""
_MAINTAINER = {"name", "email", "url"}
_DEPENDENCY = {"name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"}

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_WITH_MAIL = re.compile(r"(.*?)\s*<([^<>\s]+@[^<>\s]+)>")
_NAMED = 5
"""Unknown fields that one note names."""
_DENIALS = {"", "0", "n", "no", "off", "false", "none", "null"}

_MIXED = N_("Not all of “{field}” is text; numbers are taken as they are written, the rest is left out.")

_Kept = TypeVar("_Kept")


class EntryFault(Exception):
    """An entry that cannot be kept. ``line`` is 0 where it is not known."""

    def __init__(self, line: int, cause: Phrase, version: str = "", *, unfinished: bool = False) -> None:
        self.line, self.cause, self.version, self.unfinished = line, cause, version, unfinished
        super().__init__(fill(**cause))


@dataclass(frozen=True, slots=True)
class Note:
    """What was repaired (or, ``flagged``, only seen) at a line."""

    line: int
    cause: Phrase
    flagged: bool = False


def name_fault(name: str) -> Phrase | None:
    """Why ``name`` is no chart name, as a sentence; None where it is one.

    Helm's rule (letters, digits, ``.``, ``_``, ``-``; at most 250), without what is no file or folder name everywhere,
    and without a leading ``.`` or ``-`` (hostile case D11).
    """
    if not name:
        return phrase(N_("The chart has no name."))
    if len(name) > MAX_NAME:
        return phrase(N_("The name is longer than {limit} characters."), limit=MAX_NAME)
    if not _NAME.fullmatch(name):
        text = N_("“{name}” is no chart name: it may hold letters, digits, “.”, “_” and “-” only.")
        return phrase(text, name=shown(name))
    if _DEVICE.fullmatch(name):
        return phrase(N_("“{name}” is no chart name: it is a device on some systems."), name=shown(name))
    return None


def version_fault(version: str) -> Phrase | None:
    """Why ``version`` cannot even be kept as an odd one, as a sentence; None where it can."""
    if not version:
        return phrase(N_("The entry has no version."))
    if len(version) > versions.MAX_LENGTH:
        return phrase(N_("The version is longer than {limit} characters."), limit=versions.MAX_LENGTH)
    if not version.isprintable():
        return phrase(N_("The version holds characters that cannot be seen."))
    return None


def read_metadata(tree: Tree, line: int = 0) -> tuple[ChartMetadata, list[Note]]:
    """The fields of an entry, cleaned, and what was repaired. Raises EntryFault where it is no mapping.

    Name and version are as they were written: ``name_fault`` and ``version_fault`` judge them.
    """
    if not isinstance(tree, dict):
        raise EntryFault(line, phrase(N_("The entry is {what}, not a mapping of fields."), what=_what(tree)))
    take = _Taker(tree)
    take.fold_names()
    metadata = ChartMetadata(
        name=take.text("name", str),
        version=take.text("version", str),
        api_version=take.text("apiVersion"),
        app_version=take.text("appVersion"),
        description=take.text("description", paragraph).strip(),
        home=take.text("home"),
        icon=take.text("icon"),
        keywords=take.texts("keywords", ","),
        sources=take.texts("sources", None),
        maintainers=take.each("maintainers", _maintainer),
        dependencies=take.each("dependencies", _dependency),
        kube_version=take.text("kubeVersion"),
        type=take.text("type"),
        deprecated=take.flag("deprecated"),
        annotations=take.annotations(),
        urls=take.texts("urls", None),
        digest=take.digest(),
        created=moment(take.created()),
    )
    take.other_texts()
    return metadata, take.notes


class _Taker:
    """Takes known fields out of one mapping and notes what it repairs."""

    def __init__(self, tree: dict[str, Tree]) -> None:
        self.tree = tree
        self.place = tree if isinstance(tree, Lined) else None
        self.notes: list[Note] = []

    def note(self, key: str, text: str, /, *, flagged: bool = False, **params: Any) -> None:
        """Note ``text`` (``{field}`` is ``key``) at the line of ``key``."""
        named = {"field": key} if "{field}" in text else {}
        self.notes.append(Note(self.line(key), phrase(text, **named, **params), flagged))

    def line(self, key: str = "") -> int:
        return self.place.line(key) if self.place is not None else 0

    def fold_names(self) -> None:
        """Give fields that differ from Helm's only in case their proper names; tell of unknown ones."""
        unknown = [key for key in self.tree if key not in _KNOWN]
        if not unknown:
            return
        tree = dict(self.tree)
        for key in unknown:
            proper = _BY_FOLDED.get(key.casefold())
            if proper is not None:
                if proper in tree:
                    twice = phrase(
                        N_("The field “{field}” stands twice, once as “{key}”."), field=proper, key=shown(key)
                    )
                    raise EntryFault(self.line(key), twice)
                tree[proper] = tree.pop(key)
        self.tree = tree
        self.leave_out([key for key in tree if key not in _KNOWN])

    def leave_out(self, unknown: list[str]) -> None:
        if unknown:
            named = ", ".join(f"“{shown(key, 40)}”" for key in unknown[:_NAMED]) + (
                " …" if len(unknown) > _NAMED else ""
            )
            self.note(unknown[0], N_("Helm knows no field {named}; it is left out."), named=named)

    def text(self, key: str, clean: Callable[[str], str] = label) -> str:
        value = self.tree.get(key)
        if isinstance(value, str):
            if isinstance(value, Plain):
                text = N_("“{field}” is not text but {what} ({value}); it is taken as it is written.")
                self.note(key, text, what=_what(value), value=shown(value, 40))
            return clean(str(value))
        if value is not None:
            self.note(key, N_("“{field}” is {what} where text belongs; it is left out."), what=_what(value))
        return ""

    def texts(self, key: str, separator: str | None) -> tuple[str, ...]:
        value = self.tree.get(key)
        if isinstance(value, str):
            self.note(key, N_("“{field}” is {what} where a list belongs; it is taken for one."), what=_what(value))
            value = [part.strip(" ,") for part in str(value).split(separator)]
        elif value is not None and not isinstance(value, list):
            self.note(key, N_("“{field}” is {what} where a list belongs; it is left out."), what=_what(value))
            return ()
        items = [one for one in value or () if isinstance(one, str)]
        if any(isinstance(one, Plain) for one in items) or any(isinstance(one, dict | list) for one in value or ()):
            self.note(key, _MIXED)
        return tuple(text for text in map(label, map(str, items)) if text)

    def flag(self, key: str) -> bool:
        value = self.tree.get(key)
        if value is None:
            return False
        if not isinstance(value, str):
            self.note(key, N_("“{field}” is {what} where true or false belongs; it is left out."), what=_what(value))
            return False
        known = resolve(value) if isinstance(value, Plain) else None
        if isinstance(known, bool):
            return known
        meant = value.strip().lower() not in _DENIALS
        text = N_("“{field}” is {what} where true or false belongs; it is taken for {meant}.")
        self.note(key, text, what=_what(value), meant=str(meant).lower())
        return meant

    def annotations(self) -> dict[str, str]:
        value = self.tree.get("annotations")
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(
                "annotations", N_("“{field}” is {what} where a mapping belongs; it is left out."), what=_what(value)
            )
            return {}
        if not all(one is None or type(one) is str for one in value.values()):
            self.note("annotations", _MIXED)
        kept = ((label(key), one) for key, one in sorted(value.items()) if one is None or isinstance(one, str))
        return {key: paragraph(str(one or "")) for key, one in kept if key}

    def digest(self) -> str:
        written = self.text("digest")
        digest = digest_form(written)
        if written and not digest:
            text = N_("“{digest}” is no SHA-256; the archive cannot be checked against it.")
            self.note("digest", text, flagged=True, digest=shown(written, 40))
        return digest

    def created(self) -> str:
        written = self.text("created")
        if written and not is_moment(written):
            text = N_("“{time}” is no time as RFC 3339 writes it; it is left out.")
            self.note("created", text, time=shown(written, 40))
        return written

    def other_texts(self) -> None:
        """Look at the fields of old that nobody reads any more: Helm still checks that they are text."""
        for key in ("condition", "tags", "checksum", "engine", "tillerVersion", "url"):
            if key in self.tree:
                self.text(key)

    def each(self, key: str, read: Callable[[Tree, "_Taker"], _Kept | None]) -> tuple[_Kept, ...]:
        """What ``read`` makes of each item of a list of mappings."""
        value = self.tree.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.note(
                key, N_("“{field}” is {what} where a list belongs; it is taken for a list of one."), what=_what(value)
            )
            value = [value]
        below = _Taker({})
        found = tuple(kept for one in value if one is not None and (kept := read(one, below)) is not None)
        for cause in {fill(**note.cause): note.cause for note in below.notes}.values():
            self.note(key, N_("In “{field}”: {cause}"), cause=cause)
        return found


def _maintainer(value: Tree, above: _Taker) -> Maintainer | None:
    if isinstance(value, str):
        above.note("", N_("Text stands where a mapping with a name belongs; it is taken for the name."))
        name = label(value)
        found = _WITH_MAIL.fullmatch(name)
        return Maintainer(found[1], found[2]) if found else Maintainer(name) if name else None
    take = _nested(value, above, _MAINTAINER)
    kept = Maintainer(take.text("name"), take.text("email"), take.text("url"))
    above.notes += take.notes
    return kept if kept.name or kept.email else None


def _dependency(value: Tree, above: _Taker) -> Dependency | None:
    take = _nested(value, above, _DEPENDENCY)
    kept = Dependency(
        name=take.text("name"),
        version=take.text("version"),
        repository=take.text("repository"),
        alias=take.text("alias"),
        condition=take.text("condition"),
        tags=take.texts("tags", ","),
    )
    above.notes += take.notes
    return kept if kept.name else None


def _nested(value: Tree, above: _Taker, known: set[str]) -> _Taker:
    """The fields of an item; none where it is no mapping."""
    if not isinstance(value, dict):
        above.note("", N_("An item is {what}, not a mapping; it is left out."), what=_what(value))
        return _Taker({})
    take = _Taker(value)
    take.leave_out([key for key in value if key not in known])
    return take


def _what(value: Tree) -> Phrase:
    """The kind of a value, as a sentence names it."""
    if isinstance(value, Plain):
        return phrase(N_("true or false") if isinstance(resolve(value), bool) else N_("a number"))
    if isinstance(value, str):
        return phrase(N_("text"))
    if isinstance(value, dict):
        return phrase(N_("a mapping"))
    return phrase(N_("a list") if isinstance(value, list) else N_("empty"))
