"""What differs between two versions of a chart, and whether it looks like a breaking change. Pure: two versions in,
one frozen `Comparison` out; nothing raises, whatever the texts hold, and nothing takes longer than a few seconds.

::

    compare ──▶ facts       Chart.yaml, dependencies, images
            ──▶ values      values.yaml key by key ──▶ moves (guesses what was renamed)
            ──▶ schema      values.schema.json, and the schemas of crds
            ──▶ files       templates and CRDs as diffs ──▶ lines
            ──▶ breaking    rules over all of it ──▶ manifests (what templates declare)
"""

from dataclasses import replace

from indexer.compare.breaking import reasons
from indexer.compare.crds import compare_crds
from indexer.compare.facts import compare_dependencies, compare_facts, compare_images
from indexer.compare.files import compare_files
from indexer.compare.lines import Effort
from indexer.compare.result import Comparison
from indexer.compare.rules.sides import Sides
from indexer.compare.schema import compare_schemas
from indexer.compare.values import compare_values
from indexer.model import ArchiveContent, ChartMetadata, Dependency

__all__ = ["Comparison", "compare"]


def compare(
    old: ChartMetadata, old_content: ArchiveContent | None, new: ChartMetadata, new_content: ArchiveContent | None
) -> Comparison:
    """Compare two versions, each by what its index (or Chart.yaml) and its archive say. Without an archive, or with a
    partial one, the sections that it would tell are None."""
    found = _from_archives(_from_metadata(old, old_content, new, new_content), old_content, new_content)
    return replace(found, reasons=reasons(Sides(old, new, old_content, new_content, found)))


def _from_metadata(
    old: ChartMetadata, old_content: ArchiveContent | None, new: ChartMetadata, new_content: ArchiveContent | None
) -> Comparison:
    needed = _dependencies(old, old_content), _dependencies(new, new_content)
    return Comparison(old.version, new.version, compare_facts(old, new), compare_dependencies(*needed))


def _dependencies(metadata: ChartMetadata, content: ArchiveContent | None) -> tuple[Dependency, ...]:
    return (content.dependencies if content else ()) or metadata.dependencies


def _from_archives(found: Comparison, old: ArchiveContent | None, new: ArchiveContent | None) -> Comparison:
    if old is None or new is None:
        return found
    effort = Effort()
    found = replace(found, values=compare_values(old.values, new.values, effort))
    if old.partial or new.partial:
        return found
    return replace(
        found,
        schema=compare_schemas(old.schema, new.schema),
        crds=compare_files(old.crds, new.crds, effort),
        definitions=compare_crds((*old.crds, *old.templates), (*new.crds, *new.templates)),
        templates=compare_files(old.templates, new.templates, effort),
        images=compare_images(old.images, new.images),
    )
