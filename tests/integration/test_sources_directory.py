"""The ``directory`` source: a folder of archives, with an index.yaml and without."""

import os
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from indexer import parse
from indexer.archive import read_chart_metadata
from indexer.errors import ArchiveTooLarge, BadUrl, DirectoryUnreadable, NotAnIndex, SourceError, TooLarge
from indexer.model import ChartMetadata, Listing, Source
from indexer.sources import Answer, Known
from indexer.sources.directory import DirectorySource
from tests.repository import archive, repository
from tests.unit.chart_archives import packed, tar


class Folder:
    """A ``directory`` source that counts which archives it opens."""

    def __init__(self, path: Path, spool: Path) -> None:
        self.path = path
        self.opened: list[str] = []
        self.source = DirectorySource(Source("local", str(path), kind="directory"), spool, self._read)

    def put(self, name: str, data: bytes, mtime: float = 1_700_000_000.0) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (mtime, mtime))
        return file

    def chart(self, name: str, version: str, folder: str = "") -> Path:
        return self.put(f"{folder}{name}-{version}.tgz", archive(name, version))

    def answer(self, known: Known | None = None) -> Answer:
        self.opened.clear()
        with self.source.list_charts(known or Known()) as answer:
            return answer

    def listing(self, charts: Mapping[str, bytes] | None = None) -> Listing:
        listing = self.answer(Known(charts=charts)).listing
        assert listing is not None
        return listing

    def _read(self, path: Path) -> ChartMetadata:
        self.opened.append(path.name)
        return read_chart_metadata(path)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "charts").mkdir()
    return Folder(tmp_path / "charts", tmp_path / "spool")


def versions(listing: Listing) -> dict[str, list[str]]:
    return {name: [one.version for one in chart.versions] for name, chart in listing.charts.items()}


def known(listing: Listing) -> dict[str, bytes]:
    return {name: chart.fingerprint for name, chart in listing.charts.items()}


# -- without an index


