"""Chart archives that somebody made to do harm, or that broke on the way: refused with a reason, within bounds."""

import gzip
import os
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from chart_archives import BLOCK, CHART_ENTRY, CHART_YAML, END, chart, entry, packed, pax, raw, saved, tar

from indexer.archive import read_archive
from indexer.errors import BadArchive

MIB = 2**20


def read(tmp_path, data):
    return read_archive(saved(tmp_path, data), chart="demo", version="1.2.3")


def reason(tmp_path, data):
    """Why ``data`` is refused; the whole of it costs less than 32 MiB."""
    path = saved(tmp_path, data)
    tracemalloc.start()
    try:
        with pytest.raises(BadArchive) as refused:
            read_archive(path, chart="demo", version="1.2.3")
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()
    return refused.value.params["detail"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../elsewhere", "parent folder"),
        ("/demo/../../elsewhere", "absolute"),
        ("/../../elsewhere", "absolute"),
        ("./../../elsewhere", "parent folder"),
        ("demo/../../elsewhere", "parent folder"),
        ("demo\\..\\..\\elsewhere", "parent folder"),
        ("./.", "outside the chart's folder"),
        ("/./.", "absolute"),
        ("no-folder", "outside the chart's folder"),
        ("/no-folder", "absolute"),
        ("//elsewhere", "absolute"),
        ("///elsewhere", "absolute"),
        ("demo//elsewhere", "absolute"),
        ("\\\\elsewhere", "absolute"),
        ("\\..\\..\\elsewhere", "absolute"),
        ("\\.\\c:\\\\elsewhere", "absolute"),
        ("/./c://elsewhere", "absolute"),
        ("demo/c:/elsewhere", "drive letter"),
        ("demo\\.\\c:\\elsewhere", "drive letter"),
        ("c:\\elsewhere", "drive letter"),
        ("\\\\?\\Some\\windows\\magic", "absolute"),
        ("", "absolute"),
    ],
)
def test_E1_a_name_that_leaves_the_chart_is_refused(tmp_path, name, why):
    assert why in reason(tmp_path, raw(entry(name.encode(), b"x")))


@pytest.mark.parametrize(
    ("type", "kind"), [(b"1", "link"), (b"2", "link"), (b"3", "device"), (b"4", "device"), (b"6", "device")]
)
def test_E2_links_and_devices_are_told_and_never_opened(tmp_path, type, kind):
    content = read(tmp_path, raw(entry(b"demo/README.md", type=type, link=b"/etc/passwd")))
    assert content.readme == ""
    assert content.notes == (f"“README.md” is a {kind}, not read.",)


def test_E2_a_chart_yaml_that_is_a_link_is_no_chart_yaml(tmp_path):
    data = packed(entry(b"demo/Chart.yaml", type=b"2", link=b"/etc/passwd") + END)
    assert reason(tmp_path, data) == "it has no Chart.yaml"


def test_E3_more_than_100_mib_in_total_is_refused(tmp_path):
    data = (os.urandom(4096) + bytes(60 * 1024)) * 80
    files = [(f"files/{number}", data) for number in range(21)]
    assert reason(tmp_path, chart(*files)) == "it unpacks to more than 100 MiB"


def test_E3_one_byte_more_than_5_mib_in_one_file_is_refused(tmp_path):
    assert reason(tmp_path, chart(("a.bin", bytes(5 * MIB + 1)))) == (
        "it has a file of 5,242,881 bytes, over the limit of 5 MiB"
    )


def test_E3_a_file_of_5_mib_is_read(tmp_path):
    assert len(read(tmp_path, chart(("values.yaml", b"#" * (5 * MIB)))).values) == 5 * MIB


def test_E3_64_mib_of_zeros_in_65_kb_are_refused(tmp_path):
    files = [(f"files/{number}", bytes(5 * MIB)) for number in range(14)]
    assert "it unpacks to more than 50 times its" in reason(tmp_path, chart(*files))


def test_E3_more_than_20_mib_packed_are_not_even_opened(tmp_path):
    path = saved(tmp_path, chart())
    os.truncate(path, 20 * MIB + 1)
    with pytest.raises(BadArchive, match="over the limit of 20 MiB"):
        read_archive(path, chart="demo", version="1.2.3")


