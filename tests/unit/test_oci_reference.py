"""Names in a registry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import versions
from indexer.errors import BadUrl
from indexer.sources.oci.reference import (
    MAX_NAME,
    Address,
    chart_url,
    is_repository,
    is_tag,
    parse_address,
    split_chart_url,
    tag_of,
    version_of,
    version_tags,
)

REPOSITORIES = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,5})?(/[a-z0-9]{1,8}){0,4}", fullmatch=True)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("oci://registry.example.org", Address("registry.example.org", "")),
        ("oci://registry.example.org/", Address("registry.example.org", "")),
        ("OCI://Registry.Example.org:5000/team/charts/", Address("registry.example.org:5000", "team/charts")),
        ("oci://10.0.0.7:5000/a__b/c-d.e", Address("10.0.0.7:5000", "a__b/c-d.e")),
        ("oci://[::1]:5000/x", Address("[::1]:5000", "x")),
        ("oci://docker.io/bitnamicharts", Address("registry-1.docker.io", "bitnamicharts")),
    ],
)
def test_an_address_is_a_registry_and_a_place_in_it(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://registry.example.org/x", "does not start with oci://"),
        ("registry.example.org/x", "does not start with oci://"),
        ("oci://", "host name"),
        ("oci:///x", "host name"),
        ("oci://user:secret@registry.example.org/x", "user name or password"),
        ("oci://user:secret/word@registry.example.org/x", "host name is not one"),
        (f"oci://registry.example.org/{'secret' * 60}@x", "names one version"),
        ("oci://registry.example.org/x:1.0.0", "names one version"),
        ("oci://registry.example.org/x@sha256:" + "a" * 64, "names one version"),
        ("oci://registry.example.org/x?token=secret", "is no repository"),
        ("oci://registry.example.org/x#y", "is no repository"),
        ("oci://registry.example.org/X", "is no repository"),
        ("oci://registry.example.org/a//b", "is no repository"),
        ("oci://registry.example.org/../b", "is no repository"),
        ("oci://registry.example.org/a/%2e%2e", "is no repository"),
        ("oci://registry.example.org/-a", "is no repository"),
        ("oci://registry.example.org/a..b", "is no repository"),
        ("oci://registry.example.org/" + "a" * (MAX_NAME + 1), "is no repository"),
        ("oci://registry.example.org:0/x", "port"),
        ("oci://127.1/x", "IPv4"),
        ("oci://127.0.0.1\\@evil.example/x", "character"),
        ("oci://regis\ttry/x", "character"),
        ("oci://" + "a" * 10_000, "longer"),
    ],
)
def test_A1_what_cannot_be_meant_is_refused_and_no_secret_is_repeated(url: str, why: str) -> None:
    with pytest.raises(BadUrl) as caught:
        parse_address(url)
    assert why in caught.value.cause
    assert "secret" not in caught.value.cause


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"oci://{text}", f"oci://example.org/{text}"):
        try:
            address = parse_address(url)
        except BadUrl as refused:
            assert refused.cause.isprintable()
        else:
            assert not address.path or is_repository(address.path)


@given(REPOSITORIES, TAGS)
def test_a_version_is_named_and_found_again(repository: str, tag: str) -> None:
    assert is_repository(repository) and is_tag(tag)
    url = chart_url("example.org:5000", repository, tag)
    assert split_chart_url(url) == ("example.org:5000", repository, tag)


@given(st.text(max_size=300))
def test_what_names_no_version_is_refused(text: str) -> None:
    try:
        _, repository, tag = split_chart_url(text)
    except BadUrl:
        return
    assert is_repository(repository) and is_tag(tag)


def test_a_plus_is_an_underscore_and_back() -> None:
    assert tag_of("1.2.3+build.7") == "1.2.3_build.7"
    assert version_of("1.2.3_build.7") == "1.2.3+build.7"


def test_only_versions_count_and_the_newest_comes_first() -> None:
    signature = "sha256-" + "a" * 64
    tags = ["1.9.0", "latest", "1.10.0", f"{signature}.sig", f"{signature}.att", signature, "1.10.0_b", "2.0.0-rc.1"]
    assert version_tags(tags) == ("2.0.0-rc.1", "1.10.0_b", "1.10.0", "1.9.0")


@given(st.lists(st.text(max_size=200) | TAGS, max_size=30))
def test_whatever_a_registry_lists_only_tags_that_are_versions_are_left(tags: list[str]) -> None:
    found = version_tags(tags)
    assert set(found) <= set(tags)
    assert all(is_tag(one) and versions.is_valid(version_of(one)) for one in found)
