"""The check of a person's values against all schemas of a chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_web.schema_tree import MAX_BYTES
from catalog_web.values.paths import Path, dotted
from catalog_web.values.spans import line_of
from catalog_web.values.validation.charts import ChartSchema, schemas_of
from catalog_web.values.validation.child import Answer, ask
from catalog_web.values.validation.words import note_words, problem_words
from indexer.errors import Phrase
from indexer.model import ArchiveContent
from indexer.parse.commented import Node, read_commented
from indexer.parse.feed import YamlFault

SECONDS = 1.0
"""Of the processor, for all schemas of a chart together."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that a schema refuses."""

    path: Path
    message: Phrase
    line: int | None = None
    """From 1, in the person's text: of the value, else of what is nearest above it; None where neither stands there."""

    @property
    def name(self) -> str:
        """The path as text."""
        return dotted(self.path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all schemas of a chart say."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[Phrase, ...] = ()
    """What could not be checked, and why."""


def validate(
    content: ArchiveContent, values: Mapping[str, Any], *, text: str = "", seconds: float = SECONDS
) -> Outcome:
    """Hold a person's ``values``, laid over the chart's, against its schema and those of its subcharts.

    ``text``: what they typed, for the lines of the problems. Whatever the schemas hold, it ends after some
    ``seconds`` and does not raise.
    """
    return check(schemas_of(content, values), content.metadata.name, text=text, seconds=seconds)


def check(schemas: Sequence[ChartSchema], chart: str, *, text: str = "", seconds: float = SECONDS) -> Outcome:
    """The same of ``schemas``, whose chart is called ``chart``."""
    usable = [one for one in schemas if len(one.schema) <= MAX_BYTES]
    notes = [note_words("large", "", _name(one, chart)) for one in schemas if len(one.schema) > MAX_BYTES]
    answers = ask(usable, seconds) if usable else []
    root, problems = _root(text), list[Problem]()
    for schema, answer in zip(usable, answers, strict=True):
        notes += _notes(answer, _name(schema, chart))
        problems += _problems(answer, schema, root)
    return Outcome(tuple(problems), tuple(notes))


def _name(one: ChartSchema, chart: str) -> str:
    return "/".join((chart, *one.path))


def _notes(answer: Answer | None, chart: str) -> list[Phrase]:
    if answer is None:
        return [note_words("killed", "", chart)]
    return [note_words(kind, detail, chart) for kind, detail in answer["notes"]]


def _problems(answer: Answer | None, schema: ChartSchema, root: Node | None) -> list[Problem]:
    found: list[Problem] = []
    for one in answer["problems"] if answer else ():
        path = (*schema.path, *one["path"])
        message = problem_words(one["keyword"], one["told"], one.get("given", ""))
        found.append(Problem(path, message, line_of(root, path)))
    return found


def _root(text: str) -> Node | None:
    try:
        return read_commented(text).root if text.strip() else None
    except YamlFault:
        return None
