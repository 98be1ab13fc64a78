"""One entry's tree (of an index or a Chart.yaml) made a ``ChartMetadata``, with a note of every repair.

Helm refuses a whole repository for one value of another type and for one unknown field. Here a value is repaired where
its meaning is plain (a number where text belongs, text where a list belongs), else left out; only an entry without a
readable name, version or URL is lost. The known fields are those of Helm 3 and 4's ChartVersion.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from indexer import versions
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

_Kept = TypeVar("_Kept")


class EntryFault(Exception):
    """An entry that cannot be kept. ``line`` is 0 where it is not known."""

    def __init__(self, line: int, cause: str, version: str = "", *, unfinished: bool = False) -> None:
        self.line, self.cause, self.version, self.unfinished = line, cause, version, unfinished
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class Note:
    """What was repaired (or, ``flagged``, only seen) at a line."""

    line: int
    cause: str
    flagged: bool = False


def name_fault(name: str) -> str:
    """Why ``name`` is no chart name, as a sentence; '' where it is one.

    Helm's rule (letters, digits, ``.``, ``_``, ``-``; at most 250), without what is no file or folder name everywhere,
    and without a leading ``.`` or ``-`` (hostile case D11).
    """
    if not name:
        return "The chart has no name."
    if len(name) > MAX_NAME:
        return f"The name is longer than {MAX_NAME} characters."
    if not _NAME.fullmatch(name):
        return f"“{shown(name)}” is no chart name: it may hold letters, digits, “.”, “_” and “-” only."
    if _DEVICE.fullmatch(name):
        return f"“{shown(name)}” is no chart name: it is a device on some systems."
    return ""


def version_fault(version: str) -> str:
    """Why ``version`` cannot even be kept as an odd one, as a sentence; '' where it can."""
    if not version:
        return "The entry has no version."
    if len(version) > versions.MAX_LENGTH:
        return f"The version is longer than {versions.MAX_LENGTH} characters."
    if not version.isprintable():
        return "The version holds characters that cannot be seen."
    return ""


def read_metadata(tree: Tree, line: int = 0) -> tuple[ChartMetadata, list[Note]]:
    """The fields of an entry, cleaned, and what was repaired. Raises EntryFault where it is no mapping.

    Name and version are as they were written: ``name_fault`` and ``version_fault`` judge them.
    """
    if not isinstance(tree, dict):
        raise EntryFault(line, f"The entry is {_what(tree)}, not a mapping of fields.")
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

    def note(self, key: str, cause: str, *, flagged: bool = False) -> None:
        self.notes.append(Note(self.line(key), cause, flagged))

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
                    raise EntryFault(self.line(key), f"The field “{proper}” stands twice, once as “{shown(key)}”.")
                tree[proper] = tree.pop(key)
        self.tree = tree
        self.leave_out([key for key in tree if key not in _KNOWN])

    def leave_out(self, unknown: list[str]) -> None:
        if unknown:
            named = ", ".join(f"“{shown(key, 40)}”" for key in unknown[:_NAMED]) + (
                " …" if len(unknown) > _NAMED else ""
            )
            self.note(unknown[0], f"Helm knows no field {named}; it is left out.")

    def text(self, key: str, clean: Callable[[str], str] = label) -> str:
        value = self.tree.get(key)
        if isinstance(value, str):
            if isinstance(value, Plain):
                self.note(
                    key, f"“{key}” is not text but {_what(value)} ({shown(value, 40)}); it is taken as it is written."
                )
            return clean(str(value))
        if value is not None:
            self.note(key, f"“{key}” is {_what(value)} where text belongs; it is left out.")
        return ""

    def texts(self, key: str, separator: str | None) -> tuple[str, ...]:
        value = self.tree.get(key)
        if isinstance(value, str):
            self.note(key, f"“{key}” is {_what(value)} where a list belongs; it is taken for one.")
            value = [part.strip(" ,") for part in str(value).split(separator)]
        elif value is not None and not isinstance(value, list):
            self.note(key, f"“{key}” is {_what(value)} where a list belongs; it is left out.")
            return ()
        items = [one for one in value or () if isinstance(one, str)]
        if any(isinstance(one, Plain) for one in items) or any(isinstance(one, dict | list) for one in value or ()):
            self.note(key, f"Not all of “{key}” is text; numbers are taken as they are written, the rest is left out.")
        return tuple(text for text in map(label, map(str, items)) if text)

    def flag(self, key: str) -> bool:
        value = self.tree.get(key)
        if value is None:
            return False
        if not isinstance(value, str):
            self.note(key, f"“{key}” is {_what(value)} where true or false belongs; it is left out.")
            return False
        known = resolve(value) if isinstance(value, Plain) else None
        if isinstance(known, bool):
            return known
        meant = value.strip().lower() not in _DENIALS
        self.note(key, f"“{key}” is {_what(value)} where true or false belongs; it is taken for {str(meant).lower()}.")
        return meant

    def annotations(self) -> dict[str, str]:
        value = self.tree.get("annotations")
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note("annotations", f"“annotations” is {_what(value)} where a mapping belongs; it is left out.")
            return {}
        if not all(one is None or type(one) is str for one in value.values()):
            self.note(
                "annotations",
                "Not all of “annotations” is text; numbers are taken as they are written, the rest is left out.",
            )
        kept = ((label(key), one) for key, one in sorted(value.items()) if one is None or isinstance(one, str))
        return {key: paragraph(str(one or "")) for key, one in kept if key}

    def digest(self) -> str:
        written = self.text("digest")
        digest = digest_form(written)
        if written and not digest:
            self.note(
                "digest",
                f"“{shown(written, 40)}” is no SHA-256; the archive cannot be checked against it.",
                flagged=True,
            )
        return digest

    def created(self) -> str:
        written = self.text("created")
        if written and not is_moment(written):
            self.note("created", f"“{shown(written, 40)}” is no time as RFC 3339 writes it; it is left out.")
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
            self.note(key, f"“{key}” is {_what(value)} where a list belongs; it is taken for a list of one.")
            value = [value]
        below = _Taker({})
        found = tuple(kept for one in value if one is not None and (kept := read(one, below)) is not None)
        for cause in dict.fromkeys(note.cause for note in below.notes):
            self.note(key, f"In “{key}”: {cause}")
        return found


def _maintainer(value: Tree, above: _Taker) -> Maintainer | None:
    if isinstance(value, str):
        above.note("", "Text stands where a mapping with a name belongs; it is taken for the name.")
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
        above.note("", f"An item is {_what(value)}, not a mapping; it is left out.")
        return _Taker({})
    take = _Taker(value)
    take.leave_out([key for key in value if key not in known])
    return take


def _what(value: Tree) -> str:
    """The kind of a value, as a sentence names it."""
    if isinstance(value, Plain):
        return "true or false" if isinstance(resolve(value), bool) else "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "nothing"
