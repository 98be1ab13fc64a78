"""Reading a registry as a sync does, without a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.http import Access, Basic
from indexer.model import ListedVersion, Listing, Source
from indexer.parse import open_entry
from indexer.sources import Answer, Known, KnownVersion
from indexer.sources.registry import open_source
from tests.fake_registry import FakeRegistry


@dataclass(frozen=True)
class Memo:
    """What a store would know after a listing was taken."""

    answer: Answer
    versions: Mapping[str, tuple[ListedVersion, ...]]

    @property
    def listing(self) -> Listing:
        assert self.answer.listing is not None
        return self.answer.listing

    @property
    def names(self) -> list[str]:
        """All versions, as ``chart version``."""
        return [f"{name} {one.version}" for name, listed in self.versions.items() for one in listed]

    @property
    def causes(self) -> list[str]:
        """All problems, as ``chart version: sentence``."""
        return [f"{one.chart} {one.version}: {one.cause}" for one in self.listing.problems]

    def known(self, *, memory: bool = True, only: frozenset[str] | None = None) -> Known:
        flawed = {one.chart for one in self.listing.problems}
        return Known(
            charts={name: chart.fingerprint for name, chart in self.listing.charts.items() if name not in flawed},
            names=list(self.versions),
            versions=lambda name: [
                KnownVersion(one.version, one.digest, one.manifest, bytes(one.raw))
                for one in self.versions.get(name, ())
            ],
            memory=self.answer.memory if memory else {},
            only=only,
        )


def read(url: str, known: Known | None = None, before: Memo | None = None, **settings: Any) -> Memo:
    """List the charts at ``url``; ``before`` is what is stored, ``access`` and settings of the source may be given."""
    access = settings.pop("access", Access())
    source = Source("shop", url, kind="oci", **settings)
    with open_source(source, access, Path()).list_charts(known or Known()) as answer:
        assert answer.listing is not None
        kept = before.versions if before else {}
        versions = {name: kept[name] if chart.kept else chart.versions for name, chart in answer.listing.charts.items()}
        return Memo(answer, versions)


def again(memo: Memo, url: str, *, memory: bool = True, only: frozenset[str] | None = None, **settings: Any) -> Memo:
    """The next sync after the one that ``memo`` tells of."""
    return read(url, memo.known(memory=memory, only=only), memo, **settings)


def user(name: str = "ann", password: str = "secret", origins: tuple[str, ...] = ()) -> Access:
    """Access with user name and password."""
    return Access(Basic(name, lambda: password), origins)


def oci(registry: FakeRegistry, path: str = "") -> str:
    """The address of the registry, or of a place in it."""
    return f"oci://{registry.host}/{path}".rstrip("/")


def fetch(registry: FakeRegistry, memo: Memo, chart: str, target: Path, **settings: Any) -> bytes:
    """The archive of the first version of ``chart``."""
    one = memo.versions[chart][0]
    access = settings.pop("access", Access())
    source = Source("shop", oci(registry), kind="oci", **settings)
    open_source(source, access, Path()).fetch_archive(one.urls, target, 1_000_000, one.manifest)
    return target.read_bytes()


__all__ = ["Memo", "again", "fetch", "oci", "open_entry", "read", "user"]
