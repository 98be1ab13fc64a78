"""Whatever becomes of an archive's bytes, it is read or refused."""

import tarfile
import tempfile
from pathlib import Path

from chart_archives import CHART_YAML, packed, saved, tar
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.archive import read_archive
from indexer.archive.limits import Refusal
from indexer.archive.names import place, quoted
from indexer.errors import BadArchive
from indexer.model import ArchiveContent

FILES = [("Chart.yaml", CHART_YAML), ("values.yaml", b"a: 1\n"), ("README.md", b"# Demo\n"), ("long" * 40, b"x")]
GNU, PAX = (
    tar([(f"demo/{name}", data) for name, data in FILES], one) for one in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
)
VALID = packed(GNU)


def read(data):
    """The content, or the BadArchive; any other exception fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return read_archive(saved(Path(folder), data), chart="demo", version="1.2.3")
        except BadArchive as refused:
            return refused


@st.composite
def mutated(draw, data):
    """``data`` after one to four flips, cuts, insertions and repetitions."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(changed)))
        match draw(st.sampled_from(["flip", "cut", "insert", "repeat", "end"])):
            case "flip":
                changed[start : start + 1] = bytes([draw(st.integers(0, 255))])
            case "cut":
                del changed[start : start + draw(st.integers(1, 1024))]
            case "insert":
                changed[start:start] = draw(st.binary(max_size=600))
            case "repeat":
                changed[start:start] = changed[start : start + draw(st.sampled_from([1, 100, 512, 1024]))]
            case "end":
                del changed[start:]
    return bytes(changed)


@settings(max_examples=300)
@given(mutated(VALID))
def test_damaged_packed_bytes_are_read_or_refused(data):
    assert isinstance(read(data), ArchiveContent | BadArchive)


@settings(max_examples=400)
@given(mutated(GNU) | mutated(PAX))
def test_a_damaged_tar_is_read_or_refused(data):
    assert isinstance(read(packed(data)), ArchiveContent | BadArchive)


@settings(max_examples=100)
@given(st.integers(1, len(VALID) - 1))
def test_an_archive_cut_anywhere_is_refused(length):
    assert isinstance(read(VALID[:length]), BadArchive)


@settings(max_examples=500)
@given(st.text(st.sampled_from("ab./\\:c \0\x1b\u202eé")) | st.text())
def test_a_name_is_refused_or_stays_below_the_chart(name):
    try:
        top, path = place(name)
    except Refusal:
        return
    assert top not in ("", "..")
    parts = path.split("/")
    assert not set(parts) & {"", ".", ".."}
    assert "\\" not in path
    assert not any(part[1:2] == ":" and part[:1].isascii() and part[:1].isalpha() for part in parts)


@given(st.text())
def test_a_quoted_name_is_short_and_printable(name):
    assert quoted(name).isprintable()
    assert len(quoted(name)) <= 80 * 10 + 2


PARTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/\\:."), min_size=1)


@settings(max_examples=100)
@given(
    st.dictionaries(st.lists(PARTS, min_size=1, max_size=6).map("/".join), st.binary(max_size=2000), max_size=5),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_every_file_that_the_standard_library_packs_is_found_again(files, format):
    packed_files = [
        ("demo/Chart.yaml", CHART_YAML),
        *((f"demo/templates/{name}", data) for name, data in files.items()),
    ]
    content = read(packed(tar(packed_files, format)))
    assert isinstance(content, ArchiveContent)
    shown = {file.path.removeprefix("templates/") for file in content.templates}
    assert shown == {
        name for name in files if f"{quoted(f'templates/{name}')} is a binary file, not shown." not in content.notes
    }
