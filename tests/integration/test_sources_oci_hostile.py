"""Registries that mean harm, or look like it: hostile cases N6 and A8 to A11 as they concern registries."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import (
    AuthenticationFailed,
    BadRedirect,
    BadUrl,
    RealmRefused,
    RegistryInvalid,
    RegistryTooLarge,
    SourceError,
    TlsFailed,
    TooLarge,
)
from indexer.http import Access, Basic
from indexer.model import Source
from indexer.sources.oci import registry as limits
from indexer.sources.oci.manifest import MAX_MANIFEST
from indexer.sources.registry import open_source
from tests.fake_registry import AMAZON_ECR, HARBOR, OCI_INDEX, FakeRegistry, Habits, fake_registry
from tests.integration.oci_sources import fetch, oci, read, user


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry(Habits(page=1)) as running:
        running.push("team/argo", "1.0.0")
        running.push("team/argo", "1.1.0")
        yield running


TAGS = "/v2/team/argo/tags/list"


@pytest.mark.parametrize(
    "link",
    [
        '<//evil.example/v2/team/argo/tags/list?last=1.0.0>; rel="next"',
        '<https://evil.example/v2/team/argo/tags/list?last=1.0.0>; rel="next"',
        '</v2/secret/argo/tags/list?last=1.0.0>; rel="next"',
        '</v2/_catalog?last=1.0.0>; rel="next"',
        '<file:///etc/passwd>; rel="next"',
        '<\\\\evil.example/x>; rel="next"',
        '<http://127.0.0.1@evil.example/v2/team/argo/tags/list>; rel="next"',
        "<x",
        "<?last=1.0.0>; rel=next; x" + "x" * 9000,
    ],
)
def test_N6_a_next_page_elsewhere_is_refused_and_not_overlooked(registry: FakeRegistry, link: str) -> None:
    registry.links[TAGS] = link
    with pytest.raises(RegistryInvalid):
        read(oci(registry, "team/argo"), repositories=())
    assert {one.path.partition("?")[0] for one in registry.log} <= {"/v2/", "/v2/_catalog", TAGS}


def test_N6_the_same_page_again_is_seen(registry: FakeRegistry) -> None:
    registry.links[TAGS] = '</v2/team/argo/tags/list?n=100>; rel="next"'
    with pytest.raises(RegistryInvalid, match="its pages never end"):
        read(oci(registry, "team"), repositories=("argo",))


def test_N6_endless_pages_end(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PAGES", 10)
    registry.habits = replace(registry.habits, page=1)
    for minor in range(30):
        registry.push("team/argo", f"2.{minor}.0")
    with pytest.raises(RegistryInvalid, match="its pages never end"):
        read(oci(registry, "team"), repositories=("argo",))
    assert len(registry.asked(TAGS)) == 10


def test_N6_more_names_than_anybody_has_are_refused(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_NAMES", 20)
    registry.habits = Habits()
    for minor in range(30):
        registry.push("team/argo", f"2.{minor}.0")
    with pytest.raises(RegistryTooLarge, match="more than 20 names"):
        read(oci(registry, "team"), repositories=("argo",))


def test_N6_a_reading_ends_at_its_budget(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_REQUESTS", 4)
    with pytest.raises(RegistryTooLarge, match="more than 4 requests"):
        read(oci(registry, "team"), repositories=("argo",))
    assert len(registry.log) <= 4


def test_N6_tags_beyond_128_characters_and_of_other_characters_are_left_out(registry: FakeRegistry) -> None:
    registry.push("team/argo", "1.2.0", tag="1.2.0-" + "a" * 123)
    registry.push("team/argo", "1.2.0", tag="1.2.0/../../../secret")
    memo = read(oci(registry, "team/argo"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0"]
    assert not any("secret" in one.path or "aaa" in one.path.partition("?")[0] for one in registry.log)


def test_N6_a_tag_that_cannot_even_be_written_costs_no_other_one(registry: FakeRegistry) -> None:
    tags = ["1.0.0", "\ud800", "\0", "a" * 100_000, None, 5, ["1.1.0"]]
    registry.answers[TAGS] = (200, json.dumps({"name": "team/argo", "tags": tags}).encode(), {})
    assert read(oci(registry, "team/argo")).names == ["argo 1.0.0"]


def test_N6_a_manifest_over_4_MiB_costs_that_version_only(registry: FakeRegistry) -> None:
    registry.put("team/argo", "1.2.0", b"{" + b" " * MAX_MANIFEST + b"}")
    memo = read(oci(registry, "team/argo"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0"]
    assert len(memo.causes) == 1
    assert memo.causes[0].startswith("argo 1.2.0: ")
    assert "larger than the limit" in memo.causes[0]


@pytest.mark.parametrize("media_type", ["", OCI_INDEX])
def test_N6_a_manifest_that_is_an_index_as_well_is_refused(registry: FakeRegistry, media_type: str) -> None:
    real = json.loads(registry.repositories["team/argo"].manifests[registry.push("team/argo", "1.2.0")][0])
    both = real | {"manifests": [], "mediaType": OCI_INDEX}
    registry.put("team/argo", "1.2.0", both, **({"media_type": media_type} if media_type else {}))
    memo = read(oci(registry, "team/argo"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0"]
    assert memo.causes == ["argo 1.2.0: Its manifest is an index as well, so nobody knows what it holds."]


def test_N6_bytes_of_another_digest_are_refused(registry: FakeRegistry, tmp_path: Path) -> None:
    memo = read(oci(registry, "team/argo"))
    registry.push("team/argo", "1.2.0")
    blobs = registry.repositories["team/argo"].blobs
    blobs.update(dict.fromkeys(blobs, b"{}"))
    with pytest.raises(RegistryInvalid, match="the bytes have another digest"):
        fetch(registry, memo, "argo", tmp_path / "a.tgz")
    assert "the bytes have another digest" in " ".join(read(oci(registry, "team/argo"), memo.known(), memo).causes)


def test_A10_an_archive_that_is_listed_elsewhere_is_not_asked_for(registry: FakeRegistry, tmp_path: Path) -> None:
    with fake_registry() as evil:
        evil.push("team/argo", "1.0.0")
        opened = open_source(Source("shop", oci(registry), kind="oci"), user(), tmp_path)
        with pytest.raises(BadUrl, match="another registry"):
            opened.fetch_archive((f"oci://{evil.host}/team/argo:1.0.0",), tmp_path / "a.tgz", 1_000_000)
        assert evil.log == []


# -- who gets the password


def test_N6_a_realm_on_a_foreign_host_gets_no_password() -> None:
    with fake_registry(HARBOR) as evil, fake_registry(replace(HARBOR, realm=f"{evil.url}/service/token")) as registry:
        registry.push("team/argo", "1.0.0")
        with pytest.raises(RealmRefused) as caught:
            read(oci(registry, "team/argo"), access=user())
        assert evil.log == []
        assert caught.value.params == {"host": registry.host, "origin": evil.url}
        assert not any("authorization" in one.headers for one in registry.log)


@pytest.mark.parametrize(
    "realm",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//evil.example/token",
        "http://127.0.0.1:80\\@evil.example/",
        "http://user:pw@127.0.0.1/token",
        "token",
        "http://127.0.0.1/" + "x" * 5000,
    ],
)
def test_A2_a_realm_that_is_no_proper_address_is_refused(realm: str) -> None:
    with fake_registry(replace(HARBOR, realm=realm)) as registry:
        with pytest.raises((RegistryInvalid, RealmRefused)) as caught:
            read(oci(registry, "team/argo"), access=user())
        assert "pw" not in str(caught.value)


def test_A8_a_token_service_that_redirects_elsewhere_passes_no_password_on() -> None:
    with fake_registry(HARBOR) as evil, fake_registry(HARBOR) as registry:
        registry.push("team/argo", "1.0.0")
        registry.answers["/service/token"] = (302, b"", {"Location": f"{evil.url}/service/token"})
        with pytest.raises(AuthenticationFailed):
            read(oci(registry, "team"), repositories=("argo",), access=user())
        assert evil.log
        assert all("authorization" not in one.headers for one in evil.log)


def test_A8_a_registry_that_redirects_for_ever_is_left() -> None:
    with fake_registry() as registry:
        registry.answers["/v2/"] = (302, b"", {"Location": "/v2/"})
        with pytest.raises(BadRedirect):
            read(oci(registry))


def test_A9_a_list_that_redirects_elsewhere_passes_no_password_on() -> None:
    with fake_registry() as evil, fake_registry(AMAZON_ECR) as registry:
        registry.users["ann"] = "secret"
        registry.push("team/argo", "1.0.0")
        evil.push("team/argo", "6.6.6")
        registry.answers[TAGS] = (302, b"", {"Location": f"{evil.url}{TAGS}"})
        read(oci(registry, "team"), repositories=("argo",), access=user())
        assert evil.asked(TAGS)
        assert all("authorization" not in one.headers for one in evil.log)


def test_A11_an_origin_that_only_ends_alike_is_another_one() -> None:
    with fake_registry(HARBOR) as evil, fake_registry(replace(HARBOR, realm=f"{evil.url}/service/token")) as registry:
        alike = (evil.url[:-1], evil.url.replace("127.0.0.1", "27.0.0.1"), evil.url.replace("http:", "https:"))
        with pytest.raises(RealmRefused):
            read(oci(registry, "team/argo"), access=user(origins=alike))
        assert evil.log == []


@pytest.mark.parametrize("repositories", [(), ("argo",)], ids=["catalog", "tags"])
@pytest.mark.parametrize(
    ("habits", "told"),
    [
        (AMAZON_ECR, "the password s3cret-7f3a is not right"),
        (AMAZON_ECR, "what is Basic YW5uOnMzY3JldC03ZjNh"),
        (HARBOR, "what is token-0, token-1 or token-2"),
    ],
)
def test_I8_a_registry_that_repeats_what_it_was_shown_is_not_quoted(
    habits: Habits, told: str, repositories: tuple[str, ...]
) -> None:
    body = json.dumps({"errors": [{"code": "DENIED", "message": told}]}).encode()
    with fake_registry(habits) as registry:
        registry.users["ann"] = "s3cret-7f3a"
        registry.push("team/argo", "1.0.0")
        for path in ("/v2/_catalog", TAGS):
            registry.answers[path] = (401, body, {"WWW-Authenticate": _challenge(registry)})
        with pytest.raises(SourceError, match="DENIED") as caught:
            login = Access(Basic("ann", lambda: "s3cret-7f3a"))
            read(oci(registry, "team"), repositories=repositories, access=login)
        assert told not in str(caught.value)


def _challenge(registry: FakeRegistry) -> str:
    if registry.habits.auth == "basic":
        return 'Basic realm="x"'
    return f'Bearer realm="{registry.url}{registry.habits.realm_path}"'


def test_B1_a_token_service_is_believed_no_more_than_a_registry(tmp_path: Path) -> None:
    with fake_registry(HARBOR, tls=tmp_path) as tokens:
        with fake_registry(replace(HARBOR, realm=f"{tokens.url}/service/token")) as registry:
            registry.push("team/argo", "1.0.0")
            with pytest.raises(TlsFailed, match="self-signed certificate"):
                read(oci(registry, "team"), repositories=("argo",), access=user(origins=(tokens.url,)))
        with pytest.raises(TlsFailed, match="self-signed certificate"):
            read(oci(tokens, "team"), repositories=("argo",), access=user())
        assert tokens.log == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", RegistryInvalid),
        (b"[]", RegistryInvalid),
        (b"[" * 100_000, RegistryInvalid),
        (b"{}", AuthenticationFailed),
        (b'{"token": "", "access_token": ""}', AuthenticationFailed),
        (b'{"token": 7}', RegistryInvalid),
        (b'{"token": "a\\r\\nX-Evil: 1"}', RegistryInvalid),
        (b'{"token": "t\xc3\xb6ken"}', RegistryInvalid),
        (b'{"token": "' + b"x" * 40_000 + b'"}', RegistryInvalid),
        (b"x" * 1_000_001, TooLarge),
    ],
)
def test_N6_a_token_service_that_answers_nonsense_is_told_as_such(answer: bytes, error: type[Exception]) -> None:
    with fake_registry(HARBOR) as registry:
        registry.push("team/argo", "1.0.0")
        registry.answers["/service/token"] = (200, answer, {"Content-Type": "application/json"})
        with pytest.raises(error):
            read(oci(registry, "team"), repositories=("argo",), access=user())


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tags": 3}', b'{"tags": {"a": 1}}', b"[" * 100_000, b"<html>"])
def test_N6_a_list_that_is_none_is_refused(registry: FakeRegistry, body: bytes) -> None:
    registry.answers[TAGS] = (200, body, {"Content-Type": "application/json"})
    with pytest.raises(RegistryInvalid):
        read(oci(registry, "team"), repositories=("argo",))
