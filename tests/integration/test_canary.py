"""I8: planted secrets, looked for wherever Chartroom writes or answers anything."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.store import KEY_FILE, SQLITE_FILE
from indexer.store.copying import lines_of, store_tables
from tests.certificates import pair
from tests.command import chartroom, write_config
from tests.integration.test_cli_serve import running
from tests.postgres import is_chosen, open_store
from tests.repository import repository
from tests.upstream import Site

PASSWORD, TOKEN, HOOK, QUERY = (f"canary-{name}-51fa" for name in ("password", "token", "hook", "query"))
KEY = pair("canary").key
SECRETS = (PASSWORD, TOKEN, HOOK, KEY.splitlines()[1], QUERY)
PATHS = [
    "/", "/sources", "/sources/basic", "/sources/basic/remove", "/sources/bearer",
    "/sources/mutual", "/sources/mutual/edit", "/sources/nosuch", "/charts/basic/redis", "/feeds/all.atom",
    "/api/v1/sources", "/api/v1/sources/basic", "/api/v1/sources/basic/attempts", "/api/v1/sources/mutual",
    "/api/v1/charts", "/api/v1/charts/basic/redis", "/api/v1/changes", "/api/v1/openapi.json", "/helm/basic/index.yaml",
    "/healthz", "/readyz", "/metrics",
]  # fmt: skip


def asked(url: str, method: str = "GET", body: Any = None) -> str:
    """The answer with its headers, whatever its status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return f"{answer.headers}\n{answer.read().decode()}"
    except urllib.error.HTTPError as answer:
        with answer:
            return f"{answer.headers}\n{answer.read().decode()}"


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Iterator[Path]:
    repository({"redis": ("1.0.0",)}).serve(site)
    site.protect("reader", PASSWORD)
    yield write_config(tmp_path / "room", network_allow=["127.0.0.0/8"])


def command_lines() -> str:
    """What every user of this machine can see of every process."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes())
        except OSError:
            continue
    return b"\n".join(found).decode(errors="replace")


def stored(config: Path) -> bytes:
    """All rows of the store."""
    with closing(open_store(config.parent / "data")) as store, store.database.read() as connection:
        return b"\n".join(line for table in store_tables(connection) for line in lines_of(connection, table))


def test_I8_a_planted_secret_is_nowhere_but_where_it_is_used(config: Path, site: Site) -> None:
    plain = site.url.replace("http://", f"http://reader:{PASSWORD}@")
    new = [
        {"name": "basic", "url": f"{plain}/?token={QUERY}", "hook_secret": HOOK},
        {"name": "bearer", "url": site.url, "token": TOKEN},
        {"name": "mutual", "url": site.url, "client_cert": pair("canary").certificate, "client_key": KEY},
        {"name": "wrong", "url": plain, "token": TOKEN},
        {"name": "wrong", "url": plain, "passwort": PASSWORD},
        {"name": "wrong", "url": site.url, "client_cert": KEY, "ca": KEY, "versions": "x y", "token": f"{TOKEN}\n"},
    ]
    told: list[str] = []
    with running(config, "serve") as (process, url):
        told += [asked(f"{url}/api/v1/sources", "POST", one) for one in new]
        told += [asked(f"{url}/api/v1/sources/basic", "PUT", {"url": "https://evil.example.com"})]
        told += [chartroom(config, "sync", name, "--json").stdout for name in ("basic", "bearer", "mutual")]
        told += [asked(url + path) for path in PATHS]
        told.append(asked(f"{url}/sources/basic/edit").replace(QUERY, ""))  # who edits an address sees all of it
        told.append(command_lines())
        asked(f"{url}/api/v1/sources/basic/sync", "POST", {})
        process.terminate()
        told += process.communicate(timeout=60)
    for words in (("source", "list"), ("source", "list", "--json"), ("doctor",), ("show", "basic/redis", "--json")):
        done = chartroom(config, *words)
        told += [done.stdout, done.stderr]
    assert any('"added": 1' in one for one in told)
    for text in told:
        assert [secret for secret in SECRETS if secret in text] == []
    kept = [file for file in config.parent.rglob("*") if file.is_file() and file.name != "chartroom.yaml"]
    assert {KEY_FILE} | (set() if is_chosen() else {SQLITE_FILE}) <= {file.name for file in kept}
    for place, data in [*((file.name, file.read_bytes()) for file in kept), ("the tables", stored(config))]:
        found = [secret for secret in SECRETS[:-1] if secret.encode() in data]
        assert found == [], place
    assert any("Basic " in one.headers.get("authorization", "") for one in site.log)
    assert any(one.headers.get("authorization") == f"Bearer {TOKEN}" for one in site.log)
