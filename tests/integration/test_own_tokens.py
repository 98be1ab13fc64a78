"""Clusters that are asked with the token of each person's own sign-in: kept with it, renewed, gone with it."""

import json
import logging
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog_web.signin.oidc.own_tokens import OwnTokens
from catalog_web.signin.oidc.provider import Provider
from catalog_web.signin.wiring import PROVIDER
from indexer.config import load
from indexer.errors import ConfigError, IdTokenRefused, ProviderDown, ProviderRefused
from indexer.people import Session
from indexer.store.sessions import Sessions
from indexer.vault import Vault
from tests.command import write_config
from tests.kube_api import TOKEN, Asked, KubeApi, Reply, refusal
from tests.oidc_provider import Running, oidc_provider, through_provider
from tests.pages import Browser
from tests.people import signed_in, token_of
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

INSTALL = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": "apps", "name": "cache"}
ROLES = [{"role": "developer", "everyone": True}, {"role": "admin", "users": ["root"]}]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with oidc_provider() as running:
        yield running


def options(provider: Running, kubeconfig: Path, **cluster: Any) -> dict[str, Any]:
    return {
        "sign_in": ["oidc", "local"],
        "oidc": provider.options,
        "roles": ROLES,
        "clusters": [{"name": "home", "kubeconfig": str(kubeconfig), **cluster}],
    }


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi, provider: Running) -> Iterator[Web]:
    repository({"redis": ("1.0.0",)}).serve(site)
    source = {"name": "shop", "url": site.url, "captain_repo": "shop-charts"}
    given = options(provider, kube.kubeconfig(tmp_path), own_token=True)
    with web(tmp_path / "room", [source], **given) as running:
        running.sync()
        yield running


def sign_in(shop: Web, provider: Running, name: str = "ada", **said: Any) -> None:
    """In this browser."""
    provider.behave(user=name, **said)
    begun = shop.ask("GET", "/sign-in/oidc")
    assert shop.ask("GET", through_provider(begun.location)).status_code == 303


def install(shop: Web, name: str = "cache", status: int = 201, person: str = "ada") -> Any:
    """By a program with a token of Chartroom's that the person made for it."""
    headers = token_of(shop, person, "install")
    return shop.send("POST", "/api/v1/installs", {**INSTALL, "name": name}, status, headers=headers)


def absent(shop: Web, person: str = "ada") -> str:
    """Why nothing is sent for somebody."""
    told = install(shop, "never", 403, person)
    assert told["id"] == "own-token-absent"
    assert "sign in again at the provider" in told["remedy"]
    return str(told["detail"])


def sent(kube: KubeApi) -> str:
    """The token with which the last HelmRequest was made."""
    return kube.asked("POST")[-1].authorization.removeprefix("Bearer ")


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    told: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return told


def kept(shop: Web, person: str = "ada") -> tuple[Session, dict[str, str]]:
    """The newest sign-in and what is kept of it."""
    session, _, tokens = shop.services.store.sessions.tokens_of(person)[0]
    return session, tokens


def tokens_at(shop: Web, seconds: float) -> OwnTokens:
    """As this process would find them so many seconds from now."""
    return OwnTokens(shop.services, shop.app.extensions[PROVIDER], lambda: time.time() + seconds)


def renewals(provider: Running) -> int:
    """How often the provider was asked for tokens."""
    return provider.asked().count("/token")


def test_an_install_is_sent_with_the_token_of_who_asks_for_it(shop: Web, provider: Running, kube: KubeApi) -> None:
    sign_in(shop, provider)
    install(shop)
    assert claims(sent(kube))["preferred_username"] == "ada"
    sign_in(replace(shop, client=shop.app.test_client()), provider, "bob")
    install(shop, "other", person="bob")
    assert claims(sent(kube))["preferred_username"] == "bob"
    assert [one.person for one in kube.log] == [""] * len(kube.log)


def test_what_is_read_for_lists_and_pages_chartroom_reads_as_itself(
    shop: Web, provider: Running, kube: KubeApi
) -> None:
    sign_in(shop, provider)
    install(shop)
    kube.log.clear()
    Browser(shop).get("/apps/home/apps/cache")
    assert {one.authorization for one in kube.log} == {f"Bearer {TOKEN}"}