def nested(name: str, *more: tuple[str, bytes]) -> bytes:
    """A packed subchart ``name`` 1.0.0 with ``more`` files."""
    metadata = f"name: {name}\nversion: 1.0.0\n".encode()
    return packed(tar([(f"{name}/Chart.yaml", metadata), *((f"{name}/{path}", data) for path, data in more)]))


def within_bounds(tmp_path, data):
    """What is read of ``data``, which costs less than 48 MiB."""
    path = saved(tmp_path, data)
    tracemalloc.start()
    try:
        content = read_archive(path, chart="demo", version="1.2.3")
        assert tracemalloc.get_traced_memory()[1] < 48 * MIB
    finally:
        tracemalloc.stop()
    return content


def test_E4_nested_bombs_cost_only_themselves_and_leave_a_note(tmp_path):
    zeros = [(f"bomb/files/{number}", bytes(5 * MIB)) for number in range(19)]
    bomb = gzip.compress(tar([("bomb/Chart.yaml", b"name: bomb\nversion: 1.0.0\n"), *zeros]), mtime=0)
    bombs = [(f"charts/bomb{number}-1.0.0.tgz", bomb) for number in range(12)]
    good = ("charts/good-1.0.0.tgz", nested("good", ("values.yaml", b"image: good/app:1\n")))
    content = within_bounds(tmp_path, chart(*bombs, good, ("values.yaml", b"a: 1\n")))
    assert content.values == "a: 1\n"
    assert [one.name for one in content.subcharts] == ["good"]
    assert len(content.notes) == 12
    assert "“charts/bomb0-1.0.0.tgz” cannot be read: it unpacks to more than 50 times its" in content.notes[0]


def test_E4_all_levels_share_one_budget(tmp_path):
    data = (os.urandom(4096) + bytes(60 * 1024)) * 80  # 5 MiB that pack to a fifteenth
    heavy = nested("heavy", ("files/0", data), ("files/1", data))
    files = [(f"files/{number}", data) for number in range(17)]
    content = within_bounds(tmp_path, chart(*files, *((f"charts/heavy{number}.tgz", heavy) for number in range(2))))
    assert [one.name for one in content.subcharts] == ["heavy"]
    assert content.notes == ("“charts/heavy1.tgz” cannot be read: it unpacks to more than 100 MiB.",)


def test_E4_entries_of_all_levels_are_counted_together(tmp_path):
    many = b"".join(entry(b"demo/files/%d" % number) for number in range(6_000))
    inside = packed(
        entry(b"sub/Chart.yaml", b"name: sub\nversion: 1.0.0\n")
        + b"".join(entry(b"sub/files/%d" % number) for number in range(6_000))
        + END
    )
    content = within_bounds(tmp_path, raw(many, entry(b"demo/charts/sub-1.0.0.tgz", inside)))
    assert content.subcharts == ()
    assert content.notes == ("“charts/sub-1.0.0.tgz” cannot be read: it has more than 10,000 entries.",)


def test_E4_archives_in_archives_are_opened_to_a_depth_of_four(tmp_path):
    data = nested("deepest", ("values.yaml", b"image: deepest/app:1\n"))
    for name in ("third", "second", "first"):
        data = nested(name, ("charts/inner-1.0.0.tgz", data))
    content = within_bounds(tmp_path, chart(("charts/first-1.0.0.tgz", data)))
    assert [one.name for one in content.subcharts] == ["first", "first/second", "first/second/third"]
    assert content.notes == ("“charts/inner-1.0.0.tgz” is packed too deeply, not read.",)


def test_E4_an_archive_that_holds_itself_as_often_as_it_may_ends(tmp_path):
    data = nested("leaf")
    for number in range(3):
        data = nested(f"level{number}", *((f"charts/copy{one}.tgz", data) for one in range(12)))
    content = within_bounds(tmp_path, chart(*((f"charts/copy{one}.tgz", data) for one in range(12))))
    assert len(content.subcharts) <= 100


