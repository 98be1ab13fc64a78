"""Which sources an Authorization text names."""

import hmac
from contextlib import suppress

import pytest

from catalog_web.hooks.keys import HookKeys, HookRefused
from indexer.errors import CredentialsUnreadable
from indexer.model import Source

SECRETS = {"first": "Bearer 1", "second": "Bearer 2", "third": "Bearer 3", "none": "", "twin": "Bearer 2"}


def keys(secrets: dict[str, str] = SECRETS) -> HookKeys:
    sources = tuple(Source(name, "https://x.example") for name in secrets)
    return HookKeys(lambda: sources, lambda source: secrets[source.name])


def test_a_text_names_every_source_that_has_it() -> None:
    assert [one.name for one in keys().owners("Bearer 2")] == ["second", "twin"]


@pytest.mark.parametrize("text", ["Bearer 1", "Bearer 2", "Bearer 4", "", "Bearer 22", "\udce9"])
def test_J3_every_secret_is_compared_at_every_call_in_constant_time(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", compare)
    with suppress(HookRefused):
        keys().owners(text)
    assert len(compared) == 4
    assert {len(one) for pair in compared for one in pair} == {32}


def test_a_text_beyond_ascii_is_compared_as_the_bytes_that_were_sent() -> None:
    as_it_arrives = "Bearer é".encode().decode("latin-1")
    assert keys({"shop": "Bearer é"}).owners(as_it_arrives)


def test_no_text_names_a_source_without_a_secret() -> None:
    with pytest.raises(HookRefused):
        keys().owners("")


def test_a_project_is_named_by_the_text_of_its_harbor_alone() -> None:
    sources = (
        Source("harbor", "https://x.example", "harbor"),
        Source("harbor.a", "https://x.example", parent="harbor"),
    )
    found = HookKeys(lambda: sources, lambda _source: "Bearer 1").owners("Bearer 1")
    assert [one.name for one in found] == ["harbor"]


def test_a_secret_that_cannot_be_read_names_nothing() -> None:
    def secret(source: Source) -> str:
        if source.name == "second":
            raise CredentialsUnreadable(path="/absent", detail="it is not there")
        return SECRETS[source.name]

    made = HookKeys(lambda: tuple(Source(name, "https://x.example") for name in SECRETS), secret)
    assert [one.name for one in made.owners("Bearer 2")] == ["twin"]


def test_secrets_are_not_read_anew_at_each_of_many_calls() -> None:
    read: list[str] = []

    def secret(source: Source) -> str:
        read.append(source.name)
        return "Bearer 1"

    made = HookKeys(lambda: (Source("a", "https://x.example"),), secret)
    for _ in range(1000):
        made.owners("Bearer 1")
    assert len(read) < 100