def test_who_was_signed_in_otherwise_or_out_cannot_act_there_and_is_told(
    shop: Web, provider: Running, kube: KubeApi
) -> None:
    signed_in(shop, "eve")
    assert "eve has none that counts: the provider has not signed them in here" in absent(shop, "eve")
    sign_in(shop, provider)
    Browser(shop).send(Browser(shop).get("/account").form("/sign-out"))
    assert "ada has none that counts" in absent(shop)
    assert kube.asked("POST") == []


def test_the_install_page_says_so_before_anything_is_sent(shop: Web, provider: Running) -> None:
    eve = Browser(signed_in(shop, "eve"))
    form = eve.get("/charts/shop/redis/1.0.0/install").form("/install")
    checked = eve.sent(form, "/charts/shop/redis/1.0.0/install", step="check", namespace="apps", name="cache")
    assert "The cluster home is asked only with the token of a person’s own sign-in" in checked.text
    assert "eve has none that counts" in checked.text


def test_what_is_approved_waits_for_who_asked_to_be_signed_in(shop: Web, provider: Running, kube: KubeApi) -> None:
    sources = shop.services.store.sources
    sources.configure([replace(sources.get("shop").source, approval=True)], datetime.now(UTC))
    sign_in(shop, provider)
    request = install(shop, status=202)
    Browser(shop).send(Browser(shop).get("/account").form("/sign-out"))
    root, path = token_of(shop, "root", "admin", role="admin"), f"/api/v1/approvals/{request['id']}"
    assert shop.send("POST", f"{path}/approve", {}, 403, headers=root)["id"] == "own-token-absent"
    waiting = shop.get(path, headers=root)
    assert (waiting["state"], waiting["problem"]["id"]) == ("waiting", "own-token-absent")
    sign_in(shop, provider)
    shop.send("POST", f"{path}/approve", {}, 202, headers=root)
    assert claims(sent(kube))["preferred_username"] == "ada"


def test_I9_what_may_have_arrived_stays_approved_while_who_asked_is_away(
    shop: Web, provider: Running, kube: KubeApi
) -> None:
    sources = shop.services.store.sources
    sources.configure([replace(sources.get("shop").source, approval=True)], datetime.now(UTC))
    sign_in(shop, provider)
    request = install(shop, status=202)
    root, path = token_of(shop, "root", "admin", role="admin"), f"/api/v1/approvals/{request['id']}"

    def lost(asked: Asked, _reply: Reply) -> Reply | None:
        about = asked.path.endswith(("/helmrequests", "/helmrequests/cache")) and "dryRun" not in asked.query
        return refusal(500, "InternalError", "lost") if about and ("apps", "cache") in kube.objects else None

    kube.faults.append(lost)
    shop.send("POST", f"{path}/approve", {}, 502, headers=root)
    kube.faults.clear()
    assert shop.get(path, headers=root)["state"] == "approved"
    Browser(shop).send(Browser(shop).get("/account").form("/sign-out"))
    shop.send("POST", f"{path}/approve", {}, 403, headers=root)
    assert shop.get(path, headers=root)["state"] == "approved"
    sign_in(shop, provider)
    shop.send("POST", f"{path}/approve", {}, 202, headers=root)
    assert shop.get(path, headers=root)["state"] == "done"


def test_a_sign_in_that_nobody_uses_any_more_lends_nothing(shop: Web, provider: Running) -> None:
    sign_in(shop, provider)
    session, _ = kept(shop)
    long_ago = datetime.now(UTC) - timedelta(seconds=shop.services.config.session.idle + 1)
    shop.services.store.sessions.see(session.id, long_ago)
    assert "that sign-in is over" in absent(shop)


def test_a_token_that_is_about_to_end_is_renewed_and_no_other(shop: Web, provider: Running, kube: KubeApi) -> None:
    sign_in(shop, provider, lives=120, refreshes=True)
    before = renewals(provider)
    install(shop)
    first = sent(kube)
    assert renewals(provider) == before
    late = tokens_at(shop, 95)
    second = late.of("ada")
    assert second != first
    assert claims(second)["sub"] == claims(first)["sub"]
    assert renewals(provider) == before + 1
    provider.behave(user="ada", refreshes=True, drop=["nonce"], lives=3000)
    third = late.of("ada")
    assert (renewals(provider), late.of("ada")) == (before + 2, third)
    install(shop, "again")
    assert sent(kube) == third


