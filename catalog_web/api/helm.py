"""Each source as a Helm repository: its index, and its archives beside it."""

from catalog_web.api import charts
from catalog_web.api.operations import Caller, FileAnswer, operation

_YAML = "application/yaml"


@operation(
    "GET",
    "/helm/{source}/index.yaml",
    action="catalog.read",
    target="chart/{source}",
    summary="A source as a Helm repository: what ``helm repo add`` and captain read",
    answer=FileAnswer,
    media_type=_YAML,
    errors=(401, 404, 503),
)
def index(caller: Caller, source: str) -> FileAnswer:
    """The index of a source, written anew when the source lists something else. Raises SourceNotFound."""
    made = caller.services.helm.index(source)
    return FileAnswer(made.plain, "index.yaml", made.digest, _YAML, made.packed, to_save=False)


@operation(
    "GET",
    "/helm/{source}/{file}.tgz",
    action="catalog.read",
    target="chart/{source}",
    summary="The archive of a version, as the index names it",
    answer=FileAnswer,
    errors=(401, 404, 502, 503),
)
def archive(caller: Caller, source: str, file: str) -> FileAnswer:
    """The archive, fetched when it is first asked for; one that revisions need also after its version has left the
    source. Raises ChartNotFound, SourceError, ArchiveError."""
    kept = caller.services.kept.file(source, file)
    if kept is not None:
        path, digest = kept
        return FileAnswer(path, f"{file}.tgz", digest)
    return charts.archive(caller, source, file)


@operation(
    "GET",
    "/helm/{source}/{file}.tgz.prov",
    action="catalog.read",
    target="chart/{source}",
    summary="The provenance file beside it, which ``helm pull --verify`` reads",
    answer=FileAnswer,
    media_type=charts.PROVENANCE,
    errors=(401, 404, 502, 503),
)
def provenance(caller: Caller, source: str, file: str) -> FileAnswer:
    """The provenance file, looked for when it is first asked for. Raises as ``charts.provenance``."""
    return charts.provenance(caller, source, file)
