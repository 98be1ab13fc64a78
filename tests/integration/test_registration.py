"""Who may register what, and what a change may never do: over the API, as a person on the network does it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_web.registration import ProjectFixed, add_source, change_source
from indexer.errors import Conflict
from indexer.model import Source
from indexer.projects import child_of
from indexer.settings import FILES, options_of
from tests.certificates import pair
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

URL = "https://charts.example.org/stable"
PATH = "/api/v1/sources/shop"
CANARY = "canary-7f3a"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path) as running:
        yield running


def add(running: Web, status: int = 201, **body: Any) -> Any:
    return running.send("POST", "/api/v1/sources", {"name": "shop", "url": URL, **body}, status)


def put(running: Web, status: int = 200, **body: Any) -> Any:
    return running.send("PUT", PATH, body, status)


def stored(running: Web) -> Source:
    return running.services.store.sources.get("shop").source


def secret(running: Web, field: Any = "password") -> str | None:
    return running.services.store.secrets.get("shop", field)


# -- secrets come in, and never out


def test_A12_a_login_in_the_address_is_moved_to_where_passwords_are_kept(empty: Web) -> None:
    made = add(empty, url=f"https://reader:{CANARY}@charts.example.org/stable")
    assert (made["url"], made["secrets"], made["is_private"]) == (URL, ["password"], True)
    assert (stored(empty).url, stored(empty).username, secret(empty)) == (URL, "reader", CANARY)
    put(empty, url=f"https://reader:{CANARY}-2@charts.example.org/stable")
    assert secret(empty) == f"{CANARY}-2"
    problem = add(empty, 400, name="two", url=f"https://reader:{CANARY}@charts.example.org", username="other")
    assert "give it once" in problem["cause"]
    assert CANARY not in str(problem)


@pytest.mark.parametrize(
    ("field", "kept", "beside"),
    [
        ("password", "password", {"username": "robot$ci"}),
        ("token", "token", {}),
        ("client_key", "client_key", {"client_cert": pair().certificate}),
        ("hook_secret", "hook", {}),
    ],
)
def test_a_secret_is_kept_and_only_its_name_is_told(empty: Web, field: str, kept: str, beside: dict[str, str]) -> None:
    text = pair().key if field == "client_key" else CANARY
    made = add(empty, **{field: text}, **beside)
    assert (made["secrets"], made["is_private"]) == ([field], field != "hook_secret")
    assert secret(empty, kept) == text
    assert text not in empty.ask("GET", PATH).get_data(as_text=True)
    put(empty, title="Shop")
    assert secret(empty, kept) == text
    assert put(empty, **{field: None}, **({"username": ""} if field == "password" else {}),
               **({"client_cert": ""} if field == "client_key" else {}))["secrets"] == []  # fmt: skip
    assert secret(empty, kept) is None


@pytest.mark.parametrize(
    "body",
    [
        {"password": f"{CANARY}\n", "username": "u"},
        {"password": CANARY * 1000, "username": "u"},
        {"token": f"{CANARY} ä"},
        {"token": f"{CANARY}\r\nX: y"},
        {"client_key": CANARY, "client_cert": pair().certificate},
        {"client_key": pair("other").key, "client_cert": pair().certificate},
        {"client_key": pair().encrypted_key, "client_cert": pair().certificate},
        {"ca": f"{CANARY} is no certificate"},
        {"ca": pair().key},
        {"password": CANARY},
        {"username": "u"},
        {"url": "http://good%2f@evil/"},
        {"username": "u", "password": CANARY, "token": CANARY},
        {"password": [CANARY], "username": "u"},
        {"passwort": CANARY},
    ],
)
def test_B3_a_secret_that_is_not_right_is_refused_without_being_shown(empty: Web, body: dict[str, Any]) -> None:
    problem = add(empty, 400, **body)
    assert problem["id"] == "bad-request"
    assert CANARY not in str(problem)
    assert "BEGIN PRIVATE KEY-----\nM" not in str(problem)
    assert empty.get("/api/v1/sources")["total"] == 0


def test_B3_a_bundle_is_taken_whole_and_ten_megabytes_are_not(empty: Web) -> None:
    bundle = "".join(pair(name).certificate for name in ("one", "two", "three"))
    add(empty, ca=bundle)
    assert stored(empty).ca == bundle
    assert put(empty, 413, ca="A" * 10_000_000)["id"] == "request-entity-too-large"
    assert put(empty, 400, ca="A" * 600_000)["id"] == "bad-request"
    assert stored(empty).ca == bundle


def test_a_new_certificate_goes_with_the_key_that_is_kept_or_is_refused(empty: Web) -> None:
    add(empty, client_cert=pair().certificate, client_key=pair().key)
    assert "does not belong" in put(empty, 400, client_cert=pair("other").certificate)["cause"]
    put(empty, client_cert=pair("other").certificate, client_key=pair("other").key)
    assert secret(empty, "client_key") == pair("other").key


def test_a_typed_password_takes_the_place_of_a_file_and_the_other_way_round(empty: Web, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("from the file")
    values = {"name": "shop", "url": URL, "username": "u", "password_file": "p"}
    add_source(empty.services, values, operator=True, base=tmp_path)
    put(empty, password=CANARY)
    assert (stored(empty).password_file, secret(empty)) == ("", CANARY)
    change_source(empty.services, {"name": "shop", "password_file": "p"}, operator=True, base=tmp_path)
    assert (stored(empty).password_file, secret(empty)) == (str(tmp_path / "p"), None)
    put(empty, username="")
    assert (stored(empty).password_file, stored(empty).is_private) == ("", False)


# -- credentials go nowhere else by themselves


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://evil.example.com/stable"},
        {"url": "http://charts.example.org/stable"},
        {"url": "https://charts.example.org:8443/stable"},
        {"url": "oci://evil.example.com/stable"},
        {"credential_origins": ["https://evil.example.com"]},
        {"proxy": "http://evil.example.com:3128"},
    ],
)
@pytest.mark.parametrize("kept", [{"username": "u", "password": CANARY}, {"token": CANARY}])
def test_credentials_are_asked_for_again_before_they_go_elsewhere(
    empty: Web, change: dict[str, Any], kept: dict[str, str]
) -> None:
    add(empty, **kept)
    problem = put(empty, 409, **change)
    assert problem["id"] == "conflict"
    assert CANARY not in str(problem)
    assert (stored(empty).url, stored(empty).proxy, stored(empty).credential_origins) == (URL, "", ())
    put(empty, **change, **kept)
    put(empty, url=URL, proxy=None, credential_origins=None, **dict.fromkeys(kept))


def test_the_same_server_under_another_path_keeps_the_credentials(empty: Web) -> None:
    add(empty, username="u", password=CANARY, credential_origins=["https://cdn.example.org"])
    put(empty, url="https://charts.example.org/other", credential_origins=[])
    assert secret(empty) == CANARY


def test_a_file_of_the_operator_is_asked_for_again_too(empty: Web, tmp_path: Path) -> None:
    (tmp_path / "t").write_text(CANARY)
    add_source(empty.services, {"name": "shop", "url": URL, "token_file": "t"}, operator=True, base=tmp_path)
    assert put(empty, 409, url="https://evil.example.com")["id"] == "conflict"
    elsewhere = {"name": "shop", "url": "https://other.example.org"}
    with pytest.raises(Conflict):
        change_source(empty.services, elsewhere, operator=True, base=tmp_path)
    change_source(empty.services, {**elsewhere, "token_file": "t"}, operator=True, base=tmp_path)
    assert put(empty, 403, token_file="/etc/passwd")["id"] == "server-file"
    assert stored(empty).token_file == str(tmp_path / "t")


@pytest.mark.parametrize(
    "option",
    [
        "password_file",
        "token_file",
        "client_cert_file",
        "client_key_file",
        "ca_file",
        "hook_secret_file",
        "keyring_file",
    ],
)
def test_no_file_of_the_server_is_named_over_the_network(empty: Web, option: str) -> None:
    beside = {
        "password_file": {"username": "u"},
        "client_cert_file": {"client_key": pair().key},
        "client_key_file": {"client_cert": pair().certificate},
    }.get(option, {})
    problem = add(empty, 403, **{option: "/etc/hostname"}, **beside)
    assert problem["id"] == "server-file"
    assert empty.get("/api/v1/sources")["total"] == 0


@pytest.mark.parametrize("reference", ["dev/kube-system/admin", "other/captain/shop"])
def test_no_secret_but_captains_is_named_over_the_network(tmp_path: Path, reference: str) -> None:
    cluster = {"name": "dev", "kubeconfig": "kubeconfig", "captain_namespace": "captain"}
    with web(tmp_path, clusters=[cluster]) as running:
        assert add(running, 403, secret=reference)["id"] == "foreign-secret"
        add(running, secret="dev/captain/shop")
        assert put(running, 403, secret=reference)["id"] == "foreign-secret"
        assert put(running, 409, url="https://evil.example.com")["id"] == "conflict"
        assert put(running, title="x")["is_private"] is True


# -- which addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/charts",
        "http://localhost/charts",
        "http://charts.localhost/charts",
        "http://169.254.169.254/latest",
        "http://[::1]/charts",
        "http://[::ffff:127.0.0.1]/charts",
        "http://[64:ff9b::a9fe:a9fe]/charts",
        "oci://127.0.0.1:5000/charts",
        "http://100.64.0.1/charts",
        "http://0.0.0.0/charts",
    ],
)
def test_A4_an_address_that_is_closed_is_refused_when_it_is_entered(empty: Web, url: str) -> None:
    problem = add(empty, 400, url=url)
    assert problem["id"] == "address-refused"
    assert "network_allow" in problem["remedy"]
    assert add(empty, 400, proxy=url.replace("oci:", "http:").rpartition("/")[0])["id"] == "address-refused"
    add(empty)
    assert put(empty, 400, url=url)["id"] == "address-refused"
    assert stored(empty).url == URL


@pytest.mark.parametrize(
    "url",
    ["http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://0/",
     "http://127.0.0.1:80\\@example.com/", "http://good#@evil/", "http://exa mple.org/",
     "http://example。org/", "https://" + "a" * 1_900 + "@" * 100, "https://" + "@" * 2_000],
)  # fmt: skip
def test_A7_an_address_that_two_parsers_read_in_two_ways_is_refused(empty: Web, url: str) -> None:
    assert add(empty, 400, url=url)["id"] == "bad-url"


def test_private_networks_are_open_and_may_be_closed(tmp_path: Path) -> None:
    with web(tmp_path / "open") as running:
        add(running, url="http://10.1.2.3/charts")
    with web(tmp_path / "closed", network_allow=[]) as running:
        assert add(running, 400, url="http://10.1.2.3/charts")["id"] == "address-refused"
    with web(tmp_path / "loopback", network_allow=["127.0.0.0/8"]) as running:
        add(running, url="http://127.0.0.1:8080/charts")


def test_who_runs_the_server_may_use_loopback_and_nobody_else_by_changing_it(empty: Web, tmp_path: Path) -> None:
    values = {"name": "shop", "url": "http://127.0.0.1:8080/charts"}
    assert add_source(empty.services, values, operator=True, base=tmp_path).source.operator
    put(empty, title="Shop", url="http://127.0.0.1:8080/other")
    assert stored(empty).operator
    assert put(empty, 400, url="http://127.0.0.1:9090/charts")["id"] == "address-refused"
    put(empty, url=URL)
    assert not stored(empty).operator
    change_source(empty.services, {"name": "shop", "title": "Mine"}, operator=True, base=tmp_path)
    assert not stored(empty).operator


# -- what cannot be changed here


def test_a_project_of_a_harbor_is_changed_with_its_harbor(empty: Web) -> None:
    add(empty, kind="harbor", url="https://harbor.example.org")
    empty.services.store.sources.add(child_of(stored(empty), "library"), datetime.now(UTC))
    for method, body in (("PUT", {"title": "x"}), ("DELETE", None)):
        problem = empty.send(method, "/api/v1/sources/shop.library", body, 409)
        assert problem["id"] == "source-of-harbor"
        assert "“shop”" in problem["cause"]
    with pytest.raises(ProjectFixed):
        change_source(empty.services, {"name": "shop.library", "title": "x"}, operator=True, base=Path("/"))
    put(empty, interval=60, username="u", password=CANARY)
    project = empty.get("/api/v1/sources/shop.library")
    assert (project["parent"], project["interval"], project["secrets"]) == ("shop", 60, ["password"])


def test_what_may_be_edited_is_given_as_it_is_taken(empty: Web) -> None:
    add(empty, username="u", password=CANARY, include=["a*"], versions="1.x")

    def editable() -> dict[str, Any]:
        return {name: value for name, value in options_of(stored(empty)).items() if name not in FILES}

    values = editable()
    assert CANARY not in str(values)
    change_source(empty.services, values, operator=False, base=Path("/"))
    assert editable() == values
    assert secret(empty) == CANARY


def test_a_kept_password_is_what_the_repository_is_asked_with(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    site.protect("reader", CANARY)
    with web(tmp_path, network_allow=["127.0.0.0/8"]) as running:
        add(running, url=site.url.replace("http://", f"http://reader:{CANARY}@"))
        running.sync()
        assert running.get(PATH)["charts"] == 1
        put(running, password="another")
        running.sync()
        assert running.get(PATH)["last_attempt"]["error"]["id"] == "authentication-failed"