def test_E4_packed_subcharts_beyond_what_is_held_are_named(tmp_path):
    noise = os.urandom(4 * MIB)
    content = within_bounds(tmp_path, chart(*((f"charts/noise{number}.tgz", noise) for number in range(4))))
    assert "“charts/noise2.tgz” is beyond the 8 MiB kept of packed subcharts, not read." in content.notes


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"<html>", "it is not compressed with gzip: it looks like an HTML page"),
        (packed(b"x" * 600), "its tar has a header with a number that is none"),
        (packed(entry(b"../x", b"name: x") + END), "it has a name that refers to the parent folder: “../x”"),
        (nested("two")[:-9], "its gzip stream ends in the middle"),
    ],
)  # fmt: skip
def test_E4_a_subchart_that_is_no_archive_costs_only_itself(tmp_path, data, why):
    content = read(tmp_path, chart(("charts/bad-1.0.0.tgz", data), ("README.md", b"# Demo")))
    assert (content.readme, content.subcharts) == ("# Demo", ())
    assert content.notes == (f"“charts/bad-1.0.0.tgz” cannot be read: {why}.",)


def test_E2_links_in_a_subchart_are_never_opened(tmp_path):
    inside = packed(
        entry(b"sub/Chart.yaml", b"name: sub\nversion: 1.0.0\n")
        + entry(b"sub/values.yaml", type=b"2", link=b"/etc/passwd")
        + END
    )
    content = read(tmp_path, chart(("charts/sub-1.0.0.tgz", inside)))
    assert [(one.name, one.values) for one in content.subcharts] == [("sub", "")]


def test_a_subchart_whose_chart_yaml_cannot_be_read_is_named(tmp_path):
    content = read(tmp_path, chart(("charts/sub/Chart.yaml", b"name: [\n"), ("charts/sub/values.yaml", b"a: 1")))
    assert content.subcharts == ()
    assert content.notes[0].startswith("The Chart.yaml of “charts/sub” cannot be read: ")


@pytest.mark.parametrize("type", [b"0", b"5"])
def test_E5_more_than_10_000_entries_are_refused(tmp_path, type):
    entries = b"".join(entry(b"demo/files/%d" % number, type=type) for number in range(10_001))
    assert reason(tmp_path, raw(entries)) == "it has more than 10,000 entries"


def test_E5_extension_headers_without_an_entry_are_refused(tmp_path):
    assert reason(tmp_path, raw(entry(b"x", type=b"x") * 10)) == "it has too many extension headers before one entry"


def test_E5_a_flood_of_empty_gzip_members_is_refused(tmp_path):
    data = packed(CHART_ENTRY) + gzip.compress(b"", mtime=0) * 10_001 + packed(END)
    assert reason(tmp_path, data) == "it has more than 10,000 gzip members"


@pytest.mark.parametrize("type", [b"x", b"g", b"L", b"K"])
def test_E6_a_header_of_many_mib_is_refused_before_it_is_read(tmp_path, type):
    header = entry(b"long", bytes(64 * MIB), type=type)
    data = packed(CHART_ENTRY + header + END)
    del header
    assert reason(tmp_path, data) == "it has a header of more than 1 MiB"


def test_E6_a_name_over_its_limit_is_refused(tmp_path):
    data = raw(entry(b"long", b"demo/" + b"a" * 2000, type=b"L"), entry(b"demo/short", b"x"))
    assert reason(tmp_path, data) == "it has a name of more than 1,024 characters"


def test_E7_a_wrong_checksum_in_the_middle_is_refused(tmp_path):
    data = raw(entry(b"demo/values.yaml", b"a: 1"), entry(b"demo/README.md", b"x", checksum=1), entry(b"demo/c", b"x"))
    assert reason(tmp_path, data) == "its tar has a header with a wrong checksum"


def test_E8_a_cut_gzip_tail_is_refused(tmp_path):
    assert reason(tmp_path, chart()[:-3]) == "its gzip stream ends in the middle"


def test_E8_a_wrong_gzip_checksum_is_refused(tmp_path):
    data = bytearray(chart())
    data[-6] ^= 1
    assert reason(tmp_path, bytes(data)) == "its gzip stream is damaged"


