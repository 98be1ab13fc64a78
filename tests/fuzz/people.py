"""What people type: queries, versions, ranges, paths into values."""

from itertools import permutations
from urllib.parse import parse_qs

from catalog_web import search_address
from catalog_web.values.paths import dotted, parse_path
from indexer import versions
from indexer.errors import BadQuery, UsageError
from indexer.search.query import MAX_TERMS, parse
from indexer.version_range import VersionRange
from tests.fuzz.mutation import damaged_text, several
from tests.fuzz.targets import target

QUERIES = (
    'postgres "high availability" -operator source:shop kube:1.30', "name:redis AND (a OR b)", "数据库 chart", "a*~2",
    "deprecated:true license:MIT", "bitnami/redis",
)  # fmt: skip
QUERY_WORDS = ("NOT ", "OR ", "(", ")", '"', "source:", "kube:", "name:", "-", "*", "~9", "[a TO b]", "\0", "a" * 300)
VERSIONS = ("1.2.3", "v1.2.3-rc.1+build.5", "1", "1.2", "0.0.0", "banana", "01.2.3", "1.2.3.4", "9" * 300)
VERSION_WORDS = (".", "-", "+", "0", "9" * 60, "-rc", "v", "x", " ", "alpha", "²", "１")
RANGES = (">=1.2 <3", "^1.2.3-0 || ~2", "1.x", "1.2 - 2.4", "*", "!=1.0.0, >0")
RANGE_WORDS = ("||", ">=", "<", "^", "~", "!=", "-", " - ", "x", "*", ",", "=", "=>", "1.2.3", "|" * 60)
PATHS = ("image.tag", "hosts[0].name", 'annotations."a.b/c"', "a\\.b")
ADDRESSES = ("q=redis&source=shop&source=b&sort=name&page=2", "kube=1.30&deprecated=true&exact=1", "keyword=a%2Cb")


@target("query", damaged_text(*QUERIES, words=QUERY_WORDS))
def query(text: str) -> None:
    """Understood within bounds, and the same however often it is understood."""
    try:
        found = parse(text)
    except BadQuery as refused:
        assert len(text) > 256 or "\0" in text
        assert refused.remedy
        return
    assert found == parse(text)
    assert len(found.words) <= MAX_TERMS


@target("search-address", damaged_text(*ADDRESSES, words=("&", "=", "%", "%00", "sort=", "page=-1", "kube=", "+")))
def address(text: str) -> None:
    """A search that is written as an address is read as the same search."""
    try:
        wanted = search_address.read(
            parse_qs(text.encode(errors="replace").decode(), keep_blank_values=True, max_num_fields=1000)
        )
    except (BadQuery, ValueError):
        return
    again = search_address.read_text(search_address.written(wanted))
    assert search_address.written(again) == search_address.written(wanted)


@target("version", several(*[damaged_text(*VERSIONS, words=VERSION_WORDS)] * 3))
def version(three: tuple[str, ...]) -> None:
    """Any three have one order, whichever way they come."""
    orders = {tuple(versions.sort_key(one) for one in versions.newest_first(some)) for some in permutations(three)}
    assert len(orders) == 1
    for one in three:
        assert (versions.parse(one) is not None) == versions.is_valid(one)
    versions.latest(three)
    versions.previous(three[0], three[1:])
    versions.newer_releases(three[0], three[1:])


@target("range", several(damaged_text(*RANGES, words=RANGE_WORDS), damaged_text(*VERSIONS, words=VERSION_WORDS)))
def version_range(both: tuple[str, str]) -> None:
    """Read or refused in words; what is no version is in none."""
    text, one = both
    try:
        found = VersionRange.parse(text)
    except ValueError as refused:
        assert len(str(refused)) < 300
        return
    assert not (one in found and not versions.is_valid(one))
    assert VersionRange.parse(text) == found


@target("path", damaged_text(*PATHS, words=(".", "[", "]", '"', "\\", "[65537]", "a." * 40, "[-1]")))
def path(text: str) -> None:
    """A path that was read is written so that it is read the same."""
    try:
        found = parse_path(text)
    except UsageError as refused:
        assert refused.cause
        return
    assert parse_path(dotted(found)) == found
