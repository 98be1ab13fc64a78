"""Values that a team keeps under a name for a chart, and whether they still fit a version of it.

A preset never holds a secret: what stands at the path of one is taken out before it is kept, and only the path stays.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from catalog_web.values.fields import Field, Form
from catalog_web.values.form import form_of
from catalog_web.values.paths import ABSENT, Path, dotted
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import secret_fields, without
from catalog_web.values_wanted import Wanted
from indexer.errors import N_, UsageError
from indexer.model import ArchiveContent, Preset

if TYPE_CHECKING:
    from catalog_web.values_check import Mistake

LONGEST_NOTE = 500
MAX_BYTES = 256 * 1024
"""Of the values of one preset; what differs from the defaults of real charts has a few kilobytes."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REMEMBERED = 1_000
_SHOWN = 20
"""Keys and problems that are told of one preset."""

FitState = Literal["fits", "gone", "invalid", "unknown"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a preset goes with one version of its chart."""

    state: FitState
    """``gone``: keys that it sets are not among the chart's values any more. ``invalid``: the schema refuses it.
    ``unknown``: the archive of the version is not known."""
    gone: tuple[str, ...] = ()
    """Dotted paths."""
    problems: tuple["Mistake", ...] = ()
    note: str = ""
    """What could not be looked at, such as a schema that is none."""


def new_preset(
    content: ArchiveContent | None,
    place: tuple[str, str],
    name: str,
    note: str,
    values_yaml: str,
    person: str,
    globs: Sequence[str] = (),
) -> Preset:
    """The preset ``name`` of the chart ``place`` (source, chart), without its secrets.

    ``globs``: over dotted paths that administrators, or the person, call secret. Raises UsageError for a name that
    cannot be one, for too much text, and for values that are none.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            what=N_("A preset needs a name of at most 63 lower-case letters, digits and hyphens."),
            hint=N_("Give it one; what it is for can be said in the note."),
        )
    if len(values_yaml.encode("utf-8", "replace")) > MAX_BYTES:
        raise UsageError(what=N_("These values are too large for a preset."), hint=N_("Leave out the defaults."))
    values = parse_values(values_yaml)
    if not values:
        raise UsageError(what=N_("There is nothing to keep: all values are the defaults."), hint=N_("Set some first."))
    paths = secret_fields(form_of(content) if content else Form(()), values, globs)
    return Preset(
        source=place[0],
        chart=place[1],
        name=name,
        number=0,
        note=" ".join(note.split())[:LONGEST_NOTE],
        values_yaml=without(values_yaml, paths) if paths else values_yaml,
        secret_paths=tuple(paths),
        person=person,
        at=datetime.now(UTC),
    )


class Fits:
    """Whether presets fit versions; computed when asked for, and remembered. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str, int, str, str], Fit] = OrderedDict()
        self._lock = Lock()

    def of(self, preset: Preset, content: ArchiveContent | None) -> Fit:
        """How ``preset`` goes with the version whose archive is ``content``; takes up to a second the first time."""
        from catalog_web.i18n import language

        if content is None or content.partial:
            return Fit("unknown")
        key = (preset.source, preset.chart, preset.name, preset.number, content.digest, language())
        with self._lock:
            if (known := self._known.get(key)) is not None:
                return known
        found = fit(preset.values_yaml, content)
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found


def fit(values_yaml: str, content: ArchiveContent) -> Fit:
    """How values go with a chart. Never raises: values that cannot be read are a problem of theirs."""
    from catalog_web.values_check import check  # brings Flask, which a command that only syncs does without

    wanted = Wanted(values_yaml)
    checked = check(content, wanted)
    note = " ".join(checked.notes)
    if checked.mistakes:
        return Fit("invalid", problems=checked.mistakes[:_SHOWN], note=note)
    gone = tuple(islice(_gone(parse_values(values_yaml), form_of(content)), _SHOWN))
    return Fit("gone" if gone else "fits", gone, note=note)


def _gone(values: Mapping[str, Any], form: Form) -> Iterator[str]:
    """Dotted paths that no field of the form and no default value is at, nor anything that takes any key."""
    known = {one.path: one for one in form.walk()}
    yield from _gone_below((), values, known, form.defaults)


def _gone_below(path: Path, values: Mapping[str, Any], known: Mapping[Path, Field], defaults: Any) -> Iterator[str]:
    for key, value in values.items():
        here = (*path, key)
        one = known.get(here)
        default = defaults.get(key, ABSENT) if isinstance(defaults, Mapping) else ABSENT
        if one is None and default is ABSENT:
            yield dotted(here)
        elif isinstance(value, Mapping) and one is not None and one.kind == "object":
            yield from _gone_below(here, value, known, default)
