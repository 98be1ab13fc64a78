"""What administrators are shown of how Chartroom fares, and of its settings."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import update

from indexer.config import load
from indexer.store.replicas import Replica
from indexer.store.running_tables import replicas
from tests.kube_api import KubeApi
from tests.upstream import Site
from tests.web import Web, web


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Iterator[Web]:
    with web(tmp_path, [{"name": "away", "title": "Away <b>", "url": "http://127.0.0.1:1"}]) as running:
        yield running


def text(room: Web, path: str) -> str:
    answer = room.ask("GET", path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def put_replica(room: Web, name: str, *, leads: bool = False, lag: int = 0, silent: timedelta = timedelta()) -> None:
    room.services.store.replicas.beat(Replica(name, "web", f"{name}.example", "9.9", leads, 1, lag))
    with room.services.store.database.write("running") as connection:
        seen = {"seen": datetime.now(UTC) - silent}
        connection.execute(update(replicas).where(replicas.c.id == name).values(**seen))


def test_the_processes_on_the_store_are_listed_with_who_leads_and_how_far_behind_each_is(room: Web) -> None:
    put_replica(room, "one", leads=True, lag=7)
    put_replica(room, "gone", silent=timedelta(minutes=5))
    page = text(room, "/admin/health")
    assert page.index("one.example") < page.index("leads")
    assert page.index("gone.example") < page.index("silent")
    told = {one["host"]: one for one in room.get("/api/v1/health")["store"]["processes"]}
    assert (told["one.example"]["lag"], told["one.example"]["leads"]) == (7, True)
    assert told["one.example"]["silent"] < 30 < told["gone.example"]["silent"]


def test_it_is_told_where_nobody_runs_the_scheduler(room: Web) -> None:
    assert "No process runs the scheduler" in text(room, "/admin/health")


def test_failing_sources_are_told_with_what_to_do(room: Web) -> None:
    room.services.syncer.sync("away")
    page = text(room, "/admin/health")
    assert "Away &lt;b&gt;" in page
    told = room.get("/api/v1/health")["store"]["failing"]
    assert [(one["source"], one["id"], one["failures"]) for one in told] == [("away", "connection-failed", 1)]
    assert told[0]["remedy"]


def test_each_cluster_is_told_in_one_word(tmp_path: Path, kube: KubeApi) -> None:
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path, clusters=[cluster]) as running:
        assert 'href="/clusters#cluster-home"' in text(running, "/admin/health")
        assert [one["cluster"] for one in running.get("/api/v1/health")["clusters"]] == ["home"]


@pytest.mark.sqlite_only("the database is a file")
def test_the_page_is_there_without_a_database(room: Web, tmp_path: Path) -> None:
    room.services.store.close()
    for file in (tmp_path / "data").glob("chartroom.sqlite*"):
        file.unlink()
    (tmp_path / "data" / "chartroom.sqlite").write_bytes(b"this is no database at all" * 100)
    assert "The database does not answer" in text(room, "/admin/health")
    told = room.get("/api/v1/health")
    assert told["store"] is None
    assert {one["id"] for one in told["parts"] if one["state"] == "fail"} >= {"store"}


def test_every_option_is_shown_with_where_its_value_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "chartroom.yaml"
    file.write_text("public_url: https://charts.example.org\nask_for_access: us\n")
    environ = {"CHARTROOM_ASK_FOR_ACCESS": "them", "CHARTROOM_LISTEN": "127.0.0.1:1"}
    shown = {one.name: (one.value, one.origin) for one in load(file, environ, listen="127.0.0.1:2").shown}
    assert shown["public_url"] == ("https://charts.example.org", "file")
    assert shown["ask_for_access"] == ("them", "environment")
    assert shown["listen"] == ("127.0.0.1:2", "command line")
    assert shown["log_format"] == ("text", "default")


def test_lengths_of_time_are_shown_as_they_may_be_written(tmp_path: Path) -> None:
    session = {"idle": 5400, "longest": "8h", "tokens_after": 90}
    with web(tmp_path, session=session, drain=0, audit_keep="180d") as running:
        page = text(running, "/admin/settings")
        shown = {one.name: one.value for one in running.services.config.shown}
    assert "idle: 90m" in page and "longest: 8h" in page and "tokens_after: 90s" in page
    assert (shown["audit_keep"], shown["drain"]) == ("180d", "0s")
    again = tmp_path / "again.yaml"
    again.write_text(yaml.safe_dump({name: yaml.safe_load(shown[name]) for name in ("session", "audit_keep", "drain")}))
    assert {one.name: one.value for one in load(again, {}).shown}["session"] == shown["session"]


def test_no_secret_is_among_the_settings(tmp_path: Path) -> None:
    canary = "canary7canary7canary"
    options = {
        "database_url": "",
        "secret_key": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "oidc": {"issuer": "https://login.example.org", "client_id": "us", "client_secret": canary},
    }
    source = {"name": "shop", "url": f"https://charts.example.org/?token={canary}"}
    with web(tmp_path, [source], **options) as running:
        page = text(running, "/admin/settings")
        assert canary not in page
        assert "MDEyMzQ1" not in page
        assert page.count("(hidden)") == 2
        assert "shop" in page
        assert canary not in repr(running.services.config.shown)


def test_a_password_of_the_database_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "chartroom.yaml"
    file.write_text("database_url: postgresql://me:canary7canary@db/charts\n")
    assert "canary7canary" not in str(load(file, {}).shown)


def test_the_sections_stand_in_the_navigation(room: Web) -> None:
    page = text(room, "/admin")
    assert 'href="/admin/health"' in page
    assert 'href="/admin/settings"' in page
