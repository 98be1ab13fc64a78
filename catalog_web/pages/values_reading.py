"""A form of values as it was sent, and what its buttons do."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from flask import request
from flask_babel import gettext

from catalog_web.i18n import phrased, told
from catalog_web.pages.values_editor import Editor, View, settled
from catalog_web.pages.values_fields import keys_of
from catalog_web.values.editing import drop, put
from catalog_web.values.fields import Form
from catalog_web.values.paths import ABSENT, dotted, parse_path, value_at
from catalog_web.values.posting import add_item, apply, drop_item, value_of
from catalog_web.values.secrets import generate
from catalog_web.values.state import fields_state
from catalog_web.values_check import Mistake
from catalog_web.values_wanted import Wanted
from indexer.errors import UsageError
from indexer.model import ArchiveContent

_VALUE, _SECRET, _NEW = "v.", "secret.", "new."
_MOST_PATHS = 200
"""Paths that a form may call secret."""
_LONGEST_PATH, _LONGEST_SECRET = 500, 64 * 1024
_VIEWS: Mapping[str, View] = {"form": "form", "yaml": "yaml", "compare": "compare"}
_QUICK = frozenset({"find", "open"})
"""Steps after which the values are not held against the schema: they change nothing."""


def opened(content: ArchiveContent | None, text: str = "", stored: Collection[str] = ()) -> Editor:
    """The editor of a page that is opened, with the values ``text``, in the view that the address names as ``view``.
    ``stored``: dotted paths whose values the app's Secret has already."""
    view = _VIEWS.get(request.args.get("view", ""), "form")
    return settled(Editor(content, Wanted(text, stored=tuple(stored)), view=view))


def posted(
    content: ArchiveContent | None, stored: Collection[str] = (), *, filled: ArchiveContent | None = None
) -> Editor:
    """The editor as it was sent, after what the pressed button does. What cannot be done is told in it.

    ``filled``: the chart whose fields were filled in, where another version was chosen in the same form: what was shown
    as its default is no value of the person's.
    """
    step, _, about = request.form.get("step", "").partition(":")
    editor = replace(_sent(filled or content, stored), content=content)
    try:
        editor = _STEPS.get(step, _nothing)(editor, about)
    except UsageError as error:
        editor = editor.telling(told(error).cause)
    return settled(editor, checked=step not in _QUICK)


# -- what was sent


def _sent(content: ArchiveContent | None, stored: Collection[str]) -> Editor:
    sent = request.form
    editor = Editor(
        content,
        Wanted(_lines("values_yaml"), _secrets(), tuple(stored)),
        view=_VIEWS.get(sent.get("view", ""), "form"),
        find=sent.get("find", "").strip()[:100],
        open=tuple(sent.getlist("open")[:_MOST_PATHS]),
        kept=_kept(),
        shows_all=sent.get("all") == "on",
    )
    return _applied(editor) if editor.view == "form" else editor


def _applied(editor: Editor) -> Editor:
    """With the fields of the Form view laid onto the text."""
    sent = _under(_VALUE)
    try:
        done = apply(_with_keys(editor.text, editor.form, sent), editor.form, sent)
    except UsageError:
        return editor
    wrong = tuple(Mistake(dotted(one.path), phrased(one.message)) for one in done.mistakes)
    typed = {dotted(one.path): one.text for one in done.mistakes}
    return replace(editor, wanted=replace(editor.wanted, text=done.text), mistakes=wrong, typed=typed)


def _with_keys(text: str, form: Form, sent: Mapping[str, str]) -> str:
    """``text`` with the fields for the keys of maps laid onto it. Raises UsageError."""
    for state in [one for one in fields_state(text, form).walk() if one.field.kind == "map"]:
        for one in keys_of(state):
            typed = sent.get(one.name, one.text)
            if typed != one.text:
                text = put(text, one.field.path, value_of(one.field, typed) if typed else "")
    return text


