"""The fake captain reads ChartRepos as captain 1.5.0 was recorded to do: when, and in which words it fails."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.parts.captain_repos import Login, NotRead, fetch, is_due
from tests.repository import repository
from tests.upstream import Site, upstream

NOW = datetime(2026, 11, 23, 7, 12, 55, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as running:
        repository({"tiny": ("0.2.0", "0.1.0")}).serve(running)
        yield running


def reason(url: str, login: Login | None = None) -> str:
    with pytest.raises(NotRead) as caught:
        fetch(url, login or Login())
    return str(caught.value)


def test_it_reads_the_entries_with_and_without_a_password(site: Site) -> None:
    assert [one["version"] for one in fetch(site.url, Login())["tiny"]] == ["0.2.0", "0.1.0"]
    site.protect("reader", "s3cret")
    assert fetch(f"{site.url}/", Login("reader", "s3cret")).keys() == {"tiny"}
    assert reason(site.url, Login("reader", "nope")) == f"failed to fetch {site.url}/index.yaml : 401 Unauthorized"


def test_it_fails_in_the_recorded_words(site: Site) -> None:
    assert reason(f"{site.url}/nowhere") == f"failed to fetch {site.url}/nowhere/index.yaml : 404 Not Found"
    assert reason("not a url") == 'Get "not%20a%20url/index.yaml": unsupported protocol scheme ""'
    refused = 'Get "http://127.0.0.1:1/index.yaml": dial tcp 127.0.0.1:1: connect: connection refused'
    assert reason("http://127.0.0.1:1") == refused


@pytest.mark.parametrize(
    ("phase", "last", "due"),
    [
        ("", None, True),
        ("Failed", NOW, True),
        ("Synced", None, True),
        ("Synced", NOW - timedelta(seconds=59), False),
        ("Synced", NOW - timedelta(seconds=61), True),
        ("Pending", NOW, True),
    ],
)
def test_a_synced_one_is_left_alone_for_a_minute(phase: str, last: datetime | None, due: bool) -> None:
    notes = {"cpaas.io/last-sync-at": last.isoformat()} if last else {}
    assert is_due({"metadata": {"annotations": notes}, "status": {"phase": phase}}, NOW) is due
