"""What a chart repository sends: index.yaml, its entries, archives."""

import tarfile
import tempfile
from pathlib import Path

from indexer.archive import read_archive
from indexer.errors import BadArchive, EntryError, IndexInvalid
from indexer.model import Listing
from indexer.parse import open_entry, read_chart_yaml, read_index, read_index_fully
from indexer.parse.fields import name_fault, version_fault
from tests.fuzz.mutation import damaged_bytes, mapped
from tests.fuzz.targets import target
from tests.unit.chart_archives import CHART_YAML, packed, saved, tar
from tests.unit.parse_checks import entry, index

URL = "https://charts.example.org/index.yaml"
HELM = index(
    {
        "blog": entry("blog", "1.0.0", "keywords:\n    - web\n    - blog") + entry("blog", "0.9.0-rc.1"),
        "redis": entry("redis", "17.0.1", 'appVersion: "7.0"', "annotations:\n      category: Database"),
    }
).encode()
FLOW = b"""{"apiVersion": "v1", "entries": {"a": [{"name": "a", "version": "1.0.0", "urls": ["a-1.0.0.tgz"],
"maintainers": [{"name": "x", "email": "x@y.z"}], "dependencies": [{"name": "b", "version": "^1", "alias": "c"}]}]}}"""
ODD = b"""apiVersion: v1
entries:
  a: &all
  - name: a
    version: &v "1.0.0"
    description: >-
      folded
      text
    urls: [a.tgz, 'https://x.example/a.tgz']
    created: 2024-13-45
  b: *all
  c: null
  d: [null, 3, {version: *v}]
"""
YAML_WORDS = (
    b"&a ", b"*a", b"<<: *a", b"!!binary ", b"!!set ", b"? ", b"- ", b": ", b"\n  ", b"\n    - ", b"---\n", b"...\n",
    b"\t", b"\xef\xbb\xbf", b"\xff\xfe", b"[" * 200, b"{a: " * 50, b"|\n", b">-\n", b"'", b'"', b"\\ud800", b"0x1f",
    b"1e400", b".nan", b"2024-01-02", b"~", b"null", b"version: ", b"urls: ", b"entries:", b"%YAML 9.9\n", b"#",
)  # fmt: skip
ENTRY = entry("blog", "1.0.0", "keywords:\n    - web", "dependencies:\n    - name: redis\n      version: ^1").encode()
CHART = (
    b"apiVersion: v2\nname: demo\nversion: 1.2.3\ndescription: |\n  what it does\nmaintainers:\n- name: me\n"
    b"  url: https://x.example\nannotations:\n  artifacthub.io/changes: |\n    - kind: added\n      description: x\n"
)
FILES = (("Chart.yaml", CHART_YAML), ("values.yaml", b"a: 1\n"), ("README.md", b"# Demo\n"), ("l" * 160, b"x"))
INSIDE = packed(tar([("sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 1.0.0\n")]))
TARS = tuple(
    tar([(f"demo/{name}", data) for name, data in (*FILES, ("charts/sub-1.0.0.tgz", INSIDE))], kind)
    for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
)
TAR_WORDS = (b"\0" * 512, b"\0" * 1024, b"../", b"/etc/passwd", b"ustar\x0000", b"1 path=x\n", b"\x80" + b"\xff" * 7)


def _listing(body: bytes, *, fully: bool = False) -> Listing | None:
    try:
        return (read_index_fully if fully else read_index)(body, url=URL)
    except IndexInvalid as refused:
        assert refused.cause
        assert refused.remedy
        return None


@target("index", damaged_bytes(HELM, FLOW, ODD, words=YAML_WORDS))
def index_yaml(body: bytes) -> None:
    """Read or refused, the same again, and both ways agree on what there is."""
    found = _listing(body)
    assert found == _listing(body)
    wholly = _listing(body, fully=True)
    assert (found is None) == (wholly is None)
    if found is None or wholly is None:
        return
    assert _named(found) == _named(wholly)
    for chart, version in _named(found):
        assert name_fault(chart) is None
        assert version_fault(version) is None
        (chart + version).encode()


def _named(found: Listing) -> list[tuple[str, str]]:
    return sorted((chart.name, one.version) for chart in found.charts.values() for one in chart.versions)


@target("entry", damaged_bytes(ENTRY, CHART, b'{"name": "a", "version": "1.0.0"}', words=YAML_WORDS))
def one_entry(body: bytes) -> None:
    """Read as one entry and as a Chart.yaml, or refused in words."""
    for read in (open_entry, read_chart_yaml):
        try:
            found = read(body)
        except EntryError as refused:
            assert refused.cause
            continue
        assert found == read(body)
        repr(found).encode()


def _archive(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = saved(Path(folder), data)
        try:
            found = read_archive(path, chart="demo", version="1.2.3")
        except BadArchive as refused:
            assert refused.cause
            return
        assert found == read_archive(path, chart="demo", version="1.2.3")
        assert [one.name for one in Path(folder).iterdir()] == [path.name]


@target("archive-packed", damaged_bytes(packed(TARS[0]), packed(TARS[1]) * 2, b"PK\x03\x04", b"<!doctype html>"))
def packed_archive(data: bytes) -> None:
    """What is damaged as it is sent."""
    _archive(data)


@target("archive", mapped(packed, damaged_bytes(*TARS, words=TAR_WORDS)))
def archive(data: bytes) -> None:
    """A sound gzip around a damaged tar."""
    _archive(data)


@target("archive-nested", damaged_bytes(INSIDE, TARS[0]))
def archive_in_archive(data: bytes) -> None:
    """A damaged chart below ``charts/``."""
    files = [("demo/Chart.yaml", CHART_YAML), ("demo/charts/sub-1.0.0.tgz", data)]
    _archive(packed(tar(files)))
