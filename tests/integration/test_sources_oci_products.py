"""The ``oci`` source against the habits of the registries that people have; see ``tests/fake_registry.py`` for where
each habit is documented."""

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import AuthenticationFailed, RealmRefused, RepositoriesUnknown
from indexer.http import Access, Bearer
from indexer.sources.oci import Registry
from tests.fake_registry import (
    AMAZON_ECR,
    ARTIFACTORY,
    AZURE,
    DISTRIBUTION,
    DOCKER_HUB,
    GITHUB,
    GITLAB,
    GOOGLE,
    HARBOR,
    NEXUS,
    FakeRegistry,
    Habits,
    fake_registry,
)
from tests.integration.oci_sources import fetch, oci, read, user
from tests.repository import archive

ALL = ["argo 1.2.0", "argo 1.1.0", "argo 1.0.0"]
BASIC = "Basic " + b64encode(b"ann:secret").decode()


def fill(registry: FakeRegistry, path: str = "team/argo") -> FakeRegistry:
    registry.users["ann"] = "secret"
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        registry.push(path, version)
    return registry


def shown(registry: FakeRegistry) -> list[str]:
    return [one.headers.get("authorization", "") for one in registry.log]


# -- sign-in


@pytest.mark.parametrize("habits", [HARBOR, GITLAB, GOOGLE, AMAZON_ECR, NEXUS, AZURE, GITHUB, DOCKER_HUB])
def test_a_named_repository_is_read_with_user_name_and_password(habits: Habits, tmp_path: Path) -> None:
    with fake_registry(habits) as registry:
        fill(registry)
        memo = read(oci(registry, "team"), repositories=("argo",), access=user())
        assert memo.names == ALL
        assert fetch(registry, memo, "argo", tmp_path / "a.tgz", access=user()) == archive("argo", "1.2.0")


@pytest.mark.parametrize("habits", [GITHUB, DOCKER_HUB, DISTRIBUTION, replace(NEXUS, auth="bearer", public=True)])
def test_a_public_repository_is_read_by_nobody_in_particular(habits: Habits) -> None:
    with fake_registry(habits) as registry:
        assert read(oci(fill(registry), "team"), repositories=("argo",)).names == ALL


@pytest.mark.parametrize("habits", [HARBOR, GITLAB, GOOGLE, AMAZON_ECR, NEXUS, AZURE])
def test_a_wrong_password_is_told_as_such(habits: Habits) -> None:
    with fake_registry(habits) as registry:
        fill(registry)
        with pytest.raises(AuthenticationFailed) as caught:
            read(oci(registry, "team"), repositories=("argo",), access=user(password="wrong"))
        assert caught.value.params["status"] == 401
        assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("habits", [HARBOR, GITLAB, AMAZON_ECR, NEXUS])
def test_without_credentials_a_private_registry_says_that_it_wants_some(habits: Habits) -> None:
    with fake_registry(habits) as registry:
        fill(registry)
        with pytest.raises(AuthenticationFailed, match="this source has no credentials"):
            read(oci(registry, "team"), repositories=("argo",))


def test_Harbor_says_by_a_token_that_allows_nothing_that_an_account_has_no_right() -> None:
    with fake_registry(HARBOR) as registry:
        fill(registry)
        with pytest.raises(AuthenticationFailed, match="the token that it gave for these credentials does not allow"):
            read(oci(registry, "team"), repositories=("argo",), access=user(password="wrong"))


def test_Harbors_empty_access_token_is_not_taken_for_one_and_each_repository_has_its_token_once() -> None:
    with fake_registry(HARBOR) as registry:
        fill(registry)
        registry.push("team/pear", "0.1.0")
        read(oci(registry, "team"), repositories=("argo", "pear"), access=user())
        asked = registry.asked("/service/token")
        assert len(asked) == 2
        assert {one.headers["authorization"] for one in asked} == {BASIC}
        assert all("service=harbor-registry" in one.path for one in asked)
        assert not any(one.startswith("Basic") for path, one in _others(registry, "/service/token"))


def _others(registry: FakeRegistry, path: str) -> list[tuple[str, str]]:
    return [(one.path, one.headers.get("authorization", "")) for one in registry.log if not one.path.startswith(path)]


def test_a_token_is_used_until_it_ends_and_had_anew_when_it_is_refused() -> None:
    with fake_registry(HARBOR) as fake:
        fill(fake)
        registry = Registry([fake.url], user())
        assert [len(registry.tags("team/argo")) for _ in range(3)] == [3, 3, 3]
        assert len(fake.asked("/service/token")) == 1
        fake.tokens.clear()
        assert len(registry.tags("team/argo")) == 3
        assert len(fake.asked("/service/token")) == 2


