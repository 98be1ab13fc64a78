"""Probes and metrics: alive, able to serve, and how it fares."""

from catalog_web.api import health_shapes as shapes
from catalog_web.api import problems
from catalog_web.api.operations import Caller, Reply, Text, operation
from catalog_web.condition import condition
from catalog_web.metrics.scrape import MEDIA_TYPE
from catalog_web.readiness import look


@operation(
    "GET", "/healthz", action="open", summary="Whether the process is alive", answer=shapes.Health, any_host=True
)
def alive(_caller: Caller) -> shapes.Health:
    """It answers, so it is. Nothing else is asked, so that a database that is away gets no process restarted."""
    return {"status": "ok"}


@operation(
    "GET",
    "/readyz",
    action="open",
    summary="Whether store and search index answer, and the index follows the store",
    answer=shapes.Readiness,
    other={503: shapes.NotReady},
    any_host=True,
)
def ready(caller: Caller) -> shapes.Readiness | Reply:
    """Ask every part; 503 says what stands in the way first, with all parts beside it."""
    found = look(caller.services)
    parts = [shapes.readiness_part(one) for one in found.parts]
    if found.error is None:
        return {"status": "ready", "parts": parts}
    return Reply({**problems.problem(found.error), "status": 503, "parts": parts}, 503)


@operation(
    "GET",
    "/api/v1/health",
    action="admin.read",
    target="admin",
    summary="How processes, database, clusters and queues fare",
    answer=shapes.HealthReport,
)
def report(caller: Caller) -> shapes.HealthReport:
    """It answers also without a database."""
    return shapes.health_report(condition(caller.services))


@operation(
    "GET",
    "/metrics",
    action="metrics.read",
    summary="How it fares, in Prometheus' text format",
    answer=Text,
    media_type=MEDIA_TYPE,
    any_host=True,
)
def metrics(caller: Caller) -> Text:
    """Everything at this moment; a store that is away is told by ``chartroom_store_up 0``."""
    return Text(caller.services.metrics.text(), MEDIA_TYPE)