def _under(start: str) -> dict[str, str]:
    """The fields whose names begin with ``start``, without it; the last of equal ones, as a tick box sends two."""
    found = ((name, values[-1]) for name, values in request.form.lists() if name.startswith(start))
    return {name.removeprefix(start): value.replace("\r\n", "\n") for name, value in found}


def _secrets() -> dict[str, str]:
    told = {name: value for name, value in _under(_SECRET).items() if value and len(value) <= _LONGEST_SECRET}
    return {name: value for name, value in told.items() if _is_path(name)}


def _kept() -> tuple[str, ...]:
    named = (*request.form.getlist("kept"), *request.form.getlist("keep"))
    return tuple(dict.fromkeys(one for one in named[:_MOST_PATHS] if _is_path(one)))


def _is_path(text: str) -> bool:
    try:
        return len(text) <= _LONGEST_PATH and bool(parse_path(text))
    except UsageError:
        return False


def _lines(name: str) -> str:
    """A browser sends the lines of a text area with CR LF."""
    return request.form.get(name, "").replace("\r\n", "\n")


# -- what a button does; each raises UsageError for what cannot be done


def _nothing(editor: Editor, _about: str) -> Editor:
    return editor


def _view(editor: Editor, about: str) -> Editor:
    return replace(editor, view=_VIEWS.get(about, editor.view))


def _show_all_fields(editor: Editor, _about: str) -> Editor:
    return replace(editor, find="")


def _open(editor: Editor, about: str) -> Editor:
    return replace(editor, open=tuple(dict.fromkeys((*editor.open, about))))


def _all(editor: Editor, about: str) -> Editor:
    return replace(editor, shows_all=about == "on")


def _reset(editor: Editor, about: str) -> Editor:
    return _without_secret(_at(editor, about, drop(editor.text, parse_path(about))), about)


def _add(editor: Editor, about: str) -> Editor:
    path = parse_path(about)
    key = request.form.get(_NEW + about, "").strip()
    if key:
        return _at(editor, about, put(editor.text, (*path, key), ""))
    return _at(editor, about, add_item(editor.text, editor.form, path))


def _remove(editor: Editor, about: str) -> Editor:
    path = parse_path(about)
    if isinstance(path[-1], int):
        return _at(editor, about, drop_item(editor.text, editor.form, path))
    text = drop(editor.text, path)
    # what the chart itself has goes by a null alone
    is_default = value_at(editor.form.defaults, path) is not ABSENT
    return _at(editor, about, put(text, path, None) if is_default else text)


def _generate(editor: Editor, about: str) -> Editor:
    parse_path(about)
    secrets = {**editor.wanted.secrets, about: generate()}
    note = gettext("A password was made for %(path)s. It is not shown; the Secret will have it.", path=about)
    return replace(editor, wanted=replace(editor.wanted, secrets=secrets)).telling(note)


def _show(editor: Editor, about: str) -> Editor:
    """What was typed is forgotten: a secret never comes back as text."""
    return _without_secret(editor, about)


def _undo(editor: Editor, _about: str) -> Editor:
    return replace(editor, wanted=replace(editor.wanted, text=_lines("before_yaml")))


def _at(editor: Editor, about: str, text: str) -> Editor:
    """With another text, and the group of the change open."""
    top = str(parse_path(about)[0])
    return replace(_open(editor, top), wanted=replace(editor.wanted, text=text))


def _without_secret(editor: Editor, path: str) -> Editor:
    left = {name: value for name, value in editor.wanted.secrets.items() if name != path}
    kept = tuple(one for one in editor.kept if one != path)
    return replace(editor, wanted=replace(editor.wanted, secrets=left), kept=kept)


_STEPS: Mapping[str, Callable[[Editor, str], Editor]] = {
    "view": _view,
    "unfind": _show_all_fields,
    "open": _open,
    "all": _all,
    "reset": _reset,
    "add": _add,
    "remove": _remove,
    "generate": _generate,
    "show": _show,
    "undo": _undo,
}