def test_many_who_ask_at_once_renew_it_once(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=300, refreshes=True)
    before, found, old = renewals(provider), list[str](), kept(shop)[1]["id_token"]
    provider.behave(user="ada", refreshes=True, lives=3000)
    tokens = tokens_at(shop, 250)
    asking = [threading.Thread(target=lambda: found.append(tokens.of("ada"))) for _ in range(6)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert renewals(provider) == before + 1
    assert (len(found), set(found) - {old}) == (6, {kept(shop)[1]["id_token"]})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"claims": {"sub": "sub-eve"}}, "it is about somebody else"),
        ({"claims": {"nonce": "x"}}, "it answers another question"),
        ({"claims": {"aud": "other"}}, "meant for another program"),
        ({"sign": "stranger"}, "its signature is wrong"),
        ({"id_token": None}, "there is none"),
    ],
)
def test_K1_what_does_not_renew_it_is_not_sent_and_told(
    shop: Web, provider: Running, kube: KubeApi, said: dict[str, Any], why: str
) -> None:
    sign_in(shop, provider, lives=-30, refreshes=True)
    provider.behave(user="ada", **said)
    assert why in absent(shop)
    assert kube.asked("POST") == []


def test_a_provider_that_is_away_is_told_as_that(shop: Web, provider: Running, kube: KubeApi) -> None:
    sign_in(shop, provider, lives=-30, refreshes=True)
    provider.behave(user="ada", down=True)
    told = install(shop, status=503)
    assert told["id"] == "own-token-unavailable"
    assert "that of ada cannot be renewed now: The sign-in server" in told["detail"]
    assert kube.asked("POST") == []


