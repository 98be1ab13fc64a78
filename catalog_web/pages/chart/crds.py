"""The custom resource definitions: what each defines, the schema of its objects, and the file itself."""

from dataclasses import dataclass
from typing import Any

from flask import request

from catalog_web.catalog import VersionPage
from catalog_web.crd_facts import Crd, CrdFile, CrdVersion, crd_schema, read_crds
from catalog_web.pages.chart import files
from catalog_web.schema_tree import SchemaTree, schema_tree
from indexer.model import ArchiveFile


@dataclass(frozen=True, slots=True)
class Chosen:
    """The definition whose schema is shown."""

    crd: Crd
    version: CrdVersion
    tree: SchemaTree | None
    """None where that version has no schema."""


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    if shown.content is None:
        return {}
    found = files.content(shown.content.crds, colours=True)
    read = [(one, read_crds(one.text)) for one in shown.content.crds]
    return {**found, "crds": read, "definition": _chosen(found["chosen"], read)}


def _chosen(file: ArchiveFile, read: list[tuple[ArchiveFile, CrdFile]]) -> Chosen | None:
    """The definition that the address names, else the first of ``file``; its newest stored version by default."""
    crds = next((found.crds for one, found in read if one is file), ())
    crd = next((one for one in crds if one.name == request.args.get("crd")), crds[0] if crds else None)
    if crd is None or not crd.versions:
        return None
    asked = request.args.get("served", "")
    stored = next((one for one in crd.versions if one.storage), crd.versions[0])
    version = next((one for one in crd.versions if one.name == asked), stored)
    schema = crd_schema(file.text, crd.name, version.name)
    return Chosen(crd, version, schema_tree(schema) if schema else None)