def test_E8_a_page_behind_the_archive_is_refused(tmp_path):
    assert reason(tmp_path, chart() + b"<html>") == "something else follows its gzip stream"


def test_E8_something_behind_the_tar_is_refused(tmp_path):
    assert reason(tmp_path, packed(CHART_ENTRY + END + b"<html>")) == "something follows the end of its tar"


def test_E8_two_gzip_members_are_read_as_one_stream(tmp_path):
    whole = CHART_ENTRY + entry(b"demo/values.yaml", b"a: 1\n") + END
    content = read(tmp_path, packed(whole[:700]) + packed(whole[700:]))
    assert content.values == "a: 1\n"


def test_E8_zero_padding_behind_the_archive_is_let_pass(tmp_path):
    assert read(tmp_path, chart() + bytes(10_000)).metadata.name == "demo"


def test_E9_two_chart_yaml_are_refused(tmp_path):
    assert reason(tmp_path, raw(CHART_ENTRY)) == "it has “Chart.yaml” twice"


def test_E9_any_other_file_twice_is_refused(tmp_path):
    data = chart(("values.yaml", b"a: 1"), ("./values.yaml", b"a: 2"))
    assert reason(tmp_path, data) == "it has “values.yaml” twice"


def test_E9_two_top_folders_are_refused(tmp_path):
    data = raw(entry(b"evil/Chart.yaml", CHART_YAML))
    assert reason(tmp_path, data) == "it has two folders at its top, “demo” and “evil”"


@pytest.mark.parametrize("name", ["chart.YAML", "CHART.yaml", "Chart.YAML"])
def test_E9_a_chart_yaml_by_case_only_is_refused(tmp_path, name):
    assert "only some readers take for its Chart.yaml" in reason(tmp_path, chart((name, CHART_YAML)))
    assert "only some readers" in reason(tmp_path, packed(tar([(f"demo/{name}", CHART_YAML)])))


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (b"\xff" * 11 + b"\x00", "a number that is none"),
        (b"-0000001024\0", "a number that is none"),
        (b"\x80" + bytes(2) + b"\x80" + bytes(8), "over the limit of 5 MiB"),
        (b"777777777777", "over the limit of 5 MiB"),
        (b"0000000009x\0", "a number that is none"),
    ],
)
def test_E12_a_size_that_cannot_be_is_refused(tmp_path, size, why):
    assert why in reason(tmp_path, raw(entry(b"demo/values.yaml", size_field=size)))


@pytest.mark.parametrize("size", [b"-1024", b"1e3", b"9" * 30, "١".encode(), b""])
def test_E12_a_pax_size_that_cannot_be_is_refused(tmp_path, size):
    assert (
        reason(tmp_path, raw(pax(("size", size)), entry(b"demo/a", b"x"))) == "its tar has a PAX size that is no size"
    )


def test_E12_a_sparse_file_is_refused(tmp_path):
    assert reason(tmp_path, raw(entry(b"demo/a", b"x", type=b"S"))) == "it has an entry of the unknown type 'S'"
    data = raw(pax(("GNU.sparse.major", b"1")), entry(b"demo/a", b"x"))
    assert reason(tmp_path, data) == "it has a sparse file"


@pytest.mark.parametrize(
    "header", [pax(("path", b"demo/a\0b")), entry(b"long", b"demo/a\0b", type=b"L")], ids=["pax", "gnu"]
)
def test_E12_a_name_with_nul_is_refused(tmp_path, header):
    assert reason(tmp_path, raw(header, entry(b"demo/a", b"x"))) == "its tar has a name with a NUL in it"


def test_E12_a_name_with_control_characters_is_refused_and_told_without_them(tmp_path):
    assert reason(tmp_path, raw(entry(b"demo/\x1b[2Ja", b"x"))).endswith("control characters: “demo/\\x1b[2Ja”")


@pytest.mark.parametrize("record", [b"99 path=a\n", b"x path=a\n", b"9 patha\n", b"10 path=ab", b"5", b"0 a=b\n"])
def test_E13_a_broken_pax_header_is_refused(tmp_path, record):
    data = raw(entry(b"x", record, type=b"x"), entry(b"demo/a", b"x"))
    assert reason(tmp_path, data) == "its tar has a broken PAX header"


