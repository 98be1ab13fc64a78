"""A chart archive, read to its end under a budget: what a reader wants to see of it, as text.

Archives inside an archive (``charts/*.tgz``) are opened under what is left of the same budget.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer import parse
from indexer.archive import limits
from indexer.archive.collect import CHART, SUBCHARTS, TEXT_FOLDERS, Found, Wanted, collect
from indexer.archive.limits import MIB, Budget, Refusal
from indexer.archive.names import quoted
from indexer.archive.requirements import REQUIREMENTS, read_requirements
from indexer.archive.subcharts import listed, read_subcharts, wanted_of_subchart
from indexer.archive.text import cut, decode
from indexer.errors import BadArchive, ChartroomError, DigestMismatch
from indexer.images import ChartParts, chart_images
from indexer.model import ArchiveContent, ArchiveFile, ChartMetadata, Dependency

_VALUES = "values.yaml"
_SCHEMA = "values.schema.json"
_QUESTIONS = ("questions.yaml", "questions.yml")
"""What Rancher asks instead of showing values.yaml; the first of them counts."""
_PRESET = re.compile(r"values[-.][^/]*\.ya?ml")
"""``values-production.yaml``, as bitnami names them, and ``values.ha.yaml``."""
_READMES = ("readme.md", "readme.txt", "readme")
"""In the order of preference; compared without regard to case, as `helm show readme` does."""
_CHANGELOGS = ("changelog.md", "changelog.txt", "changelog")
_LICENCES = ("license", "licence", "license.md", "licence.md", "license.txt", "licence.txt")
_CUT = {
    **dict.fromkeys(_READMES, limits.README_BYTES),
    **dict.fromkeys(_CHANGELOGS, limits.CHANGELOG_BYTES),
    **dict.fromkeys(_LICENCES, limits.LICENCE_BYTES),
}
"""Texts that are cut where they are longer."""
_VERSION = re.compile(r"v?[0-9]")


def read_archive(path: Path, *, chart: str, version: str) -> ArchiveContent:
    """Read the archive at ``path``, which the index lists as ``chart`` in ``version``.

    Raises BadArchive for anything that is not a proper chart archive within the limits or holds another chart than
    listed, and OSError where the file itself cannot be opened.
    """
    with _named(chart, version):
        budget = Budget()
        found = _collect(path, _wanted, budget)
        metadata = _metadata(found)
        if (metadata.name, metadata.version) != (chart, version):
            inside = f"{quoted(metadata.name)} {quoted(metadata.version)}"
            raise Refusal(f"its Chart.yaml says that it is {inside}, not what the index lists")
        return _content(path, found, metadata, budget)


def read_chart_metadata(path: Path) -> ChartMetadata:
    """Only the Chart.yaml of the archive at ``path``, with all the safety of ``read_archive``.

    Raises BadArchive, which names chart and version as ``helm package`` writes them into a file's name.
    """
    chart, version = _from_file_name(path)
    with _named(chart, version):
        return _metadata(_collect(path, lambda name: limits.METADATA_BYTES if name == CHART else 0, Budget()))


def check_digest(path: Path, expected: str, chart: str, version: str) -> str:
    """The SHA-256 of the file, in lower-case hexadecimal, held against ``expected``.

    ``expected`` may carry the prefix ``sha256:`` and upper-case letters; empty means that the index promises nothing.
    Raises DigestMismatch.
    """
    actual = _sha256(path)
    promised = expected.strip().lower().removeprefix("sha256:")
    if promised and promised != actual:
        raise DigestMismatch(chart=chart, version=version, actual=actual, expected=promised)
    return actual


@contextmanager
def _named(chart: str, version: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise BadArchive(chart=chart, version=version, detail=str(refusal)) from refusal


def _collect(path: Path, wanted: Wanted, budget: Budget) -> Found:
    with path.open("rb") as packed:
        return collect(packed, path.stat().st_size, wanted, budget)


def _wanted(path: str) -> int:
    if path in (CHART, REQUIREMENTS):
        return limits.METADATA_BYTES
    if path in _QUESTIONS:
        return limits.PRESET_BYTES
    if path in (_VALUES, _SCHEMA) or path.lower() in _CUT:
        return limits.FILE_BYTES
    if _PRESET.fullmatch(path):
        return limits.PRESET_BYTES
    if path.startswith(SUBCHARTS):
        return wanted_of_subchart(path)
    return limits.TEXT_BYTES if path.startswith(TEXT_FOLDERS) else 0


def _metadata(found: Found) -> ChartMetadata:
    if CHART not in found.files:
        raise Refusal("it has no Chart.yaml")
    try:
        return parse.read_chart_yaml(found.files[CHART])
    except ChartroomError as error:
        raise Refusal(f"its Chart.yaml cannot be read: {error.cause.rstrip('.')}") from error


def _content(path: Path, found: Found, metadata: ChartMetadata, budget: Budget) -> ArchiveContent:
    texts = {name: _text(found, name) for name in sorted(found.files) if _is_shown(name)}
    dependencies = metadata.dependencies or _requirements(found)
    subcharts, notes = read_subcharts(found.files, budget)
    found.notes += notes
    templates, values = _below("templates/", texts), texts.get(_VALUES, "")
    return ArchiveContent(
        digest=_sha256(path),
        size=path.stat().st_size,
        metadata=metadata,
        readme=texts.get(_first(found, _READMES), ""),
        values=values,
        schema=texts.get(_SCHEMA, ""),
        templates=templates,
        crds=_below("crds/", texts),
        dependencies=dependencies,
        images=chart_images(ChartParts(metadata, values, templates, dependencies, subcharts)),
        changelog=texts.get(_first(found, _CHANGELOGS), ""),
        licence_text=texts.get(_first(found, _LICENCES), ""),
        values_files=_presets(found, texts),
        subcharts=tuple(listed(subcharts)),
        questions=next((texts[name] for name in _QUESTIONS if name in texts), ""),
        notes=_bounded(found.notes),
    )


def _is_shown(name: str) -> bool:
    return name not in (CHART, REQUIREMENTS) and not name.startswith(SUBCHARTS)


def _text(found: Found, name: str) -> str:
    data = found.files[name]
    limit = _CUT.get(name.lower(), len(data))
    if len(data) > limit:
        data = cut(data, limit)
        shown = f"{limit // MIB} MiB" if limit >= MIB else f"{limit // 1024} KiB"
        found.notes.append(f"{quoted(name)} is cut after {shown}.")
    text, remark = decode(data)
    if remark:
        found.notes.append(f"{quoted(name)} {remark}.")
    return text


def _first(found: Found, preferred: Iterable[str]) -> str:
    """The name of the file that is shown, of several that could be."""
    names = [name for wanted in preferred for name in found.files if name.lower() == wanted]
    if len(names) > 1:
        found.notes.append(f"{quoted(names[0])} is shown; there is {quoted(names[1])} as well.")
    return names[0] if names else ""


def _below(folder: str, texts: dict[str, str]) -> tuple[ArchiveFile, ...]:
    return tuple(ArchiveFile(path=name, text=text) for name, text in texts.items() if name.startswith(folder))


def _presets(found: Found, texts: dict[str, str]) -> tuple[ArchiveFile, ...]:
    names = [name for name in texts if _PRESET.fullmatch(name)]
    if len(names) > limits.PRESETS:
        found.notes.append(f"{quoted(names[limits.PRESETS])} is beyond the {limits.PRESETS} files of values kept.")
    return tuple(ArchiveFile(name, texts[name]) for name in names[: limits.PRESETS])


def _requirements(found: Found) -> tuple[Dependency, ...]:
    needed, note = read_requirements(found.files.get(REQUIREMENTS, b""))
    found.notes += [note] if note else []
    return needed


def _bounded(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= limits.NOTES:
        return tuple(notes)
    return (*notes[: limits.NOTES], f"And {len(notes) - limits.NOTES:,} more of the kind.")


def _sha256(path: Path) -> str:
    with path.open("rb") as packed:
        return hashlib.file_digest(packed, "sha256").hexdigest()


def _from_file_name(path: Path) -> tuple[str, str]:
    stem = path.name.removesuffix(".tgz").removesuffix(".tar.gz")
    chart, dash, version = stem.rpartition("-")
    while "-" in chart and not _VERSION.match(version):
        chart, dash, rest = chart.rpartition("-")
        version = f"{rest}-{version}"
    return (chart, version) if dash and _VERSION.match(version) else (stem, "?")
