"""What Prometheus reads: numbers that are true, in bounded time, for those who may."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from catalog_web import create_probe_app
from catalog_web.metrics.scrape import Bounded
from indexer.errors import StoreUnavailable
from tests.kube_api import KubeApi
from tests.people import signed_in, token_of
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until
from tests.web import Web, web

Labels = frozenset[tuple[str, str]]


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("2.0.0", "1.9.0")}).serve(site)
    away = {"name": "away", "url": "http://127.0.0.1:1"}
    with web(tmp_path, [{"name": "shop", "url": site.url}, away]) as running:
        yield running


def numbers(running: Web, client: Any = None) -> dict[tuple[str, Labels], float]:
    """Every sample of a scrape for which the store was not too slow."""
    found: dict[tuple[str, Labels], float] = {}
    until(lambda: found.update(scraped(running, client)) or value(found, "chartroom_store_up"))
    return found


def scraped(running: Web, client: Any = None) -> dict[tuple[str, Labels], float]:
    """Every sample of a scrape."""
    answer = (client or running.client).get("/metrics", headers={"Host": "10.0.0.9:8080"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(found: dict[tuple[str, Labels], float], name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_each_source_tells_its_age_its_last_sync_and_why_it_fails(room: Web) -> None:
    room.sync("shop")
    room.sync("away")
    found = numbers(room)
    age = value(found, "chartroom_source_age_seconds", source="shop")
    assert age is not None
    assert 0 <= age < 60
    assert value(found, "chartroom_source_age_seconds", source="away") is None
    assert value(found, "chartroom_source_charts", source="shop") == 1
    assert value(found, "chartroom_source_state", source="shop", state="ok") == 1
    assert value(found, "chartroom_source_state", source="away", state="failing") == 1
    assert value(found, "chartroom_source_failures_in_a_row", source="away", cause="connection-failed") == 1
    assert value(found, "chartroom_source_attempts", source="shop", outcome="changed") == 1
    assert value(found, "chartroom_source_failed_attempts", source="away", cause="connection-failed") == 1


def test_the_queues_and_the_processes_are_counted(room: Web) -> None:
    found = numbers(room)
    assert value(found, "chartroom_sources_due") == 2
    room.services.syncer.sync("shop", archives=False)
    found = numbers(room)
    assert value(found, "chartroom_sources_due") == 1
    assert value(found, "chartroom_archives_wanted") == 1
    assert value(found, "chartroom_index_lag_changes") == 2
    room.services.catalog.follow()
    found = numbers(room)
    assert value(found, "chartroom_index_lag_changes") == 0
    assert value(found, "chartroom_deliveries", state="dead") == 0
    assert value(found, "chartroom_leader_elected") == 0
    assert value(found, "chartroom_sessions") == 0
    assert value(found, "chartroom_store_up") == 1


def test_requests_are_counted_by_the_template_of_their_route_alone(room: Web) -> None:
    for path in ("/api/v1/charts/shop/a", "/api/v1/charts/shop/b", "/made/up/7", "/api/v1/charts?q=redis"):
        room.ask("GET", path)
    found = numbers(room)
    absent = {"route": "/api/v1/charts/<source>/<name>", "method": "GET", "status": "4xx"}
    assert value(found, "chartroom_requests_total", **absent) == 2
    assert value(found, "chartroom_requests_total", route="none", method="GET", status="4xx") == 1
    assert value(found, "chartroom_request_seconds_count", route="/api/v1/charts") == 1
    assert value(found, "chartroom_search_seconds_count") == 1
    assert not any("made" in text or "redis" in text for _, labels in found for _, text in labels)


def test_a_method_that_nobody_knows_makes_no_series_of_its_own(room: Web) -> None:
    for method in ("SPELL", "CHARM"):
        room.ask(method, "/api/v1/charts")
    methods = {dict(labels).get("method") for name, labels in numbers(room) if name == "chartroom_requests_total"}
    assert methods == {"other"}


def test_installs_and_clusters_are_told(tmp_path: Path, kube: KubeApi) -> None:
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path, clusters=[cluster]) as running:
        running.services.installs.states(10)
        found = numbers(running)
        assert value(found, "chartroom_cluster_up", cluster="home") == 1
        assert value(found, "chartroom_installs_waiting") == 0


@pytest.mark.sqlite_only("the file is what is away")
def test_a_store_that_is_away_leaves_the_metrics_of_the_process(room: Web, tmp_path: Path) -> None:
    room.services.store.close()
    for file in (tmp_path / "data").glob("chartroom.sqlite*"):
        file.unlink()
    (tmp_path / "data" / "chartroom.sqlite").write_bytes(b"this is no database at all" * 100)
    found = scraped(room)
    assert value(found, "chartroom_store_up") == 0
    assert value(found, "chartroom_source_charts", source="shop") is None
    assert ("process_resident_memory_bytes", frozenset()) in found


def test_a_store_that_hangs_is_waited_for_once_however_often_it_is_asked() -> None:
    asked, going = [], threading.Event()

    def hang() -> str:
        asked.append(datetime.now(UTC))
        going.wait(30)
        return "late"

    bounded = Bounded(hang)
    assert [bounded.answer(0.05) for _ in range(5)] == [None] * 5
    assert len(asked) == 1
    going.set()
    until(lambda: bounded.answer(1) == "late")


def test_a_failing_store_is_asked_again_at_the_next_scrape() -> None:
    answers = iter([StoreUnavailable(detail="away"), RuntimeError("a fault"), None])

    def ask() -> str:
        met = next(answers)
        if met is not None:
            raise met
        return "well"

    bounded = Bounded(ask)
    assert [bounded.answer(5) for _ in range(3)] == [None, None, "well"]


# -- who may read them


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.1.2.3", 401)]
)
def test_named_networks_read_them_without_saying_who_they_are(tmp_path: Path, address: str, status: int) -> None:
    with web(tmp_path, sign_in=["local"]) as running:
        answer = running.client.get("/metrics", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status
        assert running.client.get("/api/v1/sources", environ_base={"REMOTE_ADDR": address}).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Forwarded-Host": "charts.example.org"},
        {"X-Real-IP": "203.0.113.9"},
        {"Via": "1.1 proxy"},
    ],
)
def test_a_proxy_that_is_not_trusted_opens_them_to_nobody_by_its_own_address(
    tmp_path: Path, header: dict[str, str]
) -> None:
    with web(tmp_path, sign_in=["local"]) as running:
        assert running.client.get("/metrics", headers=header).status_code == 401
        token = token_of(running, "prometheus", "metrics", role="admin")
        assert running.client.get("/metrics", headers={**header, **token}).status_code == 200


def test_what_a_trusted_proxy_says_of_the_address_counts(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"], trusted_proxies=["127.0.0.0/8"], metrics_allow=["10.0.0.0/8"]) as running:
        for address, status in (("10.1.2.3", 200), ("203.0.113.9", 401)):
            headers = {"X-Forwarded-For": address, "Via": "1.1 proxy"}
            assert running.client.get("/metrics", headers=headers).status_code == status
    with web(tmp_path / "two", sign_in=["local"], trusted_proxies=["127.0.0.0/8"]) as running:
        assert running.client.get("/metrics", headers={"Via": "1.1 proxy"}).status_code == 401
        assert running.client.get("/metrics", headers={"X-Forwarded-For": "unknown"}).status_code == 401


def test_a_token_of_that_scope_reads_them_and_nothing_else(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"], metrics_allow=[]) as running:
        assert running.client.get("/metrics").status_code == 401
        headers = token_of(running, "prometheus", "metrics", role="admin")
        assert running.client.get("/metrics", headers=headers).status_code == 200
        assert running.client.get("/api/v1/sources", headers=headers).status_code == 403
        beside = create_probe_app(running.services).test_client()
        assert beside.get("/metrics").status_code == 401
        assert beside.get("/metrics", headers=headers).status_code == 200


def test_a_viewer_reads_none(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"], metrics_allow=[]) as running:
        assert signed_in(running, "ann", "viewer").ask("GET", "/metrics").status_code == 403
        assert signed_in(running, "root", "admin").ask("GET", "/metrics").status_code == 200


def test_with_a_listener_of_their_own_no_network_reads_them_beside_the_pages(tmp_path: Path) -> None:
    options = {"probe_listen": "127.0.0.1:0", "metrics_allow": ["10.0.0.0/8"], "sign_in": ["local"]}
    inside = {"REMOTE_ADDR": "10.1.2.3"}
    with web(tmp_path, **options) as running:
        assert running.client.get("/metrics", environ_base=inside).status_code == 401
        beside = create_probe_app(running.services).test_client()
        assert value(numbers(running, _From(beside, inside)), "chartroom_store_up") == 1
        assert beside.get("/metrics", environ_base={"REMOTE_ADDR": "192.168.1.1"}).status_code == 401


def test_where_nobody_signs_in_the_listener_of_the_probes_gives_them_to_the_named_networks_alone(
    tmp_path: Path,
) -> None:
    with web(tmp_path, metrics_allow=[]) as running:
        assert create_probe_app(running.services).test_client().get("/metrics").status_code == 401


def test_the_listener_of_the_probes_answers_nothing_else(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        beside = create_probe_app(running.services).test_client()
        assert beside.get("/healthz").get_json() == {"status": "ok"}
        assert beside.get("/readyz").get_json()["status"] == "ready"
        for path in ("/", "/charts", "/api/v1/charts", "/helm/shop/index.yaml", "/api/v1/openapi.json"):
            assert beside.get(path).status_code == 404


class _From:
    """A client at an address."""

    def __init__(self, client: Any, environ: dict[str, str]) -> None:
        self.client, self.environ = client, environ

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, environ_base=self.environ, **options)
