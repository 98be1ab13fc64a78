"""What the catalog, the table of mirrors and publishing know of a chart that is to be installed: the facts for the
checks, which know none of these."""

from contextlib import suppress

from catalog_web import publishing
from catalog_web.captain.errors import HelmUrlUnknown
from catalog_web.catalog import VersionPage
from catalog_web.install.checks import Facts, Publishing
from catalog_web.services import Services
from catalog_web.values.fields import Form
from catalog_web.values.form import form_of
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import secret_fields
from indexer.errors import ClusterNotFound, SourceNotFound, UsageError, phrase
from indexer.model import ArchiveContent


def facts_of(services: Services, shown: VersionPage, cluster: str = "", before: ArchiveContent | None = None) -> Facts:
    """The facts about the version ``shown``, to be installed to ``cluster`` (by default the first one). ``before``:
    what is in the version that it is an upgrade from."""
    content = shown.content
    images = content.images if content else ()
    return Facts(
        content=content,
        kube_version=shown.metadata.kube_version,
        deprecated=shown.chart.deprecated or shown.version.deprecated,
        repushed=shown.version.repushed,
        images=tuple((one.reference, services.mirrors.place(one.reference)) for one in images if one.certain),
        publishing=_publishing(services, shown.chart.source, cluster),
        approval=_demands_approval(services, shown.chart.source),
        changed_crds=_changed_crds(before, content),
    )


def secret_paths(services: Services, shown: VersionPage, values_yaml: str) -> tuple[str, ...]:
    """Dotted paths of what is secret in a person's values for that version; none where they cannot be read."""
    form = form_of(shown.content) if shown.content else Form(())
    try:
        return secret_fields(form, parse_values(values_yaml), services.config.secret_fields)
    except UsageError:
        return ()


def _demands_approval(services: Services, source: str) -> bool:
    with suppress(SourceNotFound):
        return services.store.sources.get(source).source.approval
    return False


def _changed_crds(before: ArchiveContent | None, after: ArchiveContent | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    known = {one.path: one.text for one in before.crds}
    return tuple(one.path for one in after.crds if known.get(one.path) != one.text)


def _publishing(services: Services, source: str, cluster: str) -> Publishing | None:
    """None where the source is gone, or no cluster is meant."""
    with suppress(SourceNotFound, ClusterNotFound):
        name = services.installs.cluster(cluster).name
        mode, _reasons = publishing.choice(services, source)
        row = services.store.publications.find(name, source)
        stuck = mode == "helm" and not services.config.helm_url
        return Publishing(
            published=row is not None and row.wanted,
            why_not=phrase(HelmUrlUnknown.cause_text) if stuck else None,
        )
    return None
