"""Two versions of a chart for tests: the good case, of which each test changes one thing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from indexer.compare import Comparison, compare
from indexer.errors import fill
from indexer.model import ArchiveContent, ArchiveFile, ChartMetadata

STATEFUL = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "demo.fullname" . }}
spec:
  serviceName: demo
  selector:
    matchLabels:
      app: demo
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
"""
HELPER = '{{- define "demo.fullname" -}}\n{{ .Release.Name }}-demo\n{{- end }}\n'


def stateful(text: str = STATEFUL, values: str = "") -> ArchiveContent:
    """An archive with that StatefulSet and the helper that it includes, so that its defaults can be worked out."""
    return content(values, templates={"templates/a.yaml": text, "templates/_h.tpl": HELPER})


def metadata(version: str = "1.0.0", **fields: Any) -> ChartMetadata:
    return ChartMetadata("demo", version, **fields)


def content(values: str = "", **fields: Any) -> ArchiveContent:
    """An archive; ``templates`` and ``crds`` are texts by path."""
    empty = ArchiveContent("00", 1, metadata(), "", values, "", (), (), ())
    folders = {name: files(fields.pop(name)) for name in ("templates", "crds") if name in fields}
    return replace(empty, **folders, **fields)


def files(texts: Mapping[str, str]) -> tuple[ArchiveFile, ...]:
    return tuple(ArchiveFile(path, text) for path, text in texts.items())


def compared(old: ArchiveContent, new: ArchiveContent, *versions: ChartMetadata) -> Comparison:
    was, now = versions or (metadata("1.0.0"), metadata("1.0.1"))
    return compare(was, old, now, new)


def values(old: str, new: str) -> list[tuple[str, str]]:
    """What happened to which key; ``was → now`` where it moved."""
    found = compared(content(old), content(new)).values
    assert found is not None
    return [
        (one.kind, f"{'.'.join(one.before.path)} → {'.'.join(one.path)}" if one.kind == "moved" else ".".join(one.path))
        for one in found.changes
    ]


def said(found: Comparison) -> list[str]:
    """The reasons as people read them, with their severity."""
    return [f"{one.severity}: {fill(**one.sentence)}" for one in found.reasons]