def test_E13_rubbish_in_place_of_the_second_header_is_refused(tmp_path):
    assert reason(tmp_path, packed(CHART_ENTRY + b"\x07" * BLOCK + END)).startswith("its tar has a header with a")


@pytest.mark.parametrize("length", [BLOCK + 10, 2 * BLOCK + 10, 3 * BLOCK + 10])
def test_E13_a_tar_that_ends_in_the_middle_is_refused(tmp_path, length):
    whole = CHART_ENTRY + entry(b"demo/values.yaml", b"a: 1\n" * 50)
    assert reason(tmp_path, packed(whole[:length])).startswith("its tar ends in the middle of a")


def test_E13_a_tar_that_ends_after_an_extension_header_is_refused(tmp_path):
    assert reason(tmp_path, raw(pax(("path", b"demo/a")))) == "its tar ends after an extension header"


def _zip():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("demo/Chart.yaml", CHART_YAML)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"\n<!doctype html><title>Sign in</title>", "it is not compressed with gzip: it looks like an HTML page"),
        (b'{"errors": []}', "it is not compressed with gzip: it looks like a JSON document"),
        (_zip(), "it is not compressed with gzip: it looks like a zip file"),
        (tar([("demo/Chart.yaml", CHART_YAML)]), "it is not compressed with gzip: it looks like a plain tar"),
        (b"hello", "it is not compressed with gzip"),
        (b"\x1f\x8b", "its gzip stream ends in the middle"),
        (packed(b""), "it has no Chart.yaml"),
        (packed(b"<html>" * 200), "its tar has a header with a number that is none"),
    ],
)
def test_E14_what_is_no_archive_is_told_by_its_looks(tmp_path, data, why):
    assert reason(tmp_path, data) == why


def test_E15_foreign_dependency_names_stay_text(tmp_path):
    declared = b"dependencies:\n- {name: ../../x, alias: ../../y, version: '*', repository: 'file://../..'}\n"
    content = read(tmp_path, chart(chart_yaml=CHART_YAML + declared))
    assert [(one.name, one.alias) for one in content.dependencies] == [("../../x", "../../y")]


def test_E15_a_chart_yaml_over_its_limit_is_refused(tmp_path):
    declared = b"dependencies:\n- {name: a, condition: " + b"c" * MIB + b"}\n"
    assert reason(tmp_path, chart(chart_yaml=CHART_YAML + declared)) == "its Chart.yaml has more than 1 MiB"


def test_directories_and_global_headers_are_passed_over_as_helm_does(tmp_path):
    data = raw(
        entry(b"pax_global_header", b"52 comment=0123456789abcdef0123456789abcdef01234567\n", type=b"g"),
        entry(b"demo/", type=b"5"),
        entry(b"demo/templates/", type=b"\0", magic=b""),
        entry(b"demo/values.yaml", b"a: 1\n", type=b"\0", magic=b""),
    )
    assert read(tmp_path, data).values == "a: 1\n"


def test_a_pax_size_and_path_count_more_than_the_header(tmp_path):
    header = pax(("mtime", b"1.5"), ("size", b"5"), ("path", b"demo/values.yaml"))
    data = raw(header, entry(b"demo/other", b"a: 1\n", size_field=b"00000000000\0"))
    assert read(tmp_path, data).values == "a: 1\n"


def test_a_checksum_over_signed_bytes_counts_too(tmp_path):
    name = "demo/templates/größe.yaml".encode()
    proper = entry(name, b"x")
    unsigned = sum(proper[:148]) + 8 * 32 + sum(proper[156:BLOCK])
    signed = unsigned - 256 * sum(byte > 127 for byte in name)
    content = read(tmp_path, raw(entry(name, b"x", checksum=signed)))
    assert [file.path for file in content.templates] == ["templates/größe.yaml"]


def test_a_link_has_no_data_whatever_its_size_says(tmp_path):
    data = raw(entry(b"demo/link", type=b"2", size_field=b"00000000777\0"), entry(b"demo/values.yaml", b"a: 1\n"))
    assert read(tmp_path, data).values == "a: 1\n"
