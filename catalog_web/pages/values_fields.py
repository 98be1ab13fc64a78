"""The fields of a form of values as a template shows them: in groups, searched, with what was typed and is wrong."""

import dataclasses
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext

from catalog_web.values.fields import Condition, Field, Form
from catalog_web.values.paths import ABSENT, value_at
from catalog_web.values.reading import Values, same
from catalog_web.values.state import FieldState, shown_text

GENERAL = "general"
FEW_FIELDS, MANY_FIELDS = 30, 300
"""Fields of a form. Up to the first number all groups are open, else the first group; beyond the second number, what is
in a closed group is brought when it is opened."""
MOST_KEYS = 60
"""Keys of a map that get fields of their own; a larger one is edited as YAML."""
_MOST_ROWS = 14
_LONG_TEXT = 120
_SLUG = re.compile(r"[^A-Za-z0-9]+")
_BOOLEANS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Shown:
    """One field, or a branch with fields below it."""

    field: Field
    value: str = dataclasses.field(repr=False)
    """What its input holds."""
    default: str = ""
    differs: bool = False
    mistake: str = ""
    fields: tuple["Shown", ...] = ()
    depth: int = 0
    is_branch: bool = False
    """It has fields of its own instead of an input."""
    is_secret: bool = False
    """It goes to a Secret; its input is masked."""
    is_kept: bool = False
    """It is a secret because somebody ticked so."""
    is_key: bool = False
    """It stands in a map, and so can be taken out."""
    is_stored: bool = False
    """A value is in the Secret of the app already, and stays as long as nothing is typed."""
    steers: bool = False
    """Other fields mean something only with some of its values."""

    @property
    def path(self) -> str:
        """Dotted."""
        return self.field.name

    @property
    def id(self) -> str:
        """Of its element."""
        return element_id(self.path)

    @property
    def name(self) -> str:
        """Under which its value is posted."""
        return f"secret.{self.path}" if self.is_secret else f"v.{self.path}"

    @property
    def title(self) -> str:
        """What a person reads above it."""
        if self.is_item and not self.field.title:
            return str(gettext("Item %(number)s", number=int(self.field.path[-1]) + 1))
        return self.field.label

    @property
    def control(self) -> str:
        """Which input it gets."""
        if self.is_secret:
            return "masked-lines" if "\n" in self.value or self.field.multiline else "masked"
        if self.field.kind == "boolean" and self.value in _BOOLEANS:
            return "tick"
        if self.field.kind in ("boolean", "choice"):
            return "choice"
        long = "\n" in self.value or len(self.value) > _LONG_TEXT or self.field.multiline
        return "lines" if long or self.field.kind in ("list", "map", "yaml") else "line"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen: the value as it is posted, and what a person reads."""
        if self.field.kind == "boolean":
            return [("", gettext("not set")), ("true", gettext("yes")), ("false", gettext("no"))]
        told = [(one.text, one.label) for one in self.field.choices]
        return told if self.field.required else [("", gettext("not set")), *(one for one in told if one[0])]

    @property
    def is_item(self) -> bool:
        """Whether it stands in a list, and so can be taken out."""
        return isinstance(self.field.path[-1], int)

    @property
    def may_be_kept(self) -> bool:
        """Whether a person may have it kept in a Secret."""
        in_list = any(isinstance(step, int) for step in self.field.path)
        return self.field.kind == "text" and not self.is_secret and not in_list

    @property
    def rows(self) -> int:
        """Height of its text area."""
        return min(max(self.value.count("\n") + 1, 2), _MOST_ROWS)

    @property
    def plain(self) -> list["Shown"]:
        """What is below it and for everybody."""
        return [one for one in self.fields if not one.field.advanced]

    @property
    def advanced(self) -> list["Shown"]:
        """What is below it and folded."""
        return [one for one in self.fields if one.field.advanced]

    @property
    def needs_look(self) -> bool:
        """Whether it or something below it is changed or wrong."""
        return any(one.differs or one.mistake for one in self.walk())

    def walk(self) -> Iterator["Shown"]:
        """It and all below it."""
        yield self
        for one in self.fields:
            yield from one.walk()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading."""

    key: str
    title: str
    help: str
    fields: tuple[Shown, ...]
    is_open: bool = False
    is_waiting: bool = False
    """Its fields are not in the page yet."""

    @property
    def id(self) -> str:
        """Of its element."""
        return "group-" + element_id(self.key)

    @property
    def plain(self) -> list[Shown]:
        """Those for everybody."""
        return [one for one in self.fields if not one.field.advanced]

    @property
    def advanced(self) -> list[Shown]:
        """Those that are folded."""
        return [one for one in self.fields if one.field.advanced]

    def leaves(self) -> list[Shown]:
        """All that has an input."""
        return [one for top in self.fields for one in top.walk() if not one.is_branch]

    @property
    def count(self) -> int:
        """How many settings there are."""
        return len(self.leaves())

    @property
    def differing(self) -> int:
        """How many are not the default."""
        return sum(one.differs for one in self.leaves())

    @property
    def mistakes(self) -> int:
        """How many cannot be used."""
        return sum(bool(one.mistake) for top in self.fields for one in top.walk())


