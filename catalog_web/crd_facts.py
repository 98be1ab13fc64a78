"""Custom resource definitions of a chart: what each defines, and the schema of its objects. Pure.

A file may hold several, and other objects; what cannot be read keeps its place with the reason.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from indexer.errors import EntryError, Phrase, phrase
from indexer.parse import as_mapping, load_values
from indexer.parse.text import shown

_DOCUMENT_END = re.compile(r"^(?:---|\.\.\.)(?:[ \t].*)?$", re.MULTILINE)
_MAX_DOCUMENTS = 100
_MAX_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class CrdVersion:
    """One version of a custom resource."""

    name: str
    served: bool
    storage: bool
    """Objects are stored in it."""
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Crd:
    """One custom resource definition."""

    kind: str
    group: str
    plural: str
    scope: str
    short_names: tuple[str, ...]
    versions: tuple[CrdVersion, ...]

    @property
    def name(self) -> str:
        """``plural.group``, as Kubernetes names it."""
        return f"{self.plural}.{self.group}"


@dataclass(frozen=True, slots=True)
class CrdFile:
    """What one file defines."""

    crds: tuple[Crd, ...]
    problem: Phrase | None = None
    """Why some of it cannot be read."""


@lru_cache(maxsize=8)
def read_crds(text: str) -> CrdFile:
    """The definitions of one file, in its order."""
    found: list[Crd] = []
    problem: Phrase | None = None
    for one in _objects(text):
        if isinstance(one, EntryError):
            problem = problem or phrase(one.cause_text, **one.params)
        elif _is_crd(one):
            found.append(_crd(as_mapping(one.get("spec"))))
    return CrdFile(tuple(found), problem)


def crd_schema(text: str, name: str, version: str) -> Mapping[str, Any] | None:
    """The schema of that version of the definition ``name`` (`Crd.name`), as OpenAPI writes it; None where it has
    none."""
    for one in _objects(text):
        if isinstance(one, EntryError) or not _is_crd(one):
            continue
        spec = as_mapping(one.get("spec"))
        if _crd(spec).name == name:
            found = next((told for told in _told_versions(spec) if _text(told.get("name")) == version), {})
            schema = as_mapping(found.get("schema")) or as_mapping(spec.get("validation"))
            return as_mapping(schema.get("openAPIV3Schema")) or None
    return None


def _objects(text: str) -> Iterator[Mapping[str, Any] | EntryError]:
    """The objects of the YAML documents, or why one cannot be read."""
    for document in _documents(text):
        try:
            yield load_values(document)
        except EntryError as error:
            yield error


def _documents(text: str) -> Iterator[str]:
    """The YAML documents: their marks stand at the begin of a line and nowhere else, whatever is around them."""
    parts = _DOCUMENT_END.split(text, _MAX_DOCUMENTS)
    return (part for part in parts[:_MAX_DOCUMENTS] if part.strip())


def _is_crd(values: Mapping[str, Any]) -> bool:
    return values.get("kind") == "CustomResourceDefinition"


def _crd(spec: Mapping[str, Any]) -> Crd:
    names = as_mapping(spec.get("names"))
    short = names.get("shortNames")
    return Crd(
        kind=_text(names.get("kind")),
        group=_text(spec.get("group")),
        plural=_text(names.get("plural")),
        scope=_text(spec.get("scope")),
        short_names=tuple(_text(one) for one in short[:_MAX_VERSIONS]) if isinstance(short, list) else (),
        versions=tuple(_versions(spec)),
    )


def _versions(spec: Mapping[str, Any]) -> Iterator[CrdVersion]:
    for told in _told_versions(spec):
        yield CrdVersion(
            name=_text(told.get("name")),
            served=told.get("served") is True,
            storage=told.get("storage") is True,
            deprecated=told.get("deprecated") is True,
        )


def _told_versions(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """As they stand there; ``apiextensions.k8s.io/v1beta1`` may name one alone."""
    listed = spec.get("versions")
    if isinstance(listed, list):
        return [as_mapping(one) for one in listed[:_MAX_VERSIONS]]
    return [{"name": spec["version"], "served": True, "storage": True}] if "version" in spec else []


def _text(value: object) -> str:
    return shown(value, 253) if isinstance(value, str) else ""
