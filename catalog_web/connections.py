"""Test connection, as pages, API and command line ask for it: of a registered source, or of one that may become one.

Only who may register sources may test one (`auth` sees to it), and nothing is told of an address that a source of
theirs may not reach: no port of the inner network can be looked at in this way.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog_web.captain.inside import Inside, seen_from
from catalog_web.registration import tried_source
from catalog_web.services import Services
from catalog_web.sight import EVERYTHING, Sight
from indexer.diagnose import Diagnosis
from indexer.diagnose.ladder import diagnose


def test_connection(
    services: Services,
    values: Mapping[str, Any],
    *,
    person: str,
    operator: bool,
    base: Path,
    names_secrets: bool = False,
) -> Diagnosis:
    """Climb from the server's name to the charts of the source that ``values`` mean (`registration.tried_source`); at
    most half a minute. ``operator``: on the server's own command line, where the addresses of names are told.

    Raises TooOften, CredentialsUnreadable (a Secret of a cluster), and what `registration.tried_source` raises.
    """
    with services.turns.taken(person):
        tried = tried_source(services, values, operator=operator, base=base, names_secrets=names_secrets)
        access = services.accesses.with_secrets(tried.secrets).of(tried.source)
        return diagnose(tried.source, access, services.config.data_dir / "spool", disclose=operator)


def seen_from_clusters(
    services: Services, name: str, cluster: str = "", sight: Sight = EVERYTHING
) -> tuple[Inside, ...]:
    """How the source ``name`` is seen from where captain stands, in ``cluster`` or in every one that is in ``sight``.

    Raises SourceNotFound, ClusterNotFound.
    """
    source = services.store.sources.get(name).source
    names = [cluster] if cluster else [one.name for one in services.installs.clusters]
    asked = [services.installs.cluster(one) for one in names if sight.sees_cluster(one)]
    return tuple(seen_from(one, source, services.config.helm_url) for one in asked)