def test_it_lists_what_the_archives_say_of_themselves(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    folder.chart("apple", "1.1.0")
    folder.chart("pear", "0.1.0")
    listing = folder.listing()
    assert versions(listing) == {"apple": ["1.0.0", "1.1.0"], "pear": ["0.1.0"]}
    assert listing.end_proven
    assert listing.entries == 3
    assert listing.problems == ()


def test_a_version_has_digest_address_and_time_of_its_file(folder: Folder) -> None:
    data = folder.chart("pear", "0.1.0").read_bytes()
    version = folder.listing().charts["pear"].versions[0]
    assert version.digest == sha256(data).hexdigest()
    assert version.urls == ("pear-0.1.0.tgz",)
    assert version.created is not None
    assert version.created.isoformat() == "2023-11-14T22:13:20+00:00"


def test_an_entry_can_be_opened_like_one_of_an_index(folder: Folder) -> None:
    meta = (
        'apiVersion: v2\nname: chart\nversion: 1.0.0\nappVersion: "1.10"\ndescription: "Ein Schöner 😀 Chart: # ja"\n'
        "keywords: [a, b]\nsources: [https://x.example]\nhome: https://h.example\nicon: https://i.example/i.png\n"
        "maintainers: [{name: Zoë, email: z@example.org}]\ndependencies: [{name: d, version: 1.x.x, tags: [t]}]\n"
        "annotations: {licenses: Apache-2.0}\ndeprecated: true\nkubeVersion: '>=1.20'\ntype: application\n"
    )
    folder.put("chart-1.0.0.tgz", packed(tar([("chart/Chart.yaml", meta.encode())])))
    listed = folder.listing().charts["chart"].versions[0]
    opened = parse.open_entry(listed.raw)
    inside = read_chart_metadata(folder.path / "chart-1.0.0.tgz")
    assert opened == replace(inside, urls=listed.urls, digest=listed.digest, created=listed.created)
    assert listed.deprecated


def test_it_looks_one_folder_deep_and_at_nothing_hidden(folder: Folder) -> None:
    folder.chart("apple", "1.0.0", "tenant/")
    folder.chart("deep", "1.0.0", "tenant/deeper/")
    folder.chart("hidden", "1.0.0", ".git/")
    folder.chart(".hidden", "1.0.0")
    folder.put("pear-0.1.0.tgz.prov", b"signed")
    folder.put("README.md", b"hello")
    listing = folder.listing()
    assert versions(listing) == {"apple": ["1.0.0"]}
    assert listing.charts["apple"].versions[0].urls == ("tenant/apple-1.0.0.tgz",)
    assert listing.problems == ()


def test_one_bad_archive_is_a_problem_of_its_own(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    folder.put("apple-1.1.0.tgz", b"<html>")
    listing = folder.listing()
    assert versions(listing) == {"apple": ["1.0.0"]}
    (problem,) = listing.problems
    assert (problem.chart, problem.version, problem.kind) == ("apple", "1.1.0", "skipped")
    assert "apple-1.1.0.tgz" in problem.cause


def test_an_unchanged_folder_is_said_to_be_so_without_opening_an_archive(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    folder.put("bad-1.0.0.tgz", b"<html>")
    first = folder.answer()
    again = folder.answer(Known(body_digest=first.body_digest))
    assert again.listing is None
    assert again.body_digest == first.body_digest
    assert again.framed
    assert folder.opened == []


@pytest.mark.parametrize("change", ["added", "removed", "written", "touched"])
def test_any_change_of_a_file_is_seen(folder: Folder, change: str) -> None:
    file = folder.chart("apple", "1.0.0")
    folder.chart("apple", "1.1.0")
    before = folder.answer().body_digest
    if change == "added":
        folder.chart("apple", "1.2.0")
    elif change == "removed":
        file.unlink()
    elif change == "written":
        folder.put(file.name, archive("apple", "1.0.0", salt="changed and longer"))
    else:
        os.utime(file, (1_700_000_001, 1_700_000_001))
    assert folder.answer(Known(body_digest=before)).listing is not None


def test_only_charts_that_changed_are_opened(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    folder.chart("pear", "0.1.0")
    before = folder.listing()
    folder.chart("apple", "1.1.0")
    after = folder.listing(known(before))
    assert sorted(folder.opened) == ["apple-1.0.0.tgz", "apple-1.1.0.tgz"]
    assert after.charts["pear"].kept
    assert versions(after)["apple"] == ["1.0.0", "1.1.0"]
    assert after.charts["pear"].fingerprint == before.charts["pear"].fingerprint


def test_a_listing_by_what_is_known_has_the_fingerprint_of_a_full_one(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    folder.chart("pear", "0.1.0")
    full = folder.listing()
    assert folder.listing(known(full)).fingerprint == full.fingerprint
    assert folder.opened == []


def test_a_chart_that_is_gone_is_not_listed(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    pear = folder.chart("pear", "0.1.0")
    before = folder.listing()
    pear.unlink()
    assert list(folder.listing(known(before)).charts) == ["apple"]


def test_the_name_inside_counts_and_such_charts_are_read_every_time(folder: Folder) -> None:
    folder.put("apple-1.0.0.tgz", archive("pear", "1.0.0"))
    folder.put("apple-2.0.0.tgz", archive("apple", "2.0.0"))
    first = folder.listing()
    assert versions(first) == {"apple": ["2.0.0"], "pear": ["1.0.0"]}
    again = folder.listing(known(first))
    assert versions(again) == versions(first)
    assert again.fingerprint == first.fingerprint


def test_an_archive_under_a_foreign_name_joins_the_chart_that_was_known(folder: Folder) -> None:
    folder.chart("apple", "1.0.0")
    before = folder.listing()
    folder.put("stray-1.0.0.tgz", archive("apple", "1.1.0"))
    after = folder.listing(known(before))
    assert sorted(versions(after)["apple"]) == ["1.0.0", "1.1.0"]
    assert not after.charts["apple"].kept
    assert versions(folder.listing(known(after))) == versions(after)


@pytest.mark.parametrize(
    "name", ["a-2-1.0.0", "k8s-at-home-1.0.0-rc.1", "foo-v1.0.0", "foo-1", "plain", "2048-1.0.0", "x-1.0.0+build-7"]
)
def test_file_names_of_all_kinds_are_kept_unread_or_read_rightly(folder: Folder, name: str) -> None:
    folder.put(f"{name}.tgz", archive("some-2-chart", "1.0.0"))
    first = folder.listing()
    assert versions(first) == {"some-2-chart": ["1.0.0"]}
    assert list(folder.listing(known(first)).charts) == ["some-2-chart"]


def test_D9_a_second_archive_of_a_version_is_a_problem_and_the_first_counts(folder: Folder) -> None:
    folder.chart("apple", "1.0.0", "a/")
    folder.chart("apple", "1.0.0", "b/")
    listing = folder.listing()
    assert [one.urls for one in listing.charts["apple"].versions] == [("a/apple-1.0.0.tgz",)]
    assert "b/apple-1.0.0.tgz" in listing.problems[0].cause


def test_E2_a_link_out_of_the_folder_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "apple-1.0.0.tgz"
    outside.write_bytes(archive("apple", "1.0.0"))
    (folder.path / "apple-1.0.0.tgz").symlink_to(outside)
    (folder.path / "sub").symlink_to(tmp_path)
    (folder.path / "gone-1.0.0.tgz").symlink_to("nowhere")
    os.mkfifo(folder.path / "pipe-1.0.0.tgz")
    listing = folder.listing()
    assert listing.charts == {}
    assert [one.chart for one in listing.problems] == ["apple", "gone"]


def test_links_within_the_folder_are_followed_as_kubernetes_mounts_have_them(folder: Folder) -> None:
    folder.chart("apple", "1.0.0", "..2024/")
    (folder.path / "..data").symlink_to("..2024")
    (folder.path / "apple-1.0.0.tgz").symlink_to("..data/apple-1.0.0.tgz")
    assert versions(folder.listing()) == {"apple": ["1.0.0"]}


def test_a_file_name_that_is_no_text_is_listed_and_can_be_fetched(folder: Folder, tmp_path: Path) -> None:
    name = os.fsdecode(b"appl\xe9 %41-1.0.0.tgz")
    folder.put(name, archive("apple", "1.0.0"))
    folder.put(os.fsdecode(b"b\xe4d\x1b-1.0.0.tgz"), b"junk")
    listing = folder.listing()
    (version,) = listing.charts["apple"].versions
    folder.source.fetch_archive(version.urls, tmp_path / "got.tgz", 10**6)
    assert sha256((tmp_path / "got.tgz").read_bytes()).hexdigest() == version.digest
    assert all(text.isprintable() for one in listing.problems for text in (one.chart, one.version, one.cause))


def test_too_many_archives_are_refused(folder: Folder) -> None:
    for number in range(101):
        (folder.path / f"{number}").mkdir()
        for other in range(100):
            (folder.path / f"{number}" / f"a-{other}.tgz").touch()
    with pytest.raises(DirectoryUnreadable, match="10,000"):
        folder.answer()


def test_an_empty_folder_is_an_empty_listing(folder: Folder) -> None:
    assert folder.listing().charts == {}


@pytest.mark.parametrize("kind", ["absent", "a file", "a loop"])
def test_a_folder_that_is_not_there_is_named(folder: Folder, kind: str) -> None:
    folder.path.rmdir()
    if kind == "a file":
        folder.path.touch()
    elif kind == "a loop":
        folder.path.symlink_to(folder.path)
    with pytest.raises(DirectoryUnreadable, match=str(folder.path)):
        folder.answer()


# -- with an index

MADE = repository({"apple": ("1.0.0",), "pear": ("0.1.0",)})


@pytest.fixture
def indexed(folder: Folder) -> Folder:
    folder.put("index.yaml", MADE.index.encode())
    for name, data in MADE.archives.items():
        folder.put(name, data)
    folder.chart("unlisted", "1.0.0")
    return folder


def test_the_index_is_the_truth_where_there_is_one(indexed: Folder) -> None:
    answer = indexed.answer()
    assert answer.listing is not None
    assert versions(answer.listing) == {"apple": ["1.0.0"], "pear": ["0.1.0"]}
    assert answer.framed
    assert answer.bytes == len(MADE.index)
    assert indexed.opened == []


def test_an_equal_index_is_not_read_again(indexed: Folder) -> None:
    first = indexed.answer()
    assert indexed.answer(Known(body_digest=first.body_digest)).listing is None


def test_an_index_that_is_rewritten_meanwhile_does_not_change_what_was_listed(indexed: Folder) -> None:
    with indexed.source.list_charts(Known()) as answer:
        (indexed.path / "index.yaml").write_bytes(b"")
        assert answer.listing is not None
        assert parse.open_entry(answer.listing.charts["pear"].versions[0].raw).name == "pear"


def test_C2_an_index_over_the_limit_is_refused(indexed: Folder, tmp_path: Path) -> None:
    source = Source("local", str(indexed.path), kind="directory", max_index_bytes=len(MADE.index) - 1)
    small = DirectorySource(source, tmp_path / "spool", read_chart_metadata)
    with pytest.raises(TooLarge), small.list_charts(Known()):
        pass


def test_an_index_that_is_none_is_refused(indexed: Folder) -> None:
    indexed.put("index.yaml", b"<html>")
    with pytest.raises(NotAnIndex):
        indexed.answer()


def test_an_index_that_is_no_file_is_refused(indexed: Folder) -> None:
    (indexed.path / "index.yaml").unlink()
    os.mkfifo(indexed.path / "index.yaml")
    with pytest.raises(DirectoryUnreadable, match=r"index\.yaml is not a file"):
        indexed.answer()


def test_an_archive_is_copied(indexed: Folder, tmp_path: Path) -> None:
    target = tmp_path / "got.tgz"
    indexed.source.fetch_archive(["absent.tgz", "pear-0.1.0.tgz"], target, 10**6)
    assert target.read_bytes() == MADE.archives["pear-0.1.0.tgz"]


def test_a_percent_encoded_name_is_found(indexed: Folder, tmp_path: Path) -> None:
    indexed.chart("plus", "1.0.0+b")
    for listed in ("plus-1.0.0%2Bb.tgz", "plus-1.0.0+b.tgz", "./plus-1.0.0+b.tgz"):
        indexed.source.fetch_archive([listed], tmp_path / "got.tgz", 10**6)
        assert (tmp_path / "got.tgz").read_bytes() == archive("plus", "1.0.0+b")


@pytest.mark.parametrize(
    "listed",
    [
        *("../secret", "%2e%2e/secret", "sub/../../secret", "/etc/passwd", "//etc/passwd", "link"),
        *("file:///etc/passwd", "http://me:hunter2@h/a.tgz", "absent.tgz", "", "a\0b", "x" * 5000, chr(0xD800), "."),
    ],
)
def test_A13_E1_nothing_outside_the_folder_is_ever_read(indexed: Folder, tmp_path: Path, listed: str) -> None:
    (tmp_path / "secret").write_text("hunter2")
    (indexed.path / "sub").mkdir()
    (indexed.path / "link").symlink_to(tmp_path / "secret")
    target = tmp_path / "got.tgz"
    with pytest.raises(SourceError) as refused:
        indexed.source.fetch_archive([listed], target, 10**6)
    assert not target.exists()
    assert "hunter2" not in str(refused.value)


def test_an_absolute_address_is_refused_with_a_reason(indexed: Folder, tmp_path: Path) -> None:
    with pytest.raises(BadUrl, match="files of the folder"):
        indexed.source.fetch_archive(["https://charts.example.org/a.tgz"], tmp_path / "got.tgz", 10**6)
    with pytest.raises(BadUrl, match="no address"):
        indexed.source.fetch_archive([], tmp_path / "got.tgz", 10**6)


def test_a_large_archive_is_refused(indexed: Folder, tmp_path: Path) -> None:
    with pytest.raises(ArchiveTooLarge):
        indexed.source.fetch_archive(["pear-0.1.0.tgz"], tmp_path / "got.tgz", 10)
