"""A chart repository for tests: archives and the index.yaml that helm would write for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from tests.unit.chart_archives import packed, tar
from tests.upstream import Site

Charts = Mapping[str, tuple[str, ...]]
"""Versions by chart name."""


@dataclass(frozen=True)
class Repository:
    """What a site serves."""

    archives: Mapping[str, bytes]
    """By file name."""
    index: str

    def serve(self, site: Site, *, etag: str = "") -> None:
        """Put it all on ``site``."""
        site.put("/index.yaml", self.index, etag=etag)
        for name, data in self.archives.items():
            site.put(f"/{name}", data, content_type="application/gzip")


def repository(charts: Charts, *, salt: str = "", generated: str = "2026-11-01T00:00:00Z") -> Repository:
    """``charts`` with an archive for each version. Another ``salt`` gives other bytes and digests."""
    archives = {
        f"{name}-{version}.tgz": archive(name, version, salt)
        for name, versions in charts.items()
        for version in versions
    }
    return Repository(archives, index(charts, archives, generated))


def archive(name: str, version: str, salt: str = "") -> bytes:
    """A small proper archive."""
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\ndescription: What {name} does\n",
        "values.yaml": f"# how many\nreplicas: 1 # of {name}\n",
        "README.md": f"# {name}\n\nThe readme of {name} {version}. {salt}\n",
        "templates/deployment.yaml": "kind: Deployment\n",
    }
    return packed(tar([(f"{name}/{path}", text.encode()) for path, text in files.items()]))


def index(charts: Charts, archives: Mapping[str, bytes], generated: str = "2026-11-01T00:00:00Z") -> str:
    """The index.yaml that ``helm repo index`` writes."""
    lines = ["apiVersion: v1", "entries:"]
    for name in sorted(charts):
        lines.append(f"  {name}:")
        for version in charts[name]:
            digest = sha256(archives.get(f"{name}-{version}.tgz", b"")).hexdigest()
            lines += [
                "  - apiVersion: v2",
                f'    created: "{generated}"',
                f"    description: What {name} does",
                f"    digest: {digest}",
                "    keywords:",
                "    - tests",
                f"    name: {name}",
                "    urls:",
                f"    - {name}-{version}.tgz",
                f"    version: {version}",
            ]
    lines.append(f'generated: "{generated}"')
    return "\n".join(lines) + "\n"
