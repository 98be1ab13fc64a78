"""Values in a form: Form ⇄ YAML ⇄ Compare over one text, for installing and for upgrading.

One YAML text travels in the form. The Form view posts its fields, which are laid onto the text; the YAML view posts the
text itself. Secrets never stand in the text: they travel beside it in masked fields, and what is typed as YAML at the
path of a secret is moved there. `posted` reads all that from the request and does what the pressed button says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from flask_babel import gettext

from catalog_web.i18n import phrased
from catalog_web.pages.values_fields import Group, Look, Shown, element_id, groups_of
from catalog_web.pages.view import services
from catalog_web.values.editing import read
from catalog_web.values.fields import Field, Form
from catalog_web.values.form import form_of
from catalog_web.values.paths import parse_path
from catalog_web.values.reading import MAX_TEXT_BYTES, merge
from catalog_web.values.state import FieldState, fields_state
from catalog_web.values_check import Mistake, check
from catalog_web.values_rows import Row, rows
from catalog_web.values_wanted import Wanted
from indexer.errors import UsageError
from indexer.model import ArchiveContent

View = Literal["form", "yaml", "compare"]
_FEW = 8
_NO_FORM = Form(())


@dataclass(frozen=True)
class Editor:
    """The values of a form in one of its views."""

    content: ArchiveContent | None
    wanted: Wanted
    view: View = "form"
    find: str = ""
    open: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Dotted paths that the person calls secret."""
    shows_all: bool = False
    """Of Compare: what is as the default as well."""
    notes: tuple[str, ...] = ()
    """What was just done."""
    before: str | None = None
    """The text that was replaced, which can be had again."""
    mistakes: tuple[Mistake, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the Form view: texts that no value could be made of, by dotted path."""
    is_readable: bool = True
    """Whether the text is YAML; else there is only the YAML view."""

    # -- what was typed

    @property
    def text(self) -> str:
        """The text of all views."""
        return self.wanted.text

    @cached_property
    def form(self) -> Form:
        """The chart's; without fields where its archive is not known."""
        return form_of(self.content) if self.content else _NO_FORM

    def telling(self, note: str) -> "Editor":
        """The same with one more sentence about what was done."""
        return replace(self, notes=(*self.notes, note)) if note else self

    def replaced(self, text: str, note: str) -> "Editor":
        """Another text in the place of this one, which can be had again."""
        return settled(replace(self, wanted=replace(self.wanted, text=text), before=self.text)).telling(note)

    # -- what the template asks

    @property
    def size_bytes(self) -> int:
        """Of the text."""
        return len(self.text.encode("utf-8", "replace"))

    @property
    def limit_bytes(self) -> int:
        """How large the text may be."""
        return MAX_TEXT_BYTES

    @property
    def origin_note(self) -> str:
        """Where the fields come from, where that is worth knowing, and what could not be made a field."""
        told = [phrased(one) for one in self.form.notes]
        if self.form.origin == "values":
            told.insert(0, gettext("The chart has no schema: these fields follow its default values and comments."))
        return " ".join(told)

    @cached_property
    def states(self) -> tuple[FieldState, ...]:
        """Every field of the form with what stands there."""
        return fields_state(self.text, self.form).fields if self.is_readable else ()

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The fields of the Form view."""
        return groups_of(self.form, self.states, self._look)

    @property
    def count(self) -> int:
        """How many settings the Form view has."""
        return sum(one.count for one in self.groups)

    @property
    def is_long(self) -> bool:
        """Whether a search helps."""
        return self.count > _FEW or bool(self.find)

    @cached_property
    def masked(self) -> tuple[Shown, ...]:
        """The secrets that have a value and no field of their own in this view."""
        inside = {one.path for group in self._rendered for one in group.leaves() if one.is_secret}
        paths = dict.fromkeys((*self.wanted.secrets, *self.kept, *self.wanted.stored))
        return tuple(self._secret(one) for one in paths if one not in inside)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Of the Compare view."""
        if not self.is_readable:
            return ()
        secrets = (*self.wanted.secret_paths, *self.wanted.stored)
        mine = merge(read(self.text), read(self.wanted.whole))
        return rows(self.form.defaults, mine, secrets, only_differences=not self.shows_all)

    @property
    def mistakes_json(self) -> str:
        """For the editor's gutter."""
        return json.dumps([{"line": one.line, "message": one.text} for one in self.mistakes])

    @property
    def _rendered(self) -> tuple[Group, ...]:
        return tuple(one for one in self.groups if not one.is_waiting) if self.view == "form" else ()

    @property
    def _look(self) -> Look:
        return Look(
            present=merge(self.form.defaults, read(self.text)),
            mistakes=self._mistakes_by_field,
            typed=self.typed,
            secrets=self.wanted.secrets,
            kept=self.kept,
            stored=self.wanted.stored,
            find=self.find,
            open=self.open,
        )

    @property
    def _mistakes_by_field(self) -> dict[str, str]:
        """By the field that a mistake is in; the first one of each."""
        names = {one.name for top in self.states for one in top.walk()}
        found: dict[str, str] = {}
        for one in self.mistakes:
            name = one.nearest(names)
            if name:
                found.setdefault(name, one.message)
        return found

    def _secret(self, path: str) -> Shown:
        known = next((one for one in self.form.walk() if one.name == path), None)
        return Shown(
            field=known or Field(parse_path(path), "secret"),
            value=self.wanted.secrets.get(path, ""),
            mistake=next((one.message for one in self.mistakes if one.path == path), ""),
            is_secret=True,
            is_kept=path in self.kept,
            is_stored=path in self.wanted.stored,
        )

    def anchor(self, mistake: Mistake) -> str:
        """The id of the field that a mistake is about; empty where the page has none."""
        shown = {one.path for group in self._rendered for top in group.fields for one in top.walk()}
        name = mistake.nearest(shown | {one.path for one in self.masked})
        return f"{element_id(name)}-field" if name else ""


def settled(editor: Editor, *, checked: bool = True) -> Editor:
    """``editor`` with its secrets out of the text, and with what is wrong. ``checked``: also against the schema."""
    try:
        wanted, moved = editor.wanted.parted(editor.form, services().config.secret_fields, editor.kept)
    except UsageError:
        found = check(editor.content, editor.wanted).mistakes
        return replace(editor, view="yaml", is_readable=False, mistakes=found)
    told = check(editor.content, wanted, schema=checked)
    mistakes = (*editor.mistakes, *told.mistakes)
    return replace(editor, wanted=wanted, mistakes=mistakes, notes=(*editor.notes, *told.notes)).telling(_moved(moved))


def _moved(paths: tuple[str, ...]) -> str:
    if not paths:
        return ""
    return str(gettext("Moved out of the text, to be kept in a Secret: %(paths)s", paths=", ".join(paths)))
