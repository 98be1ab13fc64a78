"""Every write leaves a row of the audit log: who, what, from where, with which result; and never a secret."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog_web.auth.actions import UNASKED
from catalog_web.pages.admin.audit_words import words_of
from indexer.audited import AuditEntry, AuditRow
from tests.command import chartroom, write_config
from tests.pages import Browser
from tests.people import signed_in
from tests.routes import every_route
from tests.web import Web, web

CANARY = "canary-Ez9wQ4"
SHOP = {"name": "shop", "url": "https://charts.example.org", "username": "ann", "password": CANARY}


def rows(running: Web) -> list[AuditRow]:
    """Oldest first."""
    return list(running.services.store.audit.all())


def told(row: AuditRow) -> tuple[str, str, str]:
    return row.entry.action, row.entry.target, row.entry.result


def test_a_write_leaves_one_row_that_says_who_what_and_from_where(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        answer = running.ask("POST", "/api/v1/sources", json=SHOP)
        (row,) = rows(running)
    assert told(row) == ("source.add", "source/shop", "ok")
    assert (row.entry.person, row.entry.via, row.entry.address) == ("local", "none", "127.0.0.1")
    assert row.entry.request_id == answer.headers["X-Request-Id"]
    assert row.entry.detail == {"url": "https://charts.example.org", "secrets_set": ["password"]}


def test_what_fails_is_told_with_the_id_of_the_error(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.send("DELETE", "/api/v1/sources/nowhere", status=404)
        running.send("POST", "/api/v1/sources", {"name": "shop"}, status=400)
        first, second = rows(running)
    assert (told(first), first.entry.detail["error"]) == (
        ("source.remove", "source/nowhere", "failed"),
        "source-not-found",
    )
    assert (second.entry.result, second.entry.detail["error"]) == ("failed", "bad-request")


def test_a_write_of_a_page_is_told_as_that_of_the_api(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.send("POST", "/api/v1/sources", SHOP, status=201)
        page = running.ask("GET", "/sources/shop").get_data(as_text=True)
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        running.ask("POST", "/sources/shop/sync", data={"csrf_token": token})
        assert told(rows(running)[-1]) == ("source.sync", "source/shop", "ok")


def test_a_changed_source_is_told_with_the_names_of_its_fields_and_secrets(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.send("POST", "/api/v1/sources", SHOP, status=201)
        running.send("PUT", "/api/v1/sources/shop", {"title": "Shop", "username": None, "password": None})
        detail = rows(running)[-1].entry.detail
    assert detail["fields"] == ["title", "username"]
    assert detail["secrets_removed"] == ["password"]


def test_what_only_looks_leaves_none(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.get("/api/v1/sources")
        running.ask("POST", "/api/v1/sources/test", json={"url": "https://127.0.0.1:1"})
        assert rows(running) == []


def test_a_write_that_notes_nothing_itself_is_noted_by_the_guard(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.send("POST", "/api/v1/searches", {"name": "mine", "query": "q=redis"}, status=201)
        (row,) = rows(running)
    assert told(row) == ("search.save", "search", "ok")
    assert row.entry.detail == {"route": "POST /api/v1/searches"}


def test_no_secret_of_a_write_is_in_the_log(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        for method, path, body in _writes():
            running.ask(method, path, json=body)
        kept = json.dumps([(row.entry.target, dict(row.entry.detail)) for row in rows(running)])
    assert CANARY not in kept
    assert "source/shop" in kept


def _writes() -> list[tuple[str, str, Any]]:
    """Every write of the API, each with a canary wherever it takes a text."""
    from catalog_web.api.operations import table

    body = {**SHOP, "token": CANARY, "values_yaml": f"password: {CANARY}\n", "values": {"password": CANARY}}
    body |= {"request_id": CANARY, "why": "for tests", "query": f"q={CANARY}", "cluster": "c", "namespace": "n"}
    paths = [(one.method, one.path) for one in table().values() if one.method != "GET"]
    filled = [(method, path.replace("{name}", "shop")) for method, path in paths]
    bodies = (body, SHOP, {"password": CANARY})
    return [(method, path, one) for method, path in filled for one in bodies if "{" not in path]


def test_where_no_row_can_be_written_nothing_is_done(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        running.send("POST", "/api/v1/sources", SHOP, status=201)
        with running.services.store.database.write("audit") as connection:
            connection.exec_driver_sql("ALTER TABLE audit RENAME TO audit_elsewhere")
        try:
            answer = running.ask("DELETE", "/api/v1/sources/shop")
        finally:
            with running.services.store.database.write("audit") as connection:
                connection.exec_driver_sql("ALTER TABLE audit_elsewhere RENAME TO audit")
        assert answer.status_code >= 500
        assert running.get("/api/v1/sources/shop")["name"] == "shop"


def test_what_the_operator_does_on_the_command_line_is_told_as_that(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    assert chartroom(config, "source", "add", "shop", "https://charts.example.org").returncode == 0
    with web(tmp_path) as running:
        (row,) = rows(running)
    assert told(row) == ("source.add", "source/shop", "ok")
    assert (row.entry.person, row.entry.via) == ("operator", "operator")


def test_doctor_says_where_the_log_is_broken(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        for name in ("one", "two", "three"):
            running.send("POST", "/api/v1/sources", {**SHOP, "name": name}, status=201)
        with running.services.store.database.write("audit") as connection:
            connection.exec_driver_sql("UPDATE audit SET person = 'bob' WHERE id = 2")
    out = chartroom(tmp_path / "chartroom.yaml", "doctor").stdout
    assert "audit log: row 2 is not what was written" in out


def test_doctor_says_which_rows_are_missing_at_the_end(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        for name in ("one", "two", "three"):
            running.send("POST", "/api/v1/sources", {**SHOP, "name": name}, status=201)
        whole = chartroom(tmp_path / "chartroom.yaml", "doctor").stdout
        with running.services.store.database.write("audit") as connection:
            connection.exec_driver_sql("DELETE FROM audit WHERE id > 1")
        cut = chartroom(tmp_path / "chartroom.yaml", "doctor")
        with running.services.store.database.write("audit") as connection:
            connection.exec_driver_sql("DELETE FROM meta WHERE key = 'audit_head'")
        headless = chartroom(tmp_path / "chartroom.yaml", "doctor")
    assert "audit log: 3 rows, unbroken up to row 3" in whole
    assert (cut.returncode, "audit log: rows 2 to 3 are missing at the end" in cut.stdout) == (3, True)
    assert (headless.returncode, "no row is missing up to row 1" in headless.stdout) == (3, True)


def test_the_name_of_a_request_is_taken_from_trusted_proxies_alone(tmp_path: Path) -> None:
    headers = {"X-Request-Id": "0123456789abcdef"}
    with web(tmp_path / "one") as running:
        assert running.ask("GET", "/healthz", headers=headers).headers["X-Request-Id"] != "0123456789abcdef"
    with web(tmp_path / "two", trusted_proxies=["127.0.0.0/8"]) as running:
        assert running.ask("GET", "/healthz", headers=headers).headers["X-Request-Id"] == "0123456789abcdef"
        for bad in ("short", "with space in it", "x" * 65):
            assert running.ask("GET", "/healthz", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad


def test_an_error_page_shows_the_name_of_its_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with web(tmp_path) as running:
        answer = running.ask("GET", "/nowhere")
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in caplog.text


# -- reading it


def filled(running: Web) -> None:
    audit = running.services.audit
    audit.note_for("ann", "source.add", "source/shop", "ok")
    audit.note_for("bob", "app.install", "app/dev/team-a/web", "refused", why="=HYPERLINK(1)")
    audit.note_for("=cmd", "app.install", "app/dev/team-b/web", "failed", error="conflict")


def test_the_api_gives_the_log_newest_first_and_filtered(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        filled(running)
        page = running.get("/api/v1/audit?limit=2")
        assert (page["total"], [one["id"] for one in page["items"]]) == (3, [3, 2])
        assert running.get("/api/v1/audit?person=ann")["items"][0]["action"] == "source.add"
        assert running.get("/api/v1/audit?action=app.&result=refused")["total"] == 1
        assert running.get("/api/v1/audit?target=app/dev/team-b")["items"][0]["detail"] == {"error": "conflict"}
        assert running.get("/api/v1/audit?since=2999-01-01T00:00:00Z")["total"] == 0
        assert running.get("/api/v1/audit?until=2000-01-01T00:00:00Z")["total"] == 0
        running.get("/api/v1/audit?result=maybe", status=400)


def test_a_cell_that_a_spreadsheet_would_work_out_is_made_plain(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        filled(running)
        answer = running.ask("GET", "/api/v1/audit.csv")
        lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert answer.mimetype == "text/csv"
    assert [one["person"] for one in lines] == ["ann", "bob", "'=cmd"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for one in lines for cell in one.values())


def test_what_is_exported_as_json_lines_can_be_verified_elsewhere(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        filled(running)
        told = running.ask("GET", "/api/v1/audit.jsonl").get_data(as_text=True).splitlines()
        kept = [row.chain for row in rows(running)]
    chain = "0" * 64
    for line, wanted in zip(map(json.loads, told), kept, strict=True):
        line.pop("chain")
        since = datetime.fromisoformat(line["at"]) - datetime(1970, 1, 1, tzinfo=UTC)
        line["at"] = since // timedelta(microseconds=1)
        text = json.dumps(line, sort_keys=True, separators=(",", ":"))
        chain = hashlib.sha256(f"{chain}\n{text}".encode()).hexdigest()
        assert chain == wanted


def test_the_page_says_in_words_what_was_done_and_keeps_the_names_of_actions(tmp_path: Path) -> None:
    with web(tmp_path, sign_in=["local"]) as running:
        browser = Browser(signed_in(running, "grace", "admin"))
        running.services.audit.note_for("grace", "account", "sign-in", "ok")
        running.services.audit.note_for("grace", "source.add", "source/shop", "ok")
        running.services.audit.note_for("grace", "of.another-version", "thing", "ok")
        browser.send(browser.get("/account").form("/sessions/end"))
        browser = Browser(signed_in(running, "grace"))
        page = browser.get("/admin/audit")
        for words in ("sign in account", "add a source source.add", "end a sign-in account", "of.another-version"):
            assert words in page.text
        assert page.links["source.add"] == "/admin/audit?action=source.add"
        told = browser.running.ask("GET", "/api/v1/audit").get_data(as_text=True)
        assert '"action": "source.add"' in told and "add a source" not in told


def test_every_action_that_a_route_records_has_words(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        found = [one for one in every_route(running.app, {}) if one.writes and one.rule.action not in UNASKED]
    for one in found:
        entry = AuditEntry(datetime.now(UTC), "ann", one.rule.action, "x", "ok", "none", detail={"route": one.name})
        assert words_of(entry), one.name


def test_the_page_shows_rows_with_their_detail_and_keeps_the_filter_in_the_address(tmp_path: Path) -> None:
    with web(tmp_path) as running:
        filled(running)
        browser = Browser(running)
        page = browser.get("/admin/audit")
        for word in ("ann", "bob", "app/dev/team-a/web", "refused", "3 rows"):
            assert word in page.text
        page = browser.get("/admin/audit?person=bob&until=2999-01-01")
        assert "1 row" in page.text
        assert "source/shop" not in page.text
        assert "audit.csv?person=bob" in page.html
        assert "No row fits" in browser.get("/admin/audit?person=nobody").text
        browser.get("/admin/audit?since=tomorrow", status=400)