def test_a_token_that_ends_at_once_is_used_once() -> None:
    with fake_registry(HARBOR) as fake:
        fill(fake)
        fake.tokens["short"] = {"repository:team/argo:pull"}
        fake.answers["/service/token"] = (200, b'{"token": "short", "expires_in": 1}', {})
        registry = Registry([fake.url], user())
        assert [len(registry.tags("team/argo")) for _ in range(2)] == [3, 3]
        assert len(fake.asked("/service/token")) == 2


@pytest.mark.parametrize("told", ["1" + "0" * 400, "1e400", "NaN", "-1", "null", '"x"', "true"])
def test_N6_a_token_lives_no_longer_than_a_day_whatever_is_told(told: str) -> None:
    with fake_registry(HARBOR) as fake:
        fill(fake)
        fake.tokens["short"] = {"repository:team/argo:pull"}
        fake.answers["/service/token"] = (200, f'{{"token": "short", "expires_in": {told}}}'.encode(), {})
        registry = Registry([fake.url], user())
        assert [len(registry.tags("team/argo")) for _ in range(2)] == [3, 3]
        assert len(fake.asked("/service/token")) == 1


def test_GitLabs_realm_is_on_another_host_and_gets_the_password_only_if_its_origin_is_listed() -> None:
    with fake_registry(GITLAB) as gitlab, fake_registry(replace(GITLAB, realm=f"{gitlab.url}/jwt/auth")) as registry:
        fill(registry)
        gitlab.users, gitlab.tokens = registry.users, registry.tokens
        with pytest.raises(RealmRefused) as caught:
            read(oci(registry, "team"), repositories=("argo",), access=user())
        assert caught.value.params["origin"] == gitlab.url
        assert f"add {gitlab.url} to “credential_origins”" in caught.value.remedy
        assert gitlab.log == []
        memo = read(oci(registry, "team"), repositories=("argo",), access=user(origins=(gitlab.url,)))
        assert memo.names == ALL
        assert {one.headers["authorization"] for one in gitlab.log} == {BASIC}


def test_a_realm_elsewhere_may_be_asked_by_nobody_in_particular() -> None:
    with fake_registry(DOCKER_HUB) as hub, fake_registry(replace(DOCKER_HUB, realm=f"{hub.url}/token")) as registry:
        fill(registry)
        hub.tokens = registry.tokens
        assert read(oci(registry, "team"), repositories=("argo",)).names == ALL
        assert [one.headers.get("authorization") for one in hub.log] == [None]


def test_Azures_scope_for_tags_is_asked_for_as_its_challenge_says() -> None:
    with fake_registry(AZURE) as registry:
        fill(registry)
        read(oci(registry, "team"), repositories=("argo",), access=user())
        scopes = {one.path.partition("scope=")[2] for one in registry.asked("/oauth2/token")}
        assert "repository%3Ateam%2Fargo%3Ametadata_read" in scopes


def test_a_token_of_the_source_is_shown_as_it_is() -> None:
    with fake_registry(GOOGLE) as registry:
        fill(registry)
        registry.tokens["ya29"] = {"repository:team/argo:pull"}
        registry.answers["/v2/"] = (200, b"{}", {})
        memo = read(oci(registry, "team"), repositories=("argo",), access=Access(Bearer(lambda: "ya29")))
        assert memo.names == ALL
        assert registry.asked("/v2/token") == []
        assert set(shown(registry)) == {"Bearer ya29"}


def test_an_account_may_see_more_than_everybody_where_everybody_is_let_in() -> None:
    with fake_registry(ARTIFACTORY) as registry:
        fill(registry)
        read(oci(registry, "team"), access=user())
        assert set(shown(registry)[1:]) == {BASIC}


def test_ECR_is_shown_its_password_at_once_after_the_first_answer() -> None:
    with fake_registry(AMAZON_ECR) as registry:
        fill(registry)
        read(oci(registry, "team"), access=user())
        assert shown(registry)[0] == ""
        assert set(shown(registry)[1:]) == {BASIC}


def test_ECR_says_that_its_password_has_ended() -> None:
    with fake_registry(AMAZON_ECR) as registry:
        said = b'{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}'
        registry.answers["/v2/"] = (403, said, {"Content-Type": "application/json"})
        with pytest.raises(AuthenticationFailed, match="Your authorization token has expired"):
            read(oci(registry, "team"), access=user("AWS"))


# -- which repositories


