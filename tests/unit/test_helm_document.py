"""The index of a source: JSON that is YAML, with what every Helm since 3.0 knows and nothing else."""

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.helm import document
from catalog_web.helm.credentials import HelmCredentials
from indexer import parse
from indexer.model import SecretField, Source, VersionSummary

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def version(text: str, raw: Any = None, **facts: Any) -> tuple[VersionSummary, bytes]:
    entry = raw if isinstance(raw, bytes) else json.dumps({"name": "web", "version": text, **(raw or {})}).encode()
    known = {"app_version": "", "created": None, "digest": "ab" * 32, "deprecated": False, "prerelease": False}
    summary = VersionSummary(text, **{**known, "valid": True, "repushed": False, **facts})
    return summary, entry


def whole(charts: Iterable[tuple[str, list[dict[str, Any]]]]) -> bytes:
    return b"".join(document.document(charts, NOW))


def test_an_entry_says_what_the_source_said_with_an_address_of_our_own() -> None:
    raw = {
        "apiVersion": "v2",
        "appVersion": "1.16",
        "description": "A web server",
        "type": "application",
        "kubeVersion": ">=1.25",
        "home": "https://example.org",
        "icon": "https://example.org/icon.png",
        "keywords": ["web"],
        "sources": ["https://example.org/src"],
        "maintainers": [{"name": "Ann", "email": "ann@example.org"}],
        "dependencies": [{"name": "redis", "version": "1.x", "repository": "https://example.org", "tags": ["db"]}],
        "annotations": {"category": "Web"},
        "deprecated": "true",
        "urls": ["https://elsewhere.example.org/web-1.0.0.tgz"],
    }
    (one,) = document.entries("web", [version("1.0.0", raw, created=NOW)])
    assert one == {
        **raw,
        "name": "web",
        "version": "1.0.0",
        "digest": "ab" * 32,
        "created": "2026-11-25T12:00:00Z",
        "deprecated": True,
        "urls": ["web-1.0.0.tgz"],
    }


def test_a_digest_that_was_learned_from_the_archive_counts_where_the_source_tells_none() -> None:
    listed = [version("1.0.0", digest="", archive_digest="cd" * 32), version("0.9.0", digest="")]
    told = document.entries("web", listed)
    assert told[0]["digest"] == "cd" * 32
    assert "digest" not in told[1]
    assert told[1]["apiVersion"] == "v1"


def test_versions_come_newest_first_and_odd_or_unreadable_ones_are_left_out() -> None:
    listed = [version("1.2.0"), version("1.10.0"), version("latest", valid=False), version("3.0.0", b"[1, 2]")]
    assert [one["version"] for one in document.entries("web", listed)] == ["1.10.0", "1.2.0"]


def test_a_plus_in_a_version_is_escaped_in_the_address() -> None:
    (one,) = document.entries("web", [version("1.0.0+build.5")])
    assert one["urls"] == ["web-1.0.0%2Bbuild.5.tgz"]


def test_the_whole_is_read_alike_as_json_as_yaml_and_by_chartroom_itself() -> None:
    body = whole([("web", document.entries("web", [version("1.0.0"), version("0.9.0")])), ("none", [])])
    assert json.loads(body) == yaml.safe_load(body)
    listing = parse.read_index(body, url="http://x")
    assert {name: len(chart.versions) for name, chart in listing.charts.items()} == {"web": 2}
    assert listing.end_proven
    assert listing.problems == ()
    assert json.loads(body)["generated"] == "2026-11-25T12:00:00Z"


def test_a_source_without_charts_is_an_index_without_entries() -> None:
    assert json.loads(whole([])) == {"apiVersion": "v1", "entries": {}, "generated": "2026-11-25T12:00:00Z"}


@given(st.text(), st.text())
def test_whatever_a_chart_says_the_index_stays_yaml_and_json(description: str, annotation: str) -> None:
    entry = {"name": "web", "version": "1.0.0", "description": description, "annotations": {"a": annotation}}
    body = whole([("web", [entry])])
    assert json.loads(body) == yaml.safe_load(body)


# -- who may read


class Memory:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put(self, source: str, field: SecretField, text: str) -> None:
        self.kept[source] = text

    def get(self, source: str, field: SecretField) -> str | None:
        return self.kept.get(source)

    def forget(self, source: str, field: SecretField) -> None:
        self.kept.pop(source, None)


PRIVATE = Source("team", "https://charts.example.org", username="reader", password_file="/run/p")


def basic(username: str, password: str) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def test_a_source_that_everybody_may_read_is_read_by_everybody() -> None:
    assert HelmCredentials(Memory()).admit(Source("open", "https://x.example"), "")


def test_a_private_source_opens_to_its_own_password_alone() -> None:
    credentials = HelmCredentials(Memory())
    password = credentials.password("team")
    assert credentials.password("team") == password
    assert credentials.admit(PRIVATE, basic("captain", password))
    other = credentials.password("other")
    for wrong in (
        "",
        "Basic",
        "Basic ???",
        "Basic /w==",
        f"Bearer {password}",
        basic("captain", other),
        basic("admin", password),
    ):
        assert not credentials.admit(PRIVATE, wrong)
    credentials.forget("team")
    assert not credentials.admit(PRIVATE, basic("captain", password))


def test_nobody_is_admitted_before_there_is_a_password() -> None:
    assert not HelmCredentials(Memory()).admit(PRIVATE, basic("captain", ""))
