"""captain's ChartRepos as pages, API and command line know them: sources published there, and ChartRepos taken over.

All of it asks `services.publisher` and the clusters; what is registered is registered by the rules of `registration`.
"""

import logging
from pathlib import Path
from typing import Any

from catalog_web.captain import chartrepo, discover, objects
from catalog_web.captain.discover import Offer
from catalog_web.captain.errors import NotAdoptable
from catalog_web.captain.limits import Limit, why_not_direct
from catalog_web.captain.publish import default_mode
from catalog_web.captain.status import Published
from catalog_web.install.cluster import CHART_REPO, Cluster
from catalog_web.registration import add_source
from catalog_web.services import Services
from indexer.errors import ChartroomError, Conflict, ObjectNotFound
from indexer.model import PublicationMode, SourceState

log = logging.getLogger(__name__)


def publications(services: Services, source: str) -> tuple[Published, ...]:
    """Where ``source`` is published, with what captain says of it now. Raises SourceNotFound."""
    return services.publisher.publications(services.store.sources.get(source).source.name)


def choice(services: Services, source: str) -> tuple[PublicationMode, tuple[Limit, ...]]:
    """The mode in which ``source`` is published unless somebody says another one, and why captain could not read it
    itself. Raises SourceNotFound."""
    found = services.store.sources.get(source).source
    return default_mode(found), why_not_direct(found)


def publish(services: Services, source: str, cluster: str = "", mode: PublicationMode | None = None) -> Published:
    """Let captain of ``cluster`` (by default the first one) know ``source``. Raises as `Publisher.publish` does, and
    SourceNotFound."""
    with services.audit.recorded("source.publish", f"source/{source}", cluster=cluster, mode=mode):
        return services.publisher.publish(services.store.sources.get(source).source, cluster, mode)


def unpublish(services: Services, source: str, cluster: str = "") -> None:
    """Let captain of ``cluster`` forget ``source``. Say `captain.status.WARNING` before. Raises as
    `Publisher.unpublish` does."""
    with services.audit.recorded("source.unpublish", f"source/{source}", cluster=cluster):
        services.publisher.unpublish(source, cluster)


def known_to(services: Services, source: str) -> tuple[str, ...]:
    """The clusters whose captain knows ``source`` or a project of it, by name."""
    rows = services.store.publications.all()
    return tuple(sorted({one.cluster for one in rows if one.wanted and one.source.split(".")[0] == source}))


def discovered(services: Services, cluster: str = "") -> tuple[Offer, ...]:
    """What the ChartRepos of ``cluster`` offer. Raises ClusterNotFound, PublishingRefused, ClusterError."""
    asked = services.installs.cluster(cluster)
    with objects.with_role(asked):
        found = asked.chart_repos()
    sources = tuple(one.source for one in services.store.sources.all())
    return discover.offers(asked.name, map(chartrepo.seen, found), sources)


def register(services: Services, cluster: str, repo: str, name: str = "", *, operator: bool = False) -> SourceState:
    """Register the ChartRepo ``repo`` of ``cluster`` as a source, by default under the name that it offers.
    ``operator``: for whoever runs the server, and so may lead it to loopback addresses.

    Raises ObjectNotFound, NotAdoptable, Conflict, what `discovered` and `registration.add_source` raise.
    """
    asked = services.installs.cluster(cluster)
    offer = next((one for one in discovered(services, asked.name) if one.repo == repo), None)
    if offer is None:
        where = {"cluster": asked.name, "namespace": asked.captain_namespace}
        raise ObjectNotFound(kind=CHART_REPO, name=repo, **where)
    return adopt(services, offer, name, operator=operator)


def adopt(services: Services, offer: Offer, name: str = "", *, operator: bool = False) -> SourceState:
    """Register what ``offer`` says. Raises as `register` does."""
    if offer.why_not:
        raise NotAdoptable(repo=offer.repo, reason=offer.why_not)
    if offer.state == "registered":
        raise Conflict(what=f"It is the source “{offer.name}” already.", hint="Open that source.")
    values: dict[str, Any] = {
        "name": name or offer.name,
        "url": offer.url,
        "kind": "index",
        "captain_repo": offer.repo,
        **_login(offer),
    }
    return add_source(services, values, operator=operator, base=Path.cwd(), any_secret=True)


def _login(offer: Offer) -> dict[str, str]:
    """A Secret is referred to, so a new password in it counts; one in the address is moved out of it."""
    if offer.secret_ref:
        return {"secret": offer.secret_ref}
    return {"username": offer.username, "password": offer.password} if offer.username else {}


def keep_in_step(services: Services) -> None:
    """What the scheduler does again and again: tell clusters what changed, take over what is to be taken over."""
    services.publisher.keep_in_step()


def take_over(services: Services) -> None:
    """Register the ChartRepos of those clusters whose option ``discover`` says so."""
    if services.config.sources_only_configured:
        return
    for one in services.installs.clusters:
        if one.discover != "register":
            continue
        try:
            found = discovered(services, one.name)
        except ChartroomError as error:
            log.warning("the ChartRepos of %s cannot be listed: %s", one.name, error.cause)
            continue
        for offer in found:
            if offer.state == "offered" and _may_take_over(offer, services.installs.cluster(one.name)):
                _take_over(services, offer)


def _may_take_over(offer: Offer, cluster: Cluster) -> bool:
    """Whether it may become a source unasked: whoever makes a ChartRepo would else have any Secret sent to its address
    that Chartroom may read."""
    return not offer.secret_ref or offer.secret_ref.split("/")[1] == cluster.captain_namespace


def _take_over(services: Services, offer: Offer) -> None:
    try:
        adopt(services, offer)
    except ChartroomError as error:
        log.warning("the ChartRepo %s of %s cannot be registered: %s", offer.repo, offer.cluster, error.cause)
    else:
        log.info("registered the ChartRepo %s of %s as %s", offer.repo, offer.cluster, offer.name)
