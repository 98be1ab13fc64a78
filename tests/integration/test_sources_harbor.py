"""Harbor as a source of charts, over real HTTP against one that has all quirks that were seen of real ones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import (
    BadAnswer,
    CutOff,
    LoginRefused,
    ManifestAbsent,
    ProjectRefused,
    ProjectsAbsent,
    RealmRefused,
    TooLarge,
)
from indexer.http import Access, Basic
from indexer.model import Listing, Source
from indexer.sources import Answer, Known
from indexer.sources.harbor import HarborHost, HarborProject
from tests.fake_harbor import LISTING, PULLING, FakeHarbor, fake_harbor
from tests.fake_harbor import Answer as Reply
from tests.repository import archive

ARTIFACTS = "/api/v2.0/projects/team-a/artifacts"
REPOSITORIES = "/api/v2.0/projects/team-a/repositories"
ROBOT = Access(Basic("robot$team-a+catalog", lambda: "secret"))
PULLER = Access(Basic("robot$team-a+puller", lambda: "secret"))
WRONG = Access(Basic("robot$team-a+catalog", lambda: "wrong"))
NOBODY = Access()


def filled(harbor: FakeHarbor) -> FakeHarbor:
    harbor.project("team-a", public=False)
    harbor.project("library")
    harbor.robot("robot$team-a+catalog", "secret", {"team-a": LISTING})
    harbor.robot("robot$team-a+puller", "secret", {"team-a": PULLING})
    for version in ("1.0.0", "1.1.0"):
        harbor.push("team-a/argo", archive("argo", version))
        harbor.push("library/apple", archive("apple", version))
    harbor.push("team-a/infra/deep/loki", archive("loki", "2.0.0+build.7"))
    harbor.push_image("team-a/app", "1.0")
    return harbor


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        yield filled(running)


@pytest.fixture(params=["v2.8.4-1", "v2.11.2-1"])
def older(request: pytest.FixtureRequest) -> Iterator[FakeHarbor]:
    with fake_harbor(request.param) as running:
        yield filled(running)


class Reader:
    """A child of a Harbor source, read again and again as a sync does."""

    def __init__(self, harbor: FakeHarbor, folder: Path, access: Access, project: str, **settings: Any) -> None:
        self.harbor, self.folder, self.access = harbor, folder, access
        self.source = Source(f"h.{project}", harbor.url, "harbor", parent="h", project=project, **settings)
        self.known = Known()

    @property
    def opened(self) -> HarborProject:
        return HarborProject(self.source, self.access, self.folder)

    def read(self, known: Known | None = None) -> Answer:
        """One reading; the next one remembers it."""
        self.harbor.forget()
        with self.opened.list_charts(known or self.known) as answer:
            if answer.listing:
                charts = {name: chart.fingerprint for name, chart in answer.listing.charts.items()}
                flawed = {one.chart for one in answer.listing.problems}
                kept = {name: mark for name, mark in charts.items() if name not in flawed}
                self.known = Known(charts=kept, memory=answer.memory, body_digest=answer.body_digest)
            return answer


@pytest.fixture
def reader(harbor: FakeHarbor, tmp_path: Path) -> Reader:
    return Reader(harbor, tmp_path, ROBOT, "team-a")


def versions(listing: Listing | None) -> dict[str, list[str]]:
    assert listing is not None
    return {name: [one.version for one in chart.versions] for name, chart in listing.charts.items()}


def kept(listing: Listing | None) -> set[str]:
    assert listing is not None
    return {name for name, chart in listing.charts.items() if chart.kept}


def causes(listing: Listing | None) -> list[str]:
    assert listing is not None
    return [f"{one.chart} {one.version}: {one.cause}" for one in listing.problems]


# -- what is a chart, and which version


def test_charts_are_listed_with_all_that_chart_yaml_says_and_images_are_not(reader: Reader) -> None:
    listing = reader.read().listing
    assert versions(listing) == {"argo": ["1.1.0", "1.0.0"], "loki": ["2.0.0+build.7"]}
    assert listing and listing.end_proven
    assert b"What argo does" in listing.charts["argo"].versions[0].raw


def test_a_nested_repository_is_found_and_its_version_is_pulled_by_the_tag_without_plus(reader: Reader) -> None:
    listing = reader.read().listing
    assert listing
    host = reader.harbor.url.removeprefix("http://")
    assert listing.charts["loki"].versions[0].urls == (f"oci://{host}/team-a/infra/deep/loki:2.0.0_build.7",)


def test_the_version_is_the_charts_own_and_a_second_tag_makes_no_second_one(reader: Reader) -> None:
    digest = reader.harbor.artifact("team-a/argo", "1.0.0").digest
    reader.harbor.tag("team-a/argo", digest, "stable")
    reader.harbor.push("team-a/pear", archive("pear", "3.0.0"), "weekly")
    listing = reader.read().listing
    assert versions(listing) == {"argo": ["1.1.0", "1.0.0"], "loki": ["2.0.0+build.7"], "pear": ["3.0.0"]}


def test_what_has_no_tag_any_more_is_not_listed(reader: Reader) -> None:
    reader.harbor.push("team-a/argo", archive("argo", "1.1.0", "anew"))
    listing = reader.read().listing
    assert versions(listing)["argo"] == ["1.1.0", "1.0.0"]
    assert listing and listing.charts["argo"].versions[0].manifest == reader.harbor.artifact(
        "team-a/argo", "1.1.0"
    ).digest.removeprefix("sha256:")


def test_a_tag_by_which_signatures_are_found_makes_no_version(reader: Reader) -> None:
    reader.harbor.push("team-a/signed", archive("signed", "1.0.0"), f"sha256-{'0' * 64}.sig")
    assert "signed" not in versions(reader.read().listing)


def test_an_index_over_charts_is_none(reader: Reader) -> None:
    reader.harbor.push_index("team-a/argo", "idx", reader.harbor.artifact("team-a/argo", "1.0.0").digest)
    assert versions(reader.read().listing)["argo"] == ["1.1.0", "1.0.0"]


@pytest.mark.parametrize("told", [True, "true"])
def test_deprecated_is_understood_as_helm_and_as_others_push_it(reader: Reader, told: object) -> None:
    config = {"name": "old", "version": "1.0.0", "apiVersion": "v2", "deprecated": told}
    reader.harbor.push("team-a/old", archive("old", "1.0.0"), config=config)
    listing = reader.read().listing
    assert listing and listing.charts["old"].versions[0].deprecated


def test_of_two_repositories_with_a_chart_of_one_name_the_shortest_path_counts(reader: Reader) -> None:
    reader.harbor.push("team-a/copies/argo", archive("argo", "9.0.0"))
    listing = reader.read().listing
    assert versions(listing)["argo"] == ["1.1.0", "1.0.0"]
    assert any("team-a/copies/argo" in one and "team-a/argo counts" in one for one in causes(listing))


@pytest.mark.parametrize(
    "config", [{"version": "1.0.0"}, {"name": "../x", "version": "1"}, {"name": ["x"], "version": "1"}]
)
def test_a_chart_without_a_proper_name_is_a_problem_and_the_others_stay(reader: Reader, config: dict[str, Any]) -> None:
    reader.harbor.push("team-a/bad", archive("bad", "1.0.0"), "1.0.0", config=config)
    listing = reader.read().listing
    assert set(versions(listing)) == {"argo", "loki"}
    assert causes(listing)[0].startswith("bad 1.0.0: team-a/bad:1.0.0: ")


def test_rows_that_the_filter_should_have_left_out_are_left_out_here(reader: Reader) -> None:
    """Harbor ignores what it does not know in a filter."""
    reader.harbor.ignores = frozenset({"type"})
    assert versions(reader.read().listing) == {"argo": ["1.1.0", "1.0.0"], "loki": ["2.0.0+build.7"]}


# -- paging


def test_a_project_of_many_pages_is_read_whole_and_no_link_is_followed(reader: Reader) -> None:
    for number in range(230):
        reader.harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))
    assert len(versions(reader.read().listing)) == 232
    pages = [one.path for one in reader.harbor.asked(ARTIFACTS) if "page_size=100" in one.path]
    assert [path.partition("page=")[2].partition("&")[0] for path in pages] == ["1", "2", "3"]


def test_what_is_pushed_meanwhile_hides_nothing(reader: Reader) -> None:
    for number in range(150):
        reader.harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))

    def push(path: str) -> None:
        if "page=2&page_size=100" in path:
            reader.harbor.push("team-a/fresh", archive("fresh", "1.0.0"))

    reader.harbor.before = push
    found = versions(reader.read().listing)
    assert {f"many-{number}" for number in range(150)} < set(found)
    assert "fresh" in found


def test_what_is_deleted_meanwhile_makes_no_other_chart_vanish(reader: Reader) -> None:
    for number in range(150):
        reader.harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))

    def delete(path: str) -> None:
        if "page=2&page_size=100" in path and "team-a/many-0" in reader.harbor.repositories:
            reader.harbor.delete_repository("team-a/many-0")

    reader.harbor.before = delete
    assert {f"many-{number}" for number in range(1, 150)} < set(versions(reader.read().listing))


def test_a_list_that_never_becomes_as_long_as_told_is_cut_off(reader: Reader) -> None:
    reader.harbor.lies = 3
    with pytest.raises(CutOff, match="3 of 6 rows came"):
        reader.read()


def test_a_list_that_repeats_itself_for_ever_ends(reader: Reader) -> None:
    row = '{"id":1,"media_type":"x"}'
    reader.harbor.instead[ARTIFACTS] = Reply(200, f"[{row}]".encode(), {"X-Total-Count": "500"})
    with pytest.raises(CutOff, match="1 of 500 rows came"):
        reader.read()
    assert len(reader.harbor.asked(ARTIFACTS)) < 10


def test_a_project_beyond_the_limit_of_bytes_is_refused(reader: Reader) -> None:
    small = Reader(reader.harbor, reader.folder, ROBOT, "team-a", max_index_bytes=4000)
    with pytest.raises(TooLarge, match="4000"):
        small.read()


@pytest.mark.parametrize("body", [b"{}", b"[3]", b"nonsense", b'[{"id":"x"}]', b"[" * 100_000])
def test_what_is_no_list_is_refused(reader: Reader, body: bytes) -> None:
    reader.harbor.instead[ARTIFACTS] = Reply(200, body, {"X-Total-Count": "1"})
    with pytest.raises(BadAnswer):
        reader.read()


@pytest.mark.parametrize("odd", ['"\\ud800"', "NaN", '{"a": 1}', f'"{"x" * 100_000}"', "1" + "0" * 4000])
def test_N6_what_is_odd_in_a_row_is_not_remembered(reader: Reader, odd: str) -> None:
    """It can be stored nowhere, or is as long as a registry likes."""
    row = f'[{{"id": 1, "media_type": "x", "digest": {odd}, "push_time": {odd}}}]'.encode()
    reader.harbor.instead[ARTIFACTS] = Reply(200, row, {"X-Total-Count": "1"})
    rows = f'[{{"name": {odd}, "update_time": {odd}}}]'.encode()
    reader.harbor.instead[REPOSITORIES] = Reply(200, rows, {"X-Total-Count": "1"})
    memory = json.dumps(reader.read().memory, ensure_ascii=False, allow_nan=False).encode()
    assert len(memory) < 1000
    assert reader.read().listing is None  # it is known again


def test_a_list_that_does_not_tell_its_length_is_refused(reader: Reader) -> None:
    reader.harbor.instead[ARTIFACTS] = Reply(200, b"[]")
    with pytest.raises(BadAnswer, match="how many rows"):
        reader.read()


def test_a_portal_in_place_of_the_api_is_told(reader: Reader) -> None:
    reader.harbor.instead["/api/"] = Reply(200, b"<!DOCTYPE html><html/>", content_type="text/html")
    with pytest.raises(BadAnswer, match="a page for people"):
        reader.read()


# -- who asks


def test_a_wrong_password_is_told_and_tried_once(reader: Reader) -> None:
    wrong = Reader(reader.harbor, reader.folder, WRONG, "team-a")
    with pytest.raises(LoginRefused) as caught:
        wrong.read()
    assert "robot$project+name" in caught.value.remedy
    assert len(reader.harbor.log) == 1


def test_a_wrong_password_for_a_public_project_is_told_as_well(harbor: FakeHarbor, tmp_path: Path) -> None:
    with pytest.raises(LoginRefused):
        Reader(harbor, tmp_path, WRONG, "library").read()


def test_a_robot_that_was_disabled_meanwhile_is_an_error_and_no_empty_list(reader: Reader) -> None:
    reader.read()
    reader.harbor.accounts["robot$team-a+catalog"].disabled = True
    with pytest.raises(LoginRefused):
        reader.read()


def test_a_login_that_is_refused_later_is_tried_once_and_explained_once(reader: Reader) -> None:
    reader.read()
    reader.harbor.accounts["robot$team-a+catalog"].secret = "another"
    with pytest.raises(LoginRefused):
        reader.read()
    assert [one.path.partition("?")[0] for one in reader.harbor.log] == [ARTIFACTS, "/v2/"]


def test_a_source_that_lost_its_credentials_is_read_as_everybody_may(harbor: FakeHarbor, tmp_path: Path) -> None:
    before = Reader(harbor, tmp_path, ROBOT, "library")
    before.read()
    before.access = NOBODY
    assert kept(before.read().listing) == {"apple"}


def test_a_robot_that_may_only_pull_is_told_which_rights_to_ask_for(harbor: FakeHarbor, tmp_path: Path) -> None:
    with pytest.raises(ProjectRefused) as caught:
        Reader(harbor, tmp_path, PULLER, "team-a").read()
    for right in sorted(LISTING - {"helm-chart:read"}):
        assert right in caught.value.remedy


def test_a_robot_that_may_only_pull_reads_the_repositories_that_are_named(harbor: FakeHarbor, tmp_path: Path) -> None:
    puller = Reader(harbor, tmp_path, PULLER, "team-a", repositories=("argo", "infra/deep/loki"))
    assert versions(puller.read().listing) == {"argo": ["1.1.0", "1.0.0"], "loki": ["2.0.0+build.7"]}
    again = puller.read()
    assert kept(again.listing) == {"argo", "loki"}
    assert all("/api/" not in one.path for one in harbor.log)


def test_nobody_in_particular_is_told_that_a_project_is_private_or_absent(harbor: FakeHarbor, tmp_path: Path) -> None:
    with pytest.raises(ProjectRefused, match="none of that name, or who asks may not list it"):
        Reader(harbor, tmp_path, NOBODY, "team-a").read()


def test_a_robot_that_may_list_artifacts_alone_is_enough(harbor: FakeHarbor, tmp_path: Path) -> None:
    harbor.robot("robot$team-a+puller", "secret", {"team-a": frozenset({"artifact:list"})})
    lister = Reader(harbor, tmp_path, PULLER, "team-a")
    assert set(versions(lister.read().listing)) == {"argo", "loki"}
    assert lister.read().listing is None


def test_a_cookie_of_an_earlier_answer_is_never_sent(reader: Reader) -> None:
    reader.read()
    assert all("cookie" not in one.headers for one in reader.harbor.log)


def test_the_public_project_is_read_by_nobody_in_particular(harbor: FakeHarbor, tmp_path: Path) -> None:
    public = Reader(harbor, tmp_path, NOBODY, "library")
    assert versions(public.read().listing) == {"apple": ["1.1.0", "1.0.0"]}
    assert public.read().listing is None
    assert [one.path.partition("?")[0] for one in harbor.log] == ["/api/v2.0/projects/library/repositories"]


# -- reading again


def test_nothing_changed_costs_three_requests(reader: Reader) -> None:
    reader.read()
    again = reader.read()
    assert again.listing is None
    assert len(reader.harbor.log) == 3
    assert again.memory == reader.known.memory


@pytest.mark.parametrize("version", ["v2.12.0-1", "v2.15.1-1"])
def test_nothing_changed_costs_two_requests_before_repositories_were_dated(tmp_path: Path, version: str) -> None:
    with fake_harbor(version) as harbor:
        reader = Reader(filled(harbor), tmp_path, ROBOT, "team-a")
        reader.read()
        assert reader.read().listing is None
        assert len(harbor.log) == 2


def change_by_push(harbor: FakeHarbor) -> None:
    harbor.push("team-a/argo", archive("argo", "1.2.0"))


def change_by_overwriting(harbor: FakeHarbor) -> None:
    harbor.push("team-a/argo", archive("argo", "1.1.0", "anew"))


def change_by_untagging(harbor: FakeHarbor) -> None:
    harbor.untag("team-a/argo", "1.0.0")


def change_by_deleting(harbor: FakeHarbor) -> None:
    harbor.delete("team-a/argo", "1.0.0")


def change_by_deleting_all(harbor: FakeHarbor) -> None:
    harbor.delete_repository("team-a/argo")


CHANGES = (
    (change_by_push, ["1.2.0", "1.1.0", "1.0.0"]),
    (change_by_overwriting, ["1.1.0", "1.0.0"]),
    (change_by_untagging, ["1.1.0"]),
    (change_by_deleting, ["1.1.0"]),
    (change_by_deleting_all, None),
)


RELEASES = ("v2.15.2-1", "v2.12.0-1", "v2.9.1-1")
SEEN = [
    (change, expected, version)
    for change, expected in CHANGES
    for version in RELEASES
    if (change, version) != (change_by_untagging, "v2.9.1-1")  # nothing moves there; the daily reading sees it
]


@pytest.mark.parametrize(("change", "expected", "version"), SEEN)
@pytest.mark.parametrize("more", [0, 250])
def test_every_change_is_seen_at_once_whatever_the_release(
    tmp_path: Path, change: Any, expected: list[str] | None, version: str, more: int
) -> None:
    with fake_harbor(version) as harbor:
        filled(harbor)
        for number in range(more):
            harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))
        reader = Reader(harbor, tmp_path, ROBOT, "team-a")
        reader.read()
        manifest = harbor.artifact("team-a/argo", "1.1.0").digest
        change(harbor)
        listing = reader.read().listing
        assert versions(listing).get("argo") == expected
        assert kept(listing) == {"loki", *(f"many-{number}" for number in range(more))}
        if change is change_by_overwriting:
            assert listing and listing.charts["argo"].versions[0].manifest != manifest.removeprefix("sha256:")
        reader.read()
        assert reader.read().listing is None


def test_a_push_to_a_large_project_costs_a_few_requests(reader: Reader) -> None:
    for number in range(450):
        reader.harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))
    reader.read()
    change_by_push(reader.harbor)
    assert versions(reader.read().listing)["argo"] == ["1.2.0", "1.1.0", "1.0.0"]
    assert len(reader.harbor.log) <= 6


def test_a_pull_changes_nothing(reader: Reader) -> None:
    reader.read()
    reader.harbor.repositories["team-a/argo"].updated = "2026-12-01T00:00:00.000Z"
    assert kept(reader.read().listing) == {"argo", "loki"}


def test_a_tag_that_moves_is_seen_since_repositories_are_dated(reader: Reader) -> None:
    harbor = reader.harbor
    older = harbor.push("team-a/argo", archive("argo", "1.1.0", "older"))
    newer = harbor.push("team-a/argo", archive("argo", "1.1.0", "newer"))
    first = reader.read().listing
    assert first and f"sha256:{first.charts['argo'].versions[0].manifest}" == newer
    harbor.tag("team-a/argo", older, "1.1.0")
    second = reader.read().listing
    assert second and f"sha256:{second.charts['argo'].versions[0].manifest}" == older


def test_older_harbors_are_read_repository_by_repository(older: FakeHarbor, tmp_path: Path) -> None:
    reader = Reader(older, tmp_path, ROBOT, "team-a")
    assert set(versions(reader.read().listing)) == {"argo", "loki"}
    assert reader.read().listing is None
    assert [one.path.partition("?")[0] for one in older.log] == ["/v2/", REPOSITORIES]
    older.push("team-a/argo", archive("argo", "1.2.0"))
    assert versions(reader.read().listing)["argo"] == ["1.2.0", "1.1.0", "1.0.0"]
    assert len(older.log) == 3


def test_a_chart_with_a_problem_keeps_it(reader: Reader) -> None:
    reader.harbor.push("team-a/copies/argo", archive("argo", "9.0.0"))
    before = causes(reader.read().listing)
    change_by_push(reader.harbor)
    assert causes(reader.read().listing) == before


def test_what_a_webhook_names_is_read_and_nothing_else(reader: Reader) -> None:
    reader.read()
    change_by_push(reader.harbor)
    named = Known(charts=reader.known.charts, memory=reader.known.memory, only=frozenset({"argo"}))
    listing = reader.read(named).listing
    assert listing and listing.only == {"argo"}
    assert versions(listing) == {"argo": ["1.2.0", "1.1.0", "1.0.0"]}
    assert len(reader.harbor.log) == 1


def test_a_repository_that_a_webhook_names_may_be_gone(reader: Reader) -> None:
    reader.read()
    change_by_deleting_all(reader.harbor)
    named = Known(charts=reader.known.charts, memory=reader.known.memory, only=frozenset({"argo", "never/was"}))
    listing = reader.read(named).listing
    assert listing and listing.only == {"argo"}
    assert versions(listing) == {}


def test_the_other_repository_of_the_same_chart_takes_its_place(reader: Reader) -> None:
    reader.harbor.push("team-a/copies/argo", archive("argo", "9.0.0"))
    reader.read()
    change_by_deleting_all(reader.harbor)
    named = Known(charts=reader.known.charts, memory=reader.known.memory, only=frozenset({"argo"}))
    listing = reader.read(named).listing
    assert versions(listing) == {"argo": ["9.0.0"]}


def test_a_memory_of_another_kind_is_forgotten(reader: Reader) -> None:
    reader.read()
    for odd in (
        {"format": 1},
        {"format": 1, "repositories": 3},
        {"x": "y"},
        {**reader.known.memory, "repositories": {"a": 1}},
        {**reader.known.memory, "marks": [1, 2, 3]},
        {**reader.known.memory, "way": "another"},
    ):
        listing = reader.read(Known(memory=odd)).listing
        assert set(versions(listing)) == {"argo", "loki"}


# -- archives


def test_the_archive_is_byte_for_byte_what_was_pushed_and_its_manifest_is_read_once(
    reader: Reader, tmp_path: Path
) -> None:
    listing = reader.read().listing
    assert listing
    version = listing.charts["loki"].versions[0]
    before = reader.harbor.repositories["team-a/infra/deep/loki"].pulls
    reader.opened.fetch_archive(version.urls, tmp_path / "a.tgz", 10_000_000, version.manifest)
    assert (tmp_path / "a.tgz").read_bytes() == archive("loki", "2.0.0+build.7")
    assert reader.harbor.repositories["team-a/infra/deep/loki"].pulls == before + 1
    manifests = [one.path for one in reader.harbor.log if "/manifests/" in one.path]
    assert manifests == [f"/v2/team-a/infra/deep/loki/manifests/sha256:{version.manifest}"]


def test_listing_counts_no_pull(reader: Reader) -> None:
    reader.read()
    reader.read()
    assert all(one.pulls == 0 for one in reader.harbor.repositories.values())


def test_nobody_in_particular_gets_the_archive_of_a_public_chart_by_a_token(harbor: FakeHarbor, tmp_path: Path) -> None:
    public = Reader(harbor, tmp_path, NOBODY, "library")
    listing = public.read().listing
    assert listing
    version = listing.charts["apple"].versions[0]
    public.opened.fetch_archive(version.urls, tmp_path / "a.tgz", 10_000_000, version.manifest)
    assert (tmp_path / "a.tgz").read_bytes() == archive("apple", "1.1.0")


def test_the_credentials_go_to_no_token_service_elsewhere(reader: Reader, tmp_path: Path) -> None:
    listing = reader.read().listing
    assert listing
    version = listing.charts["argo"].versions[0]
    with fake_harbor() as stranger:
        reader.harbor.token_realm = f"{stranger.url}/service/token"
        with pytest.raises(RealmRefused):
            reader.opened.fetch_archive(version.urls, tmp_path / "a.tgz", 10_000_000, version.manifest)
        assert stranger.log == []


def test_a_version_that_was_deleted_meanwhile_is_told(reader: Reader, tmp_path: Path) -> None:
    listing = reader.read().listing
    assert listing
    version = listing.charts["argo"].versions[0]
    reader.harbor.delete_repository("team-a/argo")
    with pytest.raises(ManifestAbsent, match="team-a/argo"):
        reader.opened.fetch_archive(version.urls, tmp_path / "a.tgz", 10_000_000, version.manifest)


def test_readme_and_values_come_without_a_pull(reader: Reader) -> None:
    listing = reader.read().listing
    assert listing
    for name, repository in (("argo", "team-a/argo"), ("loki", "team-a/infra/deep/loki")):
        version = listing.charts[name].versions[0]
        preview = reader.opened.preview(version.urls, version.manifest)
        assert preview and f"The readme of {name}" in preview.readme
        assert "replicas: 1" in preview.values
        assert reader.harbor.repositories[repository].pulls == 0


# -- projects


def host(harbor: FakeHarbor, access: Access, *globs: str) -> HarborHost:
    return HarborHost(Source("h", harbor.url, "harbor", projects=globs), access)


NONE: frozenset[str] = frozenset()


def test_all_projects_that_may_be_read_are_found(harbor: FakeHarbor) -> None:
    harbor.project("secret", public=False)
    assert host(harbor, ROBOT).projects(NONE) == {"team-a", "library"}
    assert host(harbor, NOBODY).projects(NONE) == {"library"}


def test_projects_are_chosen_by_globs(harbor: FakeHarbor) -> None:
    assert host(harbor, ROBOT, "team-*").projects(NONE) == {"team-a"}


def test_more_projects_than_a_page_holds_are_found(harbor: FakeHarbor) -> None:
    for number in range(205):
        harbor.project(f"p{number}")
    assert len(host(harbor, ROBOT).projects(NONE)) == 207


def test_a_wrong_password_shows_no_public_projects_as_if_they_were_all(harbor: FakeHarbor) -> None:
    with pytest.raises(LoginRefused):
        host(harbor, WRONG).projects(NONE)
    assert len(harbor.log) == 1


def test_an_account_that_is_locked_in_the_middle_loses_no_project(harbor: FakeHarbor) -> None:
    """Somebody else mistypes the password between the check and the list."""

    def lock(path: str) -> None:
        if path.startswith("/api/v2.0/projects"):
            harbor.locked.add("robot$team-a+catalog")

    harbor.before = lock
    with pytest.raises(LoginRefused):
        host(harbor, ROBOT).projects(frozenset({"team-a", "library"}))


def test_a_project_that_nobody_shows_is_told(harbor: FakeHarbor) -> None:
    with pytest.raises(ProjectsAbsent, match="“nosuch” means, of 2"):
        host(harbor, ROBOT, "nosuch").projects(NONE)


@pytest.mark.parametrize("number", ["", ', "project_id": "x"', ', "project_id": [1]', ', "project_id": true'])
def test_N6_a_project_without_a_number_is_an_answer_that_is_refused(harbor: FakeHarbor, number: str) -> None:
    rows = f'[{{"name": "team-a"{number}}}]'.encode()
    harbor.instead["/api/v2.0/projects"] = Reply(200, rows, {"X-Total-Count": "1"})
    with pytest.raises(BadAnswer, match="a row has no number"):
        host(harbor, ROBOT).projects(NONE)


def test_a_harbor_of_old_tells_its_projects_too() -> None:
    with fake_harbor("v1.10.17-1", museum=True) as harbor:
        harbor.project("library")
        assert host(harbor, NOBODY).projects(NONE) == {"library"}


# -- a ChartMuseum beside the registry


def test_no_server_is_waited_for_while_an_index_is_in_memory(tmp_path: Path) -> None:
    with fake_harbor("v2.7.4-27", museum=True) as harbor:
        filled(harbor).keep("team-a", archive("pear", "1.0.0"))
        reader = Reader(harbor, tmp_path, ROBOT, "team-a")
        asked: list[int] = []

        @contextmanager
        def room() -> Iterator[None]:
            before = len(harbor.asked())
            yield
            asked.append(len(harbor.asked()) - before)

        for version in ("1.0.0", "1.1.0", "1.2.0"):
            harbor.keep("team-a", archive("pear", version))
            harbor.push("team-a/argo", archive("argo", version))
            reader.read(replace(reader.known, room=room))
        assert set(asked) == {0}
        assert reader.read().listing is None
