"""Probes and metrics: alive, able to serve, and how it fares."""

from catalog_web.api import problems, shapes
from catalog_web.api.operations import Caller, Reply, Text, operation
from catalog_web.metrics.scrape import MEDIA_TYPE
from catalog_web.readiness import Part, look


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
    parts = [_part(one) for one in found.parts]
    if found.error is None:
        return {"status": "ready", "parts": parts}
    return Reply({**problems.problem(found.error), "status": 503, "parts": parts}, 503)


def _part(part: Part) -> shapes.ReadinessPart:
    if part.error is None:
        return {"id": part.id, "state": "ok", "ms": part.ms, "cause": "", "remedy": ""}
    return {"id": part.id, "state": "fail", "ms": part.ms, "cause": part.error.cause, "remedy": part.error.remedy}


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
