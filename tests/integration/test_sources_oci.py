"""The ``oci`` source, against a registry on loopback."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from indexer.errors import BadUrl, ManifestAbsent, NotARegistry, RateLimited, RepositoryAbsent, TlsFailed
from indexer.http import Access, Tls
from indexer.model import Source
from indexer.parse import open_entry
from indexer.sources.oci import look
from indexer.sources.oci.source import origins
from indexer.sources.registry import open_source
from tests.fake_registry import CREATED, FakeRegistry, fake_registry
from tests.integration.oci_sources import again, fetch, oci, read
from tests.repository import archive


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as running:
        running.push("team/argo", "1.0.0")
        running.push("team/argo", "1.1.0", appVersion="v3", keywords=["flow"])
        running.push("team/deep/er/pear", "0.1.0+build.7")
        yield running


def test_it_lists_charts_with_all_that_their_config_says(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0", "pear 0.1.0+build.7"]
    newest = memo.versions["argo"][0]
    assert newest.urls == (f"oci://{registry.host}/team/argo:1.1.0",)
    assert newest.digest == sha256(archive("argo", "1.1.0")).hexdigest()
    assert f"sha256:{newest.manifest}" == registry.repositories["team/argo"].tags["1.1.0"]
    assert newest.app_version == "v3"
    assert newest.created and newest.created.isoformat() == CREATED.replace("Z", "+00:00")
    assert open_entry(newest.raw).keywords == ("flow",)
    assert memo.listing.end_proven and memo.causes == []


def test_build_metadata_is_a_plus_again_and_its_tag_is_what_is_fetched(registry: FakeRegistry, tmp_path: Path) -> None:
    memo = read(oci(registry, "team"))
    assert memo.versions["pear"][0].urls == (f"oci://{registry.host}/team/deep/er/pear:0.1.0_build.7",)
    assert fetch(registry, memo, "pear", tmp_path / "pear.tgz") == archive("pear", "0.1.0+build.7")


def test_the_whole_registry_may_be_a_source(registry: FakeRegistry) -> None:
    registry.push("other/plum", "2.0.0")
    assert sorted(read(oci(registry)).versions) == ["argo", "pear", "plum"]


def test_a_name_that_only_begins_alike_is_not_below_the_path(registry: FakeRegistry) -> None:
    registry.push("teamwork/plum", "2.0.0")
    assert "plum" not in read(oci(registry, "team")).versions


def test_an_address_may_be_that_of_one_chart(registry: FakeRegistry) -> None:
    assert read(oci(registry, "team/argo")).names == ["argo 1.1.0", "argo 1.0.0"]


def test_repositories_may_be_named_or_described_by_globs(registry: FakeRegistry) -> None:
    registry.push("team/plum", "2.0.0")
    assert list(read(oci(registry, "team"), repositories=("plum",)).versions) == ["plum"]
    assert registry.count("_catalog") == 0
    assert list(read(oci(registry, "team"), repositories=("deep/*",)).versions) == ["pear"]


def test_what_is_no_chart_is_left_out_without_a_word(registry: FakeRegistry) -> None:
    registry.push_image("team/argo", "9.0.0")
    registry.push_image("team/nginx", "1.27.0")
    registry.put("team/argo", "sha256-" + "0" * 64 + ".sig", b"{}")
    registry.put("team/argo", "latest", b"{}")
    memo = read(oci(registry, "team"))
    assert sorted(memo.versions) == ["argo", "pear"]
    assert memo.causes == []


def test_a_repository_of_images_costs_a_few_reads_and_then_none(registry: FakeRegistry) -> None:
    for minor in range(30):
        registry.push_image("team/nginx", f"1.{minor}.0")
    memo = read(oci(registry, "team"))
    assert registry.count("team/nginx/manifests") == look.SAMPLE
    again(memo, oci(registry, "team"))
    assert registry.count("team/nginx/manifests") == look.SAMPLE


def test_a_named_repository_is_read_whole_however_many_images_it_holds(registry: FakeRegistry) -> None:
    for minor in range(10):
        registry.push_image("team/argo", f"9.{minor}.0")
    assert "argo 1.0.0" in read(oci(registry, "team"), repositories=("argo",)).names


# -- what changed


def test_unchanged_tags_cost_one_HEAD_each_and_the_charts_are_kept(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    before = len(registry.log)
    second = again(memo, oci(registry, "team"))
    asked = registry.log[before:]
    assert [one.method for one in asked if "/manifests/" in one.path] == ["HEAD"] * 3
    assert not any("/blobs/" in one.path for one in asked)
    assert all(chart.kept for chart in second.listing.charts.values())
    assert second.listing.fingerprint == memo.listing.fingerprint


def test_a_new_tag_is_read_and_nothing_else(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.push("team/argo", "1.2.0")
    before = len(registry.log)
    second = again(memo, oci(registry, "team"))
    digest = registry.repositories["team/argo"].tags["1.2.0"]
    assert [one.path for one in registry.log[before:] if one.method == "GET" and "/manifests/" in one.path] == [
        f"/v2/team/argo/manifests/{digest}"
    ]
    assert second.names[:3] == ["argo 1.2.0", "argo 1.1.0", "argo 1.0.0"]
    assert second.listing.charts["pear"].kept
    unchanged = {one.version: one for one in memo.versions["argo"]}
    assert all(one == unchanged[one.version] for one in second.versions["argo"][1:])


def test_a_tag_that_stands_for_other_bytes_is_seen(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.push("team/argo", "1.0.0", salt="other")
    second = again(memo, oci(registry, "team"))
    old, new = memo.versions["argo"][1], second.versions["argo"][1]
    assert (old.version, new.version) == ("1.0.0", "1.0.0")
    assert old.digest != new.digest
    assert old.manifest != new.manifest


def test_a_tag_that_is_deleted_is_gone(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    del registry.repositories["team/argo"].tags["1.0.0"]
    assert "argo 1.0.0" not in again(memo, oci(registry, "team")).names


def test_a_repository_that_lost_all_its_tags_is_gone_without_a_word(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.repositories["team/argo"].tags.clear()
    second = again(memo, oci(registry, "team"))
    assert list(second.versions) == ["pear"]
    assert second.causes == []


def test_only_the_newest_tags_are_looked_at_each_time_and_all_once_the_memory_is_gone(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "NEWEST", 2)
    registry.push("team/argo", "0.9.0")
    memo = read(oci(registry, "team/argo"))
    registry.push("team/argo", "0.9.0", salt="other")
    second = again(memo, oci(registry, "team/argo"))
    assert registry.count("team/argo/manifests", "HEAD") == 2
    assert second.listing.charts["argo"].kept
    third = again(memo, oci(registry, "team/argo"), memory=False)
    assert third.versions["argo"][2].manifest != memo.versions["argo"][2].manifest


def test_a_registry_of_many_repositories_is_spared(registry: FakeRegistry) -> None:
    assert look.newest_share(1) == look.NEWEST
    assert look.newest_share(500) * 500 <= look.HEADS
    assert look.newest_share(1_000_000) == 1


# -- a webhook's share


def test_only_what_a_webhook_names_is_looked_at(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.push("team/argo", "1.2.0")
    before = len(registry.log)
    for name in ("team/argo", "argo"):
        second = again(memo, oci(registry, "team"), only=frozenset({name}))
        assert second.listing.only == {"argo"}
        assert second.names[0] == "argo 1.2.0"
    assert not any("pear" in one.path or "_catalog" in one.path for one in registry.log[before:])


def test_a_chart_that_a_webhook_names_first_is_found(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.push("team/plum", "2.0.0")
    second = again(memo, oci(registry, "team"), only=frozenset({"team/plum"}))
    assert (second.names, second.listing.only) == (["plum 2.0.0"], {"plum"})


def test_what_a_webhook_names_elsewhere_is_left_alone(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team/argo"))
    second = again(memo, oci(registry, "team/argo"), only=frozenset({"team/deep/er/pear"}))
    assert (second.names, second.listing.only) == ([], frozenset())


def test_a_repository_elsewhere_whose_chart_is_called_alike_removes_nothing(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    for memory in (True, False):
        second = again(memo, oci(registry, "team"), memory=memory, only=frozenset({"other/argo"}))
        assert second.listing.only == frozenset()


def test_a_chart_whose_last_tag_was_deleted_is_gone_by_a_webhook(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.repositories["team/argo"].tags.clear()
    for memory in (True, False):
        second = again(memo, oci(registry, "team"), memory=memory, only=frozenset({"team/argo"}))
        assert (second.names, second.listing.only) == ([], {"argo"})


def test_a_longer_path_does_not_take_a_name_over_by_a_webhook(registry: FakeRegistry) -> None:
    registry.push("team/deep/argo", "9.0.0")
    memo = read(oci(registry, "team"))
    for memory in (True, False):
        second = again(memo, oci(registry, "team"), memory=memory, only=frozenset({"team/deep/argo"}))
        assert (second.names, second.listing.only) == ([], frozenset())


# -- names


def test_of_two_repositories_with_a_chart_of_one_name_the_shortest_path_counts(registry: FakeRegistry) -> None:
    registry.push("team/deep/argo", "9.0.0")
    memo = read(oci(registry, "team"))
    assert memo.names[:2] == ["argo 1.1.0", "argo 1.0.0"]
    assert memo.causes == [
        "argo : The repository team/deep/argo holds a chart of the same name; the one in team/argo counts."
    ]


def test_a_repository_that_does_not_count_is_read_once_and_takes_over_when_the_other_is_gone(
    registry: FakeRegistry,
) -> None:
    registry.push("team/deep/argo", "9.0.0")
    memo = read(oci(registry, "team"))
    before = registry.count("team/deep/argo/manifests")
    second = again(memo, oci(registry, "team"))
    third = again(second, oci(registry, "team"))
    assert third.causes == second.causes == memo.causes
    assert registry.count("team/deep/argo/manifests") == before
    del registry.repositories["team/argo"]
    fourth = again(third, oci(registry, "team"))
    assert fourth.names == ["argo 9.0.0", "pear 0.1.0+build.7"]
    assert fourth.causes == []


def test_a_repository_that_is_named_otherwise_than_its_chart_is_told_of(registry: FakeRegistry) -> None:
    registry.push("team/argonaut", "1.0.0", name="argonauts")
    memo = read(oci(registry, "team"))
    assert "argonauts 1.0.0" in memo.names
    assert memo.causes == [
        "argonauts : Its repository is team/argonaut, and Helm asks for a chart by its repository's name."
    ]


def test_such_a_chart_is_kept_while_its_repository_cannot_be_read(registry: FakeRegistry) -> None:
    registry.push("team/argonaut", "1.0.0", name="argonauts")
    memo = read(oci(registry, "team"))
    registry.answers["/v2/team/argonaut/tags/list"] = (502, b"", {})
    for memory in (True, False):
        second = again(memo, oci(registry, "team"), memory=memory)
        assert [(one.chart, one.kind) for one in second.listing.problems] == [("argonauts", "skipped")]


def test_a_second_tag_of_the_same_manifest_is_no_second_version(registry: FakeRegistry) -> None:
    registry.repositories["team/argo"].tags["1"] = registry.repositories["team/argo"].tags["1.1.0"]
    memo = read(oci(registry, "team/argo"))
    assert (memo.names, memo.causes) == (["argo 1.1.0", "argo 1.0.0"], [])
    before = registry.count("/manifests/", "GET")
    assert again(memo, oci(registry, "team/argo")).listing.charts["argo"].kept
    assert registry.count("/manifests/", "GET") == before


def test_a_second_tag_with_other_bytes_of_a_version_is_told_of(registry: FakeRegistry) -> None:
    registry.push("team/argo", "1.1.0", tag="1.1", salt="other")
    memo = read(oci(registry, "team/argo"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0"]
    assert memo.causes == ["argo 1.1.0: The tag 1.1 holds other bytes of the same version; the tag 1.1.0 counts."]


def test_a_version_under_a_tag_by_which_helm_does_not_find_it_is_told_of(registry: FakeRegistry) -> None:
    registry.push("team/argo", "3.0.0", tag="2.9.9")
    memo = read(oci(registry, "team/argo"))
    assert "argo 3.0.0" in memo.names
    assert memo.causes == ["argo 3.0.0: Its tag is 2.9.9, and Helm asks for a version by its tag."]


# -- what goes wrong


def test_a_version_that_cannot_be_read_is_set_aside_by_itself(registry: FakeRegistry) -> None:
    registry.answers["/v2/team/argo/manifests/1.0.0"] = (500, b"", {})
    memo = read(oci(registry, "team"))
    assert memo.names == ["argo 1.1.0", "pear 0.1.0+build.7"]
    assert len(memo.causes) == 1
    assert memo.causes[0].startswith("argo 1.0.0: ")
    assert "500" in memo.causes[0]


def test_a_repository_that_cannot_be_read_keeps_its_charts(registry: FakeRegistry) -> None:
    memo = read(oci(registry, "team"))
    registry.answers["/v2/team/argo/tags/list"] = (502, b"", {})
    second = again(memo, oci(registry, "team"))
    assert list(second.versions) == ["pear"]
    assert [(one.chart, one.version, one.kind) for one in second.listing.problems] == [("argo", "", "skipped")]
    del registry.answers["/v2/team/argo/tags/list"]
    assert again(second, oci(registry, "team")).names == memo.names


def test_when_nothing_can_be_read_the_reason_is_told(registry: FakeRegistry) -> None:
    with pytest.raises(RepositoryAbsent, match="no repository nowhere/argo"):
        read(oci(registry, "nowhere"), repositories=("argo",))


def test_a_config_that_is_no_chart_yaml_costs_that_version_only(registry: FakeRegistry) -> None:
    registry.push("team/argo", "2.0.0", name="../argo")
    memo = read(oci(registry, "team/argo"))
    assert memo.names == ["argo 1.1.0", "argo 1.0.0"]
    assert "is no chart name" in memo.causes[0]


def test_where_the_registry_asks_to_wait_what_was_read_counts_and_the_rest_follows(registry: FakeRegistry) -> None:
    for minor in range(2, 12):
        registry.push("team/argo", f"1.{minor}.0")
    registry.manifests_left = 5
    first = read(oci(registry, "team/argo"))
    assert 0 < len(first.names) <= 5
    told = first.listing.problems[-1]
    assert (told.chart, told.version, told.kind) == ("argo", "", "skipped")
    assert "asks to come back later" in told.cause
    registry.manifests_left = 100
    second = again(first, oci(registry, "team/argo"))
    assert len(second.names) == 12
    assert second.causes == []
    assert 100 - registry.manifests_left == 12 - len(first.names)


def test_where_the_registry_asks_to_wait_at_once_it_is_an_error_with_the_time(registry: FakeRegistry) -> None:
    registry.manifests_left, registry.retry_after = 0, "77"
    with pytest.raises(RateLimited) as caught:
        read(oci(registry, "team/argo"))
    assert caught.value.retry_after == 77


def test_an_ordinary_web_server_is_no_registry(registry: FakeRegistry) -> None:
    registry.answers["/v2/"] = (404, b"nothing here", {"Content-Type": "text/plain"})
    with pytest.raises(NotARegistry, match="answers 404 at /v2/"):
        read(oci(registry))


def test_a_web_page_is_no_registry(registry: FakeRegistry) -> None:
    registry.answers["/v2/"] = (200, b"<html>Welcome</html>", {"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(NotARegistry, match="a web page answers"):
        read(oci(registry))


@pytest.mark.parametrize(
    "url", ["https://example.org", "oci://", "oci://example.org/a:1", "oci://user:pw@example.org/x"]
)
def test_an_address_that_cannot_be_meant_is_refused_at_once(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadUrl) as caught:
        open_source(Source("shop", url, kind="oci"), Access(), tmp_path)
    assert "pw" not in str(caught.value)


# -- with TLS and without


def test_https_is_spoken_where_the_certificate_is_trusted(tmp_path: Path) -> None:
    with fake_registry(tls=tmp_path) as registry:
        registry.push("team/argo", "1.0.0")
        trusting = Access(tls=Tls(ca=(tmp_path / "server.crt").read_text))
        assert read(oci(registry, "team"), access=trusting).names == ["argo 1.0.0"]
        assert read(oci(registry, "team"), access=Access(tls=Tls(verify=False))).names == ["argo 1.0.0"]


def test_a_certificate_that_is_not_trusted_is_an_error_and_never_a_reason_to_do_without_TLS(tmp_path: Path) -> None:
    with fake_registry(tls=tmp_path) as registry:
        with pytest.raises(TlsFailed, match="self-signed certificate"):
            read(oci(registry, "team"))
        assert registry.log == []


@pytest.mark.parametrize(
    ("host", "verify", "plain"),
    [
        ("charts.example.org", True, False),
        ("charts.example.org:5000", True, False),
        ("10.0.0.7", True, False),
        ("localhost.example.org", True, False),
        ("charts.example.org", False, True),
        ("localhost:5000", True, True),
        ("127.0.0.1", True, True),
        ("[::1]:5000", True, True),
    ],
)
def test_plain_http_is_tried_only_where_nobody_can_listen_or_nothing_is_checked(
    host: str, verify: bool, plain: bool
) -> None:
    tried = origins(host, Access(tls=Tls(verify=verify)))
    assert tried == ((f"https://{host}", f"http://{host}") if plain else (f"https://{host}",))


# -- archives


def test_an_archive_is_fetched_as_it_was_listed_though_its_tag_moved(registry: FakeRegistry, tmp_path: Path) -> None:
    memo = read(oci(registry, "team/argo"))
    registry.push("team/argo", "1.1.0", salt="other")
    assert fetch(registry, memo, "argo", tmp_path / "a.tgz") == archive("argo", "1.1.0")


def test_an_archive_that_is_gone_is_told_as_such(registry: FakeRegistry, tmp_path: Path) -> None:
    memo = read(oci(registry, "team/argo"))
    registry.repositories["team/argo"].manifests.clear()
    with pytest.raises(ManifestAbsent, match=r"team/argo:1\.1\.0"):
        fetch(registry, memo, "argo", tmp_path / "a.tgz")


def test_an_archive_beyond_the_limit_is_not_even_asked_for(registry: FakeRegistry, tmp_path: Path) -> None:
    memo = read(oci(registry, "team/argo"))
    one = memo.versions["argo"][0]
    before = registry.count("/blobs/")
    opened = open_source(Source("shop", oci(registry), kind="oci"), Access(), tmp_path)
    with pytest.raises(Exception, match="larger than the limit of 10 bytes") as caught:
        opened.fetch_archive(one.urls, tmp_path / "a.tgz", 10, one.manifest)
    assert getattr(caught.value, "id", "") == "archive-too-large"
    assert registry.count("/blobs/") == before