@dataclass(frozen=True, slots=True)
class Look:
    """What the page knows beside the text."""

    present: Values = dataclasses.field(repr=False)
    """What holds: the defaults with the person's values on top."""
    mistakes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What is wrong, by dotted path."""
    typed: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    """Texts that could not be taken, by dotted path: they are shown again."""
    secrets: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    """What was typed as secrets, by dotted path."""
    kept: Collection[str] = ()
    """Dotted paths that are secrets because somebody said so."""
    stored: Collection[str] = ()
    find: str = ""
    open: Collection[str] = ()
    """Keys of the groups that are open."""


def groups_of(form: Form, states: Iterable[FieldState], look: Look) -> tuple[Group, ...]:
    """The fields of ``form`` in groups: what stands alone at the top first, then each part of the chart's values."""
    steering = {".".join(map(str, one.path)) for each in form.walk() for one in each.shown_if}
    made: dict[str, Group] = {}
    for state in states:
        shown = _shown(state, look, steering, 0)
        if shown is not None:
            key, group = _group(shown)
            there = made.get(key)
            made[key] = replace(there, fields=(*there.fields, *group.fields)) if there else group
    ordered = sorted(made.values(), key=lambda one: one.key != GENERAL)
    return _opened(tuple(ordered), look)


def _group(shown: Shown) -> tuple[str, Group]:
    """The group that a field of the top goes to; an object is one by itself."""
    if shown.field.group:
        return f"group:{shown.field.group}", Group(f"group:{shown.field.group}", shown.field.group, "", (shown,))
    if not shown.is_branch:
        return GENERAL, Group(GENERAL, gettext("General"), "", (shown,))
    inside = shown.fields if shown.field.kind == "object" and not shown.mistake else (shown,)
    text = shown.field.help if inside is shown.fields else ""
    return shown.path, Group(shown.path, shown.title, text, inside)


def _opened(groups: tuple[Group, ...], look: Look) -> tuple[Group, ...]:
    total = sum(one.count for one in groups)
    return tuple(_open(one, total, look, is_first=at == 0) for at, one in enumerate(groups))


def _open(group: Group, total: int, look: Look, *, is_first: bool) -> Group:
    wanted = group.key in look.open or bool(look.find) or group.mistakes > 0
    is_open = wanted or total <= FEW_FIELDS or is_first
    return replace(group, is_open=is_open, is_waiting=not is_open and total > MANY_FIELDS)


# -- one field


def _shown(state: FieldState, look: Look, steering: Collection[str], depth: int) -> Shown | None:
    """None for what means nothing now, or is not what is looked for."""
    if not all(_holds(one, look.present) for one in state.field.shown_if):
        return None
    path = state.name
    below = [_shown(one, look, steering, depth + 1) for one in (*state.children, *keys_of(state))]
    fields = tuple(one for one in below if one is not None)
    if look.find and not fields and not _found(state.field, look.find):
        return None
    if look.find and _found(state.field, look.find) and state.children:
        whole = replace(look, find="")
        fields = tuple(one for each in state.children if (one := _shown(each, whole, steering, depth + 1)) is not None)
    is_secret = state.field.kind == "secret" or path in look.kept
    value = look.secrets.get(path, "") if is_secret else look.typed.get(path, state.text)
    made = Shown(
        field=state.field,
        value=value,
        default=state.default_text,
        differs=bool(value) or path in look.stored if is_secret else state.differs,
        mistake=look.mistakes.get(path, ""),
        fields=fields,
        depth=depth,
        is_branch=_is_branch(state),
        is_secret=is_secret,
        is_kept=path in look.kept and state.field.kind != "secret",
        is_stored=path in look.stored,
        steers=path in steering,
    )
    return _with_keys(made) if state.field.kind == "map" else made


def _with_keys(shown: Shown) -> Shown:
    return replace(shown, fields=tuple(replace(one, is_key=True) for one in shown.fields))


def _is_branch(state: FieldState) -> bool:
    """A list that is no list, or a very long one, is edited as YAML."""
    if state.field.kind == "list":
        return (isinstance(state.value, list) and len(state.value) == len(state.children)) or state.value is None
    return state.field.kind == "object" or has_rows(state)


def has_rows(state: FieldState) -> bool:
    """Whether it is a map whose keys get fields of their own: few, each with a single value."""
    if state.field.kind != "map" or not isinstance(state.value, dict | None):
        return False
    found = (state.value or {}).values()
    return len(found) <= MOST_KEYS and not any(isinstance(one, dict | list) for one in found)


def keys_of(state: FieldState) -> tuple[FieldState, ...]:
    """The keys of a map, each as a field; a key that was taken away (null) has none."""
    if not has_rows(state) or not state.value:
        return ()
    return tuple(_key(state, key, value) for key, value in state.value.items() if value is not None)


def _key(state: FieldState, key: str, value: object) -> FieldState:
    like = state.field.children[0] if state.field.children else Field((), "text", types=("string",))
    default = state.field.default.get(key) if isinstance(state.field.default, dict) else None
    one = replace(like, path=(*state.field.path, key), title="", default=default, children=())
    is_set = state.is_set and not same(value, default)
    return FieldState(one, value, shown_text(one, value), is_set, is_set)


def _holds(condition: Condition, present: Values) -> bool:
    value = value_at(present, condition.path)
    met = any(same(None if value is ABSENT else value, one) for one in condition.values)
    return met is not condition.negated


def _found(one: Field, wanted: str) -> bool:
    needle = wanted.casefold()
    return any(needle in text.casefold() for text in (one.name, one.title, one.help))


def element_id(path: str) -> str:
    """An id for the element of a path: letters, digits and hyphens, different for different paths."""
    return f"v-{_SLUG.sub('-', path)[:60].strip('-')}-{zlib.crc32(path.encode('utf-8', 'replace')):08x}"
