"""A real registry, with charts that the real helm pushed, is read as a source."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.archive import read_archive
from indexer.errors import AuthenticationFailed, RealmRefused
from indexer.http import Access, Basic
from indexer.model import Source
from indexer.sources.registry import open_source
from tests.integration.conftest import Room
from tests.integration.oci_sources import read
from tests.parts.registry import PASSWORD, USER, RealRegistry, real_registry
from tests.repository import archive

pytestmark = pytest.mark.parts

SAMPLE = Path(__file__).parents[2] / ".cache" / "sample-repo"
CHARTS = {"hello-web": ["2.1.0", "2.0.0"], "feature-flags": ["2.0.0-rc.1", "1.3.0"], "web-common": ["1.2.0"]}
"""Of the sample repository; newest first."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with real_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with real_registry(tmp_path_factory.mktemp("guarded"), tokens=True) as running:
        push_samples(running, "helm4", "team")
        yield running


def push_samples(registry: RealRegistry, helm: str, path: str) -> None:
    for name, versions in CHARTS.items():
        for version in versions:
            registry.push(helm, SAMPLE / f"{name}-{version}.tgz", path)


def packed(folder: Path, name: str, version: str, salt: str = "") -> Path:
    path = folder / f"{name}-{version}.tgz"
    path.write_bytes(archive(name, version, salt))
    return path


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_what_helm_pushed_is_the_catalog_with_READMEs(registry: RealRegistry, room: Room, helm: str) -> None:
    push_samples(registry, helm, f"{helm}/charts")
    room.add(f"oci://{registry.host}/{helm}", kind="oci", content="all")
    result = room.sync()
    assert (result.outcome, result.problems) == ("changed", ())
    assert room.versions() == CHARTS
    summary, metadata = room.store.catalog.version("shop", "hello-web", "2.1.0")
    assert summary.archive == "ready"
    assert summary.digest == summary.archive_digest
    content = read_archive(SAMPLE / "hello-web-2.1.0.tgz", chart="hello-web", version="2.1.0")
    assert content.digest == summary.digest
    assert (metadata.description, metadata.icon) == (content.metadata.description, content.metadata.icon)
    assert metadata.created is not None
    assert room.sync().outcome == "unchanged"


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_a_version_with_a_plus_goes_there_and_back(
    registry: RealRegistry, room: Room, tmp_path: Path, helm: str
) -> None:
    registry.push(helm, packed(tmp_path, "plum", "1.4.2+build.7"), f"plus/{helm}/deep/er")
    room.add(f"oci://{registry.host}/plus/{helm}", kind="oci")
    assert room.sync().problems == ()
    assert room.versions() == {"plum": ["1.4.2+build.7"]}
    summary = room.store.catalog.version("shop", "plum", "1.4.2+build.7")[0]
    assert summary.urls == (f"oci://{registry.host}/plus/{helm}/deep/er/plum:1.4.2_build.7",)
    assert summary.archive == "ready"


def test_a_push_of_other_bytes_and_a_deleted_tag_are_seen(registry: RealRegistry, room: Room, tmp_path: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        registry.push("helm4", packed(tmp_path, "pear", version), "moving")
    room.add(f"oci://{registry.host}/moving/pear", kind="oci")
    room.sync()
    registry.push("helm4", packed(tmp_path, "pear", "1.0.0", salt="other"), "moving")
    result = room.sync()
    assert (result.outcome, result.attempt.repushed) == ("changed", 1)
    assert ("repushed", "pear", "1.0.0") in room.log()
    registry.untag("moving/pear", "1.1.0")
    result = room.sync()
    assert (result.outcome, result.attempt.removed) == ("changed", 1)
    assert room.versions() == {"pear": ["1.0.0"]}


def test_a_chart_pushed_anew_with_the_same_bytes_is_no_repush(
    registry: RealRegistry, room: Room, tmp_path: Path
) -> None:
    registry.push("helm4", packed(tmp_path, "kiwi", "1.0.0"), "again")
    room.add(f"oci://{registry.host}/again", kind="oci")
    room.sync()
    registry.push("helm3", packed(tmp_path, "kiwi", "1.0.0"), "again")
    assert room.sync().attempt.repushed == 0
    assert room.sync().outcome == "unchanged"


def test_pages_of_a_real_registry_are_followed(registry: RealRegistry, tmp_path: Path) -> None:
    for minor in range(105):
        registry.push("helm4", packed(tmp_path, "lime", f"1.{minor}.0"), "many")
    memo = read(f"oci://{registry.host}/many/lime")
    assert len(memo.names) == 105


def test_with_tokens_user_name_and_password_are_needed(guarded: RealRegistry) -> None:
    url = f"oci://{guarded.host}/team/hello-web"
    assert guarded.tokens
    with pytest.raises(AuthenticationFailed, match="this source has no credentials"):
        read(url)
    with pytest.raises(RealmRefused) as caught:
        read(url, access=Access(Basic(USER, lambda: PASSWORD)))
    assert caught.value.params["origin"] == guarded.tokens.origin
    with pytest.raises(AuthenticationFailed):
        read(url, access=Access(Basic(USER, lambda: "wrong"), (guarded.tokens.origin,)))


def test_with_tokens_the_catalog_and_archives_are_read(guarded: RealRegistry, tmp_path: Path) -> None:
    assert guarded.tokens
    access = Access(Basic(USER, lambda: PASSWORD), (guarded.tokens.origin,))
    memo = read(f"oci://{guarded.host}/team", access=access)
    assert {name: [one.version for one in listed] for name, listed in sorted(memo.versions.items())} == dict(
        sorted(CHARTS.items())
    )
    one = memo.versions["hello-web"][0]
    opened = open_source(Source("shop", f"oci://{guarded.host}/team", kind="oci"), access, tmp_path)
    opened.fetch_archive(one.urls, tmp_path / "a.tgz", 20_000_000, one.manifest)
    assert (tmp_path / "a.tgz").read_bytes() == (SAMPLE / "hello-web-2.1.0.tgz").read_bytes()
    scopes = {scope for asked in guarded.tokens.asked for scope in asked.get("scope", [])}
    assert "registry:catalog:*" in scopes


def test_a_source_with_a_password_file_is_synced(guarded: RealRegistry, room: Room, tmp_path: Path) -> None:
    assert guarded.tokens
    (tmp_path / "password").write_text(PASSWORD)
    origins = (guarded.tokens.origin,)
    who = {"username": USER, "password_file": str(tmp_path / "password"), "credential_origins": origins}
    room.add(f"oci://{guarded.host}/team", kind="oci", operator=True, **who)
    assert room.sync().problems == ()
    assert room.versions() == CHARTS
