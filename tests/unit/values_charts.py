"""A chart's archive as forms and checks want it."""

import json
from typing import Any

from indexer.model import ArchiveContent, ChartMetadata, Dependency, Subchart


def chart(
    values: str = "",
    schema: object = None,
    *,
    questions: str = "",
    subcharts: tuple[Subchart, ...] = (),
    dependencies: tuple[Dependency, ...] = (),
) -> ArchiveContent:
    """``schema``: text as it is, anything else as JSON."""
    text = schema if isinstance(schema, str) else "" if schema is None else json.dumps(schema)
    return ArchiveContent(
        digest="0" * 64,
        size=1,
        metadata=ChartMetadata(name="shop", version="1.0.0"),
        readme="",
        values=values,
        schema=text,
        templates=(),
        crds=(),
        dependencies=dependencies,
        subcharts=subcharts,
        questions=questions,
    )


def object_schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}
