"""What an archive holds, as a row of ``contents`` and back."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert

from indexer.model import (
    ArchiveContent,
    ArchiveFile,
    ChartImage,
    ChartMetadata,
    Dependency,
    Maintainer,
    Searchable,
    Subchart,
)
from indexer.searchable import floating, searchable_of
from indexer.store.tables import contents


def insert_content(connection: Connection, content: ArchiveContent) -> None:
    """Keep ``content`` under its digest, in place of what was there."""
    values = asdict(content)
    values["metadata"]["created"] = None  # an archive knows no date of its own
    del values["digest"], values["readme"], values["format"]
    data = zlib.compress(json.dumps(values, ensure_ascii=False).encode())
    row = {"digest": content.digest, "readme": content.readme, "data": data, "format": content.format}
    connection.execute(delete(contents).where(contents.c.digest == content.digest))
    connection.execute(insert(contents).values(row | searchable_columns(content)))


def searchable_columns(content: ArchiveContent) -> dict[str, Any]:
    """What is kept beside the whole of ``content``, small and not packed."""
    made, fleeting = searchable_of(content), floating(content.images)
    values = {"images": made.images, "kinds": made.kinds, "values": made.values, "floating": fleeting}
    return {"searchable": values, "floating": len(fleeting)}


def read_searchable(readme: str, values: Mapping[str, Any]) -> Searchable:
    """``searchable_columns`` back, with the beginning of the README."""
    pairs = tuple((key, comment) for key, comment in values["values"])
    return Searchable(readme, tuple(values["images"]), tuple(values["kinds"]), pairs)


def read_content(row: Row[Any]) -> ArchiveContent:
    """A row of ``contents``, also one that an older program wrote."""
    values = json.loads(zlib.decompress(row.data))
    return ArchiveContent(
        digest=row.digest,
        size=values["size"],
        metadata=_metadata(values["metadata"]),
        readme=row.readme,
        values=values["values"],
        schema=values["schema"],
        templates=_files(values["templates"]),
        crds=_files(values["crds"]),
        dependencies=tuple(_dependencies(values["dependencies"])),
        notes=tuple(values["notes"]),
        partial=values.get("partial", False),
        images=tuple(ChartImage(**one) for one in values.get("images", ())),
        changelog=values.get("changelog", ""),
        licence_text=values.get("licence_text", ""),
        values_files=_files(values.get("values_files", ())),
        subcharts=tuple(Subchart(**one) for one in values.get("subcharts", ())),
        questions=values.get("questions", ""),
        format=row.format,
    )


def _files(values: Any) -> tuple[ArchiveFile, ...]:
    return tuple(ArchiveFile(**one) for one in values)


def _metadata(values: dict[str, Any]) -> ChartMetadata:
    lists = {name: tuple(values[name]) for name in ("keywords", "sources", "urls")}
    people = tuple(Maintainer(**one) for one in values["maintainers"])
    needed = tuple(_dependencies(values["dependencies"]))
    return ChartMetadata(**{**values, **lists, "maintainers": people, "dependencies": needed})


def _dependencies(values: list[dict[str, Any]]) -> Iterator[Dependency]:
    for one in values:
        yield Dependency(**{**one, "tags": tuple(one["tags"])})