@pytest.mark.parametrize("status", [401, 403, 404, 405])
@pytest.mark.parametrize("auth", ["", "bearer"])
def test_without_a_catalog_the_error_says_to_name_the_repositories(status: int, auth: str) -> None:
    with fake_registry(Habits(auth=auth, catalog=status)) as registry:
        fill(registry)
        with pytest.raises(RepositoriesUnknown) as caught:
            read(oci(registry, "team"), access=user())
        assert "Name the repositories with charts under “repositories”" in caught.value.remedy
        assert f"oci://{registry.host}/team/chart" in caught.value.remedy


@pytest.mark.parametrize("habits", [GITHUB, GITLAB, HARBOR, GOOGLE, DOCKER_HUB])
def test_without_a_catalog_the_address_of_one_chart_is_enough(habits: Habits) -> None:
    with fake_registry(habits) as registry:
        assert read(oci(fill(registry), "team/argo"), access=user()).names == ALL


def test_without_a_catalog_and_without_the_right_to_read_there_both_are_told() -> None:
    with fake_registry(GITLAB) as registry:
        fill(registry, "team/secret")
        registry.habits = replace(GITLAB, tokens="harbor")
        with pytest.raises(RepositoriesUnknown, match="does not let these credentials read team/secret either"):
            read(oci(registry, "team/secret"), access=user(password="wrong"))


def test_without_a_catalog_globs_cannot_be_followed() -> None:
    with fake_registry(GITHUB) as registry:
        fill(registry)
        with pytest.raises(RepositoriesUnknown):
            read(oci(registry, "team"), repositories=("a*",), access=user())


def test_a_wrong_password_is_not_taken_for_a_registry_without_a_catalog() -> None:
    with fake_registry(GITLAB) as registry:
        fill(registry)
        with pytest.raises(AuthenticationFailed):
            read(oci(registry, "team"), access=user(password="wrong"))


# -- pages


@pytest.mark.parametrize("habits", [AMAZON_ECR, AZURE, DISTRIBUTION, NEXUS])
def test_the_catalog_is_read_by_pages(habits: Habits) -> None:
    with fake_registry(replace(habits, page=2)) as registry:
        fill(registry)
        for name in ("pear", "plum", "kiwi", "lime"):
            registry.push(f"team/{name}", "0.1.0")
        assert sorted(read(oci(registry, "team"), access=user()).versions) == ["argo", "kiwi", "lime", "pear", "plum"]
        assert registry.count("_catalog") >= 3


def test_Artifactorys_pages_are_told_by_its_inner_address() -> None:
    with fake_registry(replace(ARTIFACTORY, catalog=404)) as registry:
        fill(registry, "local/argo")
        assert read(oci(registry, "local"), repositories=("argo",)).names == ALL
        assert len(registry.asked("/v2/local/argo/tags/list")) == 2


@pytest.mark.parametrize("link", ["http://{host}{path}?{query}", "{path}?{query}", "?{query}"])
def test_the_next_page_may_be_told_in_full_or_in_part(link: str) -> None:
    with fake_registry(replace(DISTRIBUTION, page=2)) as registry:
        fill(registry)
        registry.habits = replace(registry.habits, link=link.replace("{host}", registry.host))
        assert read(oci(registry, "team/argo")).names == ALL


def test_a_registry_that_knows_no_pages_of_this_size_is_asked_without() -> None:
    with fake_registry(replace(DISTRIBUTION, most=50)) as registry:
        assert read(oci(fill(registry), "team")).names == ALL


# -- digests


@pytest.mark.parametrize("habits", [replace(DISTRIBUTION, digests=False), ARTIFACTORY])
def test_a_digest_that_is_not_told_is_counted(habits: Habits) -> None:
    with fake_registry(habits) as registry:
        fill(registry, "local/argo")
        memo = read(oci(registry, "local"))
        manifests = {f"sha256:{one.manifest}" for one in memo.versions["argo"]}
        assert manifests == set(registry.repositories["local/argo"].manifests)
        second = read(oci(registry, "local"), memo.known(), memo)
        assert second.listing.charts["argo"].kept


def test_a_registry_without_HEAD_is_asked_by_GET() -> None:
    with fake_registry(replace(DISTRIBUTION, heads=False)) as registry:
        memo = read(oci(fill(registry), "team"))
        assert read(oci(registry, "team"), memo.known(), memo).listing.charts["argo"].kept


def test_blobs_may_come_from_an_object_store_which_gets_no_credentials(tmp_path: Path) -> None:
    with fake_registry(DISTRIBUTION) as store, fake_registry(AMAZON_ECR) as registry:
        fill(registry)
        store.repositories = registry.repositories
        registry.blobs_at = store.url
        memo = read(oci(registry, "team"), access=user())
        assert memo.names == ALL
        assert fetch(registry, memo, "argo", tmp_path / "a.tgz", access=user()) == archive("argo", "1.2.0")
        assert store.log
        assert not any("authorization" in one.headers for one in store.log)