def test_a_provider_that_takes_its_word_back_is_told_and_not_asked_again(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    session, tokens = kept(shop)
    shop.services.store.sessions.put_tokens(session.sign_in, {**tokens, "refresh": "spent"})
    late = tokens_at(shop, 48)
    with pytest.raises(ProviderRefused, match="invalid_grant"):
        late.of("ada")
    before = renewals(provider)
    assert (late.of("ada"), renewals(provider)) == ("", before)


def test_what_renews_it_next_is_kept_although_the_token_cannot_be_believed(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    late = tokens_at(shop, 48)
    provider.behave(user="ada", refreshes=True, sign="stranger")
    with pytest.raises(IdTokenRefused):
        late.of("ada")
    provider.behave(user="ada", refreshes=True)
    assert claims(tokens_at(shop, 48).of("ada"))["preferred_username"] == "ada"


def test_nothing_is_spent_while_the_keys_cannot_be_had(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    before, asked = kept(shop)[1], renewals(provider)
    fresh = Provider(shop.services.config.oidc, ())
    provider.behave(user="ada", down=True)
    with pytest.raises(ProviderDown):
        OwnTokens(shop.services, fresh, lambda: time.time() + 48).of("ada")
    assert (kept(shop)[1], renewals(provider)) == (before, asked)
    fresh.close()


def test_a_renewal_that_failed_is_not_tried_again_at_once(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    late, asked = tokens_at(shop, 48), renewals(provider)
    provider.behave(user="ada", down=True)
    for _ in range(5):
        with pytest.raises(ProviderDown):
            late.of("ada")
    assert renewals(provider) == asked + 1


def test_a_token_that_still_counts_is_used_where_it_cannot_be_renewed(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=300)
    token = kept(shop)[1]["id_token"]
    assert tokens_at(shop, 250).of("ada") == token
    sign_in(shop, provider, lives=300, refreshes=True)
    token = kept(shop)[1]["id_token"]
    provider.behave(user="ada", down=True)
    assert tokens_at(shop, 250).of("ada") == token


def test_who_comes_while_it_is_renewed_is_told_to_come_again(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    session, _ = kept(shop)
    with shop.services.store.tokens_lock(session.sign_in) as hold:
        assert hold is not None
        with pytest.raises(ProviderDown, match="too many people"):
            tokens_at(shop, 48).of("ada")


@pytest.mark.parametrize("changed", [{"issuer": "https://new.example.org"}, {"client_id": "other"}])
def test_A9_what_one_provider_gave_is_not_told_to_another(
    shop: Web, provider: Running, changed: dict[str, str]
) -> None:
    sign_in(shop, provider, lives=50, refreshes=True)
    other = Provider(shop.services.config.oidc.model_copy(update=changed), ())
    asked = renewals(provider)
    assert OwnTokens(shop.services, other, lambda: time.time() + 48).of("ada") == ""
    assert renewals(provider) == asked
    other.close()


def test_a_token_that_ends_and_cannot_be_renewed_is_not_sent(shop: Web, provider: Running) -> None:
    sign_in(shop, provider, lives=-30)
    assert "that sign-in is over" in absent(shop)


def test_a_cookie_that_is_renewed_beside_it_keeps_what_was_renewed(shop: Web, provider: Running) -> None:
    sign_in(shop, provider)
    sessions, (read, _) = shop.services.store.sessions, kept(shop)
    sessions.put_tokens(read.sign_in, {"id_token": "renewed"})
    assert sessions.renew(read.id, replace(read, id="a" * 64), read.ends)
    assert kept(shop)[1] == {"id_token": "renewed"}


def test_I8_what_the_provider_gives_is_kept_sealed_and_told_to_nobody(
    shop: Web, provider: Running, kube: KubeApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def quoted(asked: Asked, _reply: Reply) -> Reply | None:
        own = asked.authorization == f"Bearer {TOKEN}"
        return None if own else refusal(403, "Forbidden", f"not with {asked.authorization}")

    with caplog.at_level(logging.DEBUG):
        sign_in(shop, provider, refreshes=True)
        kube.faults.append(quoted)
        told = shop.ask("POST", "/api/v1/installs", json=INSTALL, headers=token_of(shop, "ada", "install"))
    assert "not with Bearer …" in told.json["detail"]  # type: ignore[index]
    session, tokens = kept(shop)
    files = [one.read_bytes().decode(errors="replace") for one in tmp_path.rglob("*") if one.is_file()]
    for secret in tokens.values():
        assert secret.startswith(("ey", "refresh-canary"))
        assert not any(secret in one for one in (*files, caplog.text, told.get_data(as_text=True), repr(session)))


def test_where_no_cluster_takes_it_nothing_is_kept(tmp_path: Path, kube: KubeApi, provider: Running) -> None:
    with web(tmp_path / "room", **options(provider, kube.kubeconfig(tmp_path))) as shop:
        sign_in(shop, provider, refreshes=True)
        assert shop.services.store.sessions.tokens_of("ada") == ()


def test_another_first_key_seals_them_anew(shop: Web, provider: Running, tmp_path: Path) -> None:
    sign_in(shop, provider)
    new, before = b"n" * 32, kept(shop)
    sessions = Sessions(shop.services.store.database, Vault([new], shop.services.store.vault.own_file))
    assert (sessions.seal_anew(), sessions.seal_anew()) == (1, 0)
    assert shop.services.store.sessions.tokens_of("ada") == ()
    ((_, _, tokens),) = Sessions(shop.services.store.database, Vault([new], tmp_path / "none")).tokens_of("ada")
    assert tokens == before[1]
    assert "that sign-in is over" in absent(shop)
    Browser(shop).get("/account")


def test_where_it_cannot_be_kept_people_sign_in_all_the_same(shop: Web, provider: Running) -> None:
    shop.services.store.vault.own_file.write_text("no key")
    sign_in(shop, provider)
    Browser(shop).get("/account")
    shop.services.store.vault.own_file.unlink()
    assert "that sign-in is over" in absent(shop)


def test_the_clusters_say_how_they_are_asked(shop: Web, provider: Running) -> None:
    (home,) = shop.get("/api/v1/clusters", headers=token_of(shop, "root", "read", role="admin"))["items"]
    assert (home["impersonate"], home["own_token"]) == (False, True)
    page = Browser(signed_in(shop, "root")).get("/clusters")
    assert "Asked as whoever is signed in, with the token of that sign-in" in page.text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sign_in": ["local"]}, r"clusters\.0: own_token needs sign_in: \[oidc\]"),
        ({"sign_in": True}, r"sign_in: it must be a list"),
        ({"sign_in": []}, r"clusters\.0: own_token needs sign_in: \[oidc\]"),
        ({"clusters": [{"name": "home", "in_cluster": True, "own_token": True, "impersonate": True}]}, "not both"),
    ],
)
def test_a_configuration_in_which_nobody_could_act_is_refused(
    tmp_path: Path, provider: Running, changes: dict[str, Any], why: str
) -> None:
    given = {**options(provider, tmp_path / "kubeconfig", own_token=True), **changes}
    with pytest.raises(ConfigError, match=why):
        load(write_config(tmp_path / "room", **given), environ={})
