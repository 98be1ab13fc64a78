"""Each source as a Helm repository: its index and archives, on the pages' own listener and on one of its own."""

import gzip
import hashlib
import json
import socket
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalog_web import create_helm_app
from tests.command import write_config
from tests.integration.test_cli_serve import running
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {"redis": ("2.0.0", "1.0.0+build.1", "latest"), "blog": ("0.1.0",)}


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository(CHARTS).serve(site)
    (tmp_path / "password").write_text("s3cret\n")
    login = {"username": "reader", "password_file": str(tmp_path / "password")}
    sources = [{"name": "shop", "url": site.url, "content": "none"}, {"name": "team", "url": site.url, **login}]
    with web(tmp_path, sources) as room:
        room.sync("shop")
        room.sync("team")
        yield room


@pytest.fixture
def outside(shop: Web) -> FlaskClient:
    """The listener of its own."""
    return create_helm_app(shop.services).test_client()


def ask(client: Web | FlaskClient, path: str, method: str = "GET", **headers: str) -> TestResponse:
    """The answer, read whole."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = (
        client.ask(method, path, headers=headers)
        if isinstance(client, Web)
        else client.open(path, method=method, headers=headers)
    )
    answer.get_data()
    answer.close()
    return answer


def entries(answer: TestResponse) -> dict[str, list[dict[str, Any]]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, list[dict[str, Any]]] = json.loads(answer.get_data())["entries"]
    return found


def test_the_index_lists_what_the_source_lists_but_odd_versions(shop: Web) -> None:
    answer = ask(shop, "/helm/shop/index.yaml")
    found = entries(answer)
    assert {name: [one["version"] for one in listed] for name, listed in found.items()} == {
        "blog": ["0.1.0"],
        "redis": ["2.0.0", "1.0.0+build.1"],
    }
    assert answer.mimetype == "application/yaml"


def test_each_archive_that_it_names_is_there_and_has_its_digest(shop: Web, site: Site) -> None:
    for listed in entries(ask(shop, "/helm/shop/index.yaml")).values():
        for one in listed:
            (url,) = one["urls"]
            body = ask(shop, f"/helm/shop/{url}").get_data()
            assert hashlib.sha256(body).hexdigest() == one["digest"]
    assert site.asked("/redis-2.0.0.tgz")


def test_an_archive_that_is_not_what_the_index_promises_is_not_given(shop: Web, site: Site) -> None:
    site.put("/redis-2.0.0.tgz", repository(CHARTS, salt="other").archives["redis-2.0.0.tgz"])
    answer = ask(shop, "/helm/shop/redis-2.0.0.tgz")
    assert (answer.status_code, json.loads(answer.get_data())["id"]) == (502, "digest-mismatch")


@pytest.mark.parametrize("path", ["/helm/absent/index.yaml", "/helm/shop/absent-1.0.0.tgz", "/helm/shop/redis-9.tgz"])
def test_what_is_not_there_is_a_404(shop: Web, path: str) -> None:
    assert ask(shop, path).status_code == 404


def test_an_unchanged_index_is_not_sent_again_and_a_packed_one_is_the_same(shop: Web) -> None:
    plain = ask(shop, "/helm/shop/index.yaml")
    packed = ask(shop, "/helm/shop/index.yaml", Accept_Encoding="gzip")
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer, accepted in ((plain, ""), (packed, "gzip")):
        headers = {"If_None_Match": answer.headers["ETag"], "Accept_Encoding": accepted}
        again = ask(shop, "/helm/shop/index.yaml", **headers)
        assert (again.status_code, again.get_data()) == (304, b"")


def test_it_is_written_anew_only_when_the_source_lists_something_else(shop: Web, site: Site, tmp_path: Path) -> None:
    def etag() -> str:
        return ask(shop, "/helm/shop/index.yaml").headers["ETag"]

    first = etag()
    shop.sync("shop")
    assert etag() == first
    repository({**CHARTS, "fresh": ("1.0.0",)}).serve(site)
    shop.sync("shop")
    assert etag() != first
    assert "fresh" in entries(ask(shop, "/helm/shop/index.yaml"))


def test_a_lost_or_damaged_file_is_written_anew(shop: Web, tmp_path: Path) -> None:
    first = entries(ask(shop, "/helm/shop/index.yaml"))
    for path in (tmp_path / "data" / "helm").rglob("*"):
        if path.suffix == ".json":
            path.write_bytes(b"\x00")
        elif path.is_file():
            path.unlink()
    assert entries(ask(shop, "/helm/shop/index.yaml")) == first


def test_N5_an_index_that_somebody_else_wrote_is_never_sent(shop: Web, tmp_path: Path) -> None:
    first = entries(ask(shop, "/helm/shop/index.yaml"))
    for path in (tmp_path / "data" / "helm").rglob("*.yaml"):
        path.write_bytes(b"entries: {evil: []}")
    assert entries(ask(shop, "/helm/shop/index.yaml")) == first
    for path in (tmp_path / "data" / "helm").rglob("current.json"):
        digest = hashlib.sha256(b"evil").hexdigest()
        forged = path.parent / f"{digest}.yaml"
        for one in (forged, forged.with_suffix(".yaml.gz")):
            one.write_bytes(b"evil")
        path.write_text(json.dumps({**json.loads(path.read_bytes()), "digest": digest, "packed": digest}))
    assert entries(ask(shop, "/helm/shop/index.yaml")) == first


def test_indexes_of_sources_that_are_gone_are_dropped(shop: Web, tmp_path: Path) -> None:
    ask(shop, "/helm/shop/index.yaml")
    ask(shop, "/helm/team/index.yaml")
    assert len(list((tmp_path / "data" / "helm").iterdir())) == 2
    shop.services.store.sources.remove("team", datetime.now(UTC))
    shop.services.helm.tidy()
    assert len(list((tmp_path / "data" / "helm").iterdir())) == 1


# -- on a listener of its own


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{username}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "path", ["/", "/charts", "/api/v1/sources", "/healthz", "/helm/", "/helm/shop", "/static/x.css"]
)
def test_nothing_else_is_there(outside: FlaskClient, path: str) -> None:
    answer = ask(outside, path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_it_answers_under_every_name_and_writes_nothing(outside: FlaskClient) -> None:
    assert ask(outside, "/helm/shop/index.yaml", Host="chartroom.tools.svc:8081").status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        assert ask(outside, "/helm/shop/index.yaml", method).status_code == 405


def test_a_private_source_asks_for_its_own_credential(outside: FlaskClient, shop: Web) -> None:
    for path in ("/helm/team/index.yaml", "/helm/team/redis-2.0.0.tgz"):
        refused = ask(outside, path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        assert refused.mimetype == "application/problem+json"
        password = shop.services.helm_credentials.password("team")
        assert ask(outside, path, **basic("captain", password)).status_code == 200
        assert ask(outside, path, **basic("captain", "wrong")).status_code == 401
        assert ask(outside, path, **basic("reader", "s3cret")).status_code == 401
    assert ask(shop, "/helm/team/index.yaml", **basic("captain", password)).status_code == 200


def test_H6_a_source_for_those_alone_whom_a_role_names_is_not_there_without_its_credential(
    tmp_path: Path, site: Site
) -> None:
    repository(CHARTS).serve(site)
    with web(tmp_path, [{"name": "vault", "url": site.url, "private": True}]) as room:
        room.sync("vault")
        client, password = (
            create_helm_app(room.services).test_client(),
            room.services.helm_credentials.password("vault"),
        )
        for file in ("index.yaml", "redis-2.0.0.tgz", "redis-2.0.0.tgz.prov"):
            there, absent = (ask(client, f"/helm/{name}/{file}") for name in ("vault", "vaulx"))
            assert there.status_code == absent.status_code == 404
            assert there.get_data(as_text=True).replace("vault", "vaulx") == absent.get_data(as_text=True)
        assert ask(client, "/helm/vault/index.yaml", **basic("captain", "wrong")).status_code == 404
        assert ask(client, "/helm/vault/index.yaml", **basic("captain", password)).status_code == 200


def test_where_people_sign_in_captain_reads_each_source_with_the_password_of_that_one(
    tmp_path: Path, site: Site
) -> None:
    repository(CHARTS).serve(site)
    sources = [{"name": name, "url": site.url, "private": name == "vault"} for name in ("vault", "shop")]
    with web(tmp_path, sources, sign_in=["local"]) as room:
        room.sync("vault")
        room.sync("shop")
        keys = {name: basic("captain", room.services.helm_credentials.password(name)) for name in ("vault", "shop")}
        for name, key in keys.items():
            assert ask(room, f"/helm/{name}/index.yaml").status_code == 401
            assert ask(room, f"/helm/{name}/index.yaml", **key).status_code == 200
            assert ask(room, f"/helm/{name}/redis-2.0.0.tgz", **key).status_code == 200
            assert ask(room, f"/feeds/{name}.atom", **key).status_code in (302, 303, 401)
        assert ask(room, "/helm/vault/index.yaml", **keys["shop"]).status_code == 401
        assert ask(room, "/api/v1/charts", **keys["vault"]).status_code == 401


def test_the_pages_listener_answers_under_the_name_that_captain_uses(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    sources = [{"name": "local", "url": str(folder), "kind": "directory"}]
    with web(tmp_path, sources, helm_url="http://room.tools.svc:8080") as room:
        assert ask(room, "/helm/local/index.yaml", Host="room.tools.svc:8080").status_code == 200
        assert ask(room, "/helm/local/index.yaml", Host="evil.example.org").status_code == 400


def test_the_upstreams_password_stands_nowhere_in_it(outside: FlaskClient, shop: Web) -> None:
    password = shop.services.helm_credentials.password("team")
    body = ask(outside, "/helm/team/index.yaml", **basic("captain", password)).get_data()
    assert b"s3cret" not in body


def test_a_running_chartroom_listens_there_too(tmp_path: Path, site: Site) -> None:
    repository(CHARTS).serve(site)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], helm_listen=f"127.0.0.1:{port}")
    with running(config, "serve") as (process, _):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/helm/shop/index.yaml", timeout=30) as answer:
            assert json.loads(answer.read())["apiVersion"] == "v1"
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30)
        caught.value.close()
        process.terminate()
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in told
