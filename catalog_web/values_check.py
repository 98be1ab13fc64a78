"""What is wrong with a person's values: no YAML, too large, or refused by the chart's schema."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from catalog_web.i18n import phrased, said, told
from catalog_web.values.paths import Path, checked
from catalog_web.values.reading import MAX_TEXT_BYTES
from catalog_web.values.validation.check import Problem, validate
from catalog_web.values_wanted import Wanted
from indexer.errors import EntryError, UsageError
from indexer.model import ArchiveContent
from indexer.parse import load_values


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at one place."""

    path: str
    """Dotted; empty for the values as a whole."""
    message: str
    line: int | None = None
    """Of the person's text."""

    @property
    def text(self) -> str:
        """With its place, for where that does not show."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def nearest(self, names: Collection[str]) -> str:
        """The one of ``names`` (dotted paths) that it is at or below; empty where there is none."""
        path = self.path
        while path and path not in names:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return path


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of looking at a person's values."""

    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be looked at, such as a schema that takes too long."""


def check(content: ArchiveContent | None, wanted: Wanted, *, schema: bool = True) -> Checked:
    """Whether ``wanted`` can be used. ``schema``: hold it against that of the chart, too, for some second."""
    size = len(wanted.text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        too_much = gettext("The values have more than %(limit)s bytes.", limit=f"{MAX_TEXT_BYTES:,}")
        return Checked((Mistake("", too_much),))
    try:
        values = load_values(wanted.whole) if wanted.whole.strip() else {}
    except (EntryError, UsageError):
        return Checked((_unreadable(wanted.text),))
    try:
        for path in _paths((), values):
            checked(path)
    except UsageError as error:
        return Checked((Mistake("", told(error).cause),))
    if content is None or not schema:
        return Checked()
    outcome = validate(content, values, text=wanted.text)
    mistakes = tuple(_mistake(one, wanted) for one in outcome.problems)
    return Checked(mistakes, tuple(phrased(one) for one in outcome.notes))


def _paths(path: Path, value: Any) -> Iterator[Path]:
    """The path of every value without more below it, and of every last item of a list."""
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _paths((*path, key), below)
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            yield from _paths((*path, index), below)
    elif path:
        yield path


def _unreadable(text: str) -> Mistake:
    try:
        load_values(text)
    except EntryError as error:
        return Mistake("", said(error.cause_text, error.params), error.params.get("line"))
    return Mistake("", gettext("These are no values: a mapping of keys is expected."))


def _mistake(problem: Problem, wanted: Wanted) -> Mistake:
    """In words that quote no secret: a schema's complaint tells what it was given."""
    message = phrased(problem.message)
    if _tells_secret(problem, wanted, message):
        message = gettext("This secret is not what the chart’s schema asks for.")
    return Mistake(problem.name, message, problem.line)


def _tells_secret(problem: Problem, wanted: Wanted, message: str) -> bool:
    name = problem.name
    is_secret = any(name == one or name.startswith((f"{one}.", f"{one}[")) for one in wanted.secret_paths)
    return is_secret or any(secret in message for secret in wanted.secrets.values())
