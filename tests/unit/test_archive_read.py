"""What a reader gets from a proper chart archive."""

import hashlib
import tarfile

import pytest
from chart_archives import chart, packed, saved, tar

from indexer.archive import check_digest, read_archive, read_chart_metadata
from indexer.errors import BadArchive, DigestMismatch


def read(tmp_path, *files, **more):
    return read_archive(saved(tmp_path, chart(*files, **more)), chart="demo", version="1.2.3")


def test_it_gives_every_part_that_a_page_shows(tmp_path):
    content = read(
        tmp_path,
        ("README.md", b"# Demo\n"),
        ("values.yaml", b"replicas: 1  # one is enough\n"),
        ("values.schema.json", b'{"type": "object"}'),
        ("templates/deployment.yaml", b"kind: Deployment\n"),
        ("templates/NOTES.txt", b"Well done.\n"),
        ("templates/_helpers.tpl", b"{{- /* names */ -}}\n"),
        ("crds/widget.yaml", b"kind: CustomResourceDefinition\n"),
        ("ci/test-values.yaml", b"replicas: 2\n"),
    )
    assert (content.metadata.name, content.metadata.version) == ("demo", "1.2.3")
    assert content.readme == "# Demo\n"
    assert content.values == "replicas: 1  # one is enough\n"
    assert content.schema == '{"type": "object"}'
    assert [file.path for file in content.templates] == [
        "templates/NOTES.txt",
        "templates/_helpers.tpl",
        "templates/deployment.yaml",
    ]
    assert [(file.path, file.text) for file in content.crds] == [
        ("crds/widget.yaml", "kind: CustomResourceDefinition\n")
    ]
    assert content.notes == ()


def test_it_says_size_and_digest_of_the_packed_bytes(tmp_path):
    data = chart()
    content = read_archive(saved(tmp_path, data), chart="demo", version="1.2.3")
    assert (content.size, content.digest) == (len(data), hashlib.sha256(data).hexdigest())


def test_absent_files_are_empty(tmp_path):
    content = read(tmp_path)
    assert (content.readme, content.values, content.schema, content.templates, content.crds) == ("", "", "", (), ())


def test_values_keep_comments_and_line_ends_byte_for_byte(tmp_path):
    values = "# 中文\r\na: &x 1\r\n\tb: *x\r\n\r\n"
    assert read(tmp_path, ("values.yaml", values.encode())).values == values


def test_a_byte_order_mark_is_dropped(tmp_path):
    content = read(tmp_path, ("values.yaml", b"\xef\xbb\xbfa: 1\n"), ("README.md", b"\xef\xbb\xbf# Demo"))
    assert (content.values, content.readme) == ("a: 1\n", "# Demo")


@pytest.mark.parametrize("name", ["README.md", "readme.md", "ReadMe.MD", "README.txt", "README"])
def test_a_readme_is_found_however_its_name_is_written(tmp_path, name):
    assert read(tmp_path, (name, b"hello")).readme == "hello"


def test_markdown_is_preferred_among_several_readmes_and_the_other_is_told(tmp_path):
    content = read(tmp_path, ("README", b"plain"), ("README.md", b"# marked"))
    assert content.readme == "# marked"
    assert content.notes == ("“README.md” is shown; there is “README” as well.",)


def test_text_that_is_not_utf8_is_shown_as_far_as_possible_with_a_note(tmp_path):
    content = read(tmp_path, ("README.md", "Grüße".encode("latin-1")))
    assert content.readme == "Gr\ufffd\ufffde"
    assert content.notes == ("“README.md” is not UTF-8; what could not be read is shown as �.",)


def test_D15_what_one_of_the_databases_refuses_is_replaced_before_it_is_stored(tmp_path):
    content = read(tmp_path, ("values.yaml", b"a: \0\x1b[31m\n"), ("README.md", b"\xed\xa0\x80"))
    assert content.values == "a: \ufffd\ufffd[31m\n"
    content.readme.encode("utf-8")
    assert len(content.notes) == 2


def test_a_binary_file_among_the_templates_is_named_and_not_shown(tmp_path):
    content = read(tmp_path, ("templates/logo.png", b"\x89PNG\r\n\0\0\0"))
    assert content.templates == ()
    assert content.notes == ("“templates/logo.png” is a binary file, not shown.",)


def test_a_template_with_a_stray_control_character_is_shown_without_it(tmp_path):
    content = read(tmp_path, ("templates/a.yaml", b"a: \0 1\n"))
    assert [file.text for file in content.templates] == ["a: \ufffd 1\n"]
    assert content.notes == ("“templates/a.yaml” has control characters, shown as �.",)


def test_a_template_over_its_limit_is_named_and_the_rest_is_read(tmp_path):
    content = read(tmp_path, ("templates/big.yaml", b"#" * (2 * 2**20 + 1)), ("templates/small.yaml", b"a: 1\n"))
    assert [file.path for file in content.templates] == ["templates/small.yaml"]
    assert content.notes == ("“templates/big.yaml” has more than 2 MiB, not read.",)


def test_templates_beyond_what_is_kept_of_one_chart_are_named(tmp_path):
    files = [(f"crds/{number:02}.yaml", b"# a comment\n" * 170_000) for number in range(9)]
    content = read(tmp_path, *files)
    assert len(content.crds) == 8
    assert content.notes == ("“crds/08.yaml” is beyond the 16 MiB kept of a chart, not read.",)


def test_a_long_readme_is_cut_at_a_line(tmp_path):
    content = read(tmp_path, ("README.md", b"one line of it\n" * 100_000))
    assert len(content.readme) <= 2**20
    assert content.readme.endswith("one line of it\n")
    assert content.notes == ("“README.md” is cut after 1 MiB.",)


def test_many_notes_are_summed_up(tmp_path):
    content = read(tmp_path, *((f"templates/{number}.bin", b"\0\xff") for number in range(60)))
    assert len(content.notes) == 51
    assert content.notes[-1] == "And 10 more of the kind."


def test_dependencies_come_from_chart_yaml(tmp_path):
    declared = b"dependencies:\n- name: redis\n  version: 1.x.x\n  alias: cache\n"
    content = read(tmp_path, chart_yaml=b"apiVersion: v2\nname: demo\nversion: 1.2.3\n" + declared)
    assert [(one.name, one.version, one.alias) for one in content.dependencies] == [("redis", "1.x.x", "cache")]


@pytest.mark.parametrize("head", [b"", b"---\n", b"# written by hand\n\n---\r\n", b"\xef\xbb\xbf"])
def test_dependencies_of_an_old_chart_come_from_requirements_yaml(tmp_path, head):
    content = read(tmp_path, ("requirements.yaml", head + b"dependencies:\n- name: redis\n  version: 1.x.x\n"))
    assert [one.name for one in content.dependencies] == ["redis"]
    assert content.notes == ()


def test_requirements_that_cannot_be_read_are_a_note(tmp_path):
    content = read(tmp_path, ("requirements.yaml", b"dependencies: [\n"))
    assert content.dependencies == ()
    assert content.notes[0].startswith("“requirements.yaml” cannot be read: ")


def test_a_chart_packed_from_inside_its_folder_is_read(tmp_path):
    path = saved(tmp_path, packed(tar([("./Chart.yaml", b"name: demo\nversion: 1.2.3\n"), ("./values.yaml", b"a: 1")])))
    assert read_archive(path, chart="demo", version="1.2.3").values == "a: 1"


def test_a_chart_packed_on_windows_is_read(tmp_path):
    path = saved(tmp_path, chart(("templates\\a.yaml", b"a: 1")))
    content = read_archive(path, chart="demo", version="1.2.3")
    assert [file.path for file in content.templates] == ["templates/a.yaml"]


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_every_format(tmp_path, format):
    name = "templates/" + "/".join(["a-folder-with-a-name"] * 8) + "/图表.yaml"
    files = [("demo/Chart.yaml", b"name: demo\nversion: 1.2.3\n"), (f"demo/{name}", b"a: 1")]
    content = read_archive(saved(tmp_path, packed(tar(files, format))), chart="demo", version="1.2.3")
    assert [file.path for file in content.templates] == [name]


def test_an_unpacked_subchart_is_not_taken_for_the_chart(tmp_path):
    content = read(
        tmp_path,
        ("charts/redis/Chart.yaml", b"name: redis\nversion: 9.9.9\n"),
        ("charts/redis/values.yaml", b"sub: 1"),
        ("charts/redis/templates/a.yaml", b"sub: 1"),
        ("charts/redis/values.yaml", b"again: 1"),
    )
    assert (content.metadata.name, content.values, content.templates) == ("demo", "", ())


def test_only_the_metadata_is_read_for_a_folder_of_archives(tmp_path):
    metadata = read_chart_metadata(saved(tmp_path, chart(("values.yaml", b"a: 1"))))
    assert (metadata.name, metadata.version) == ("demo", "1.2.3")


@pytest.mark.parametrize(
    ("file", "chart_name", "version"),
    [
        ("redis-10.5.7.tgz", "redis", "10.5.7"),
        ("cert-manager-v0.6.6.tgz", "cert-manager", "v0.6.6"),
        ("a-1.0.0-rc.1.tgz", "a", "1.0.0-rc.1"),
        ("notes.tgz", "notes", "?"),
    ],
)
def test_a_refused_archive_of_a_folder_is_named_as_its_file_is(tmp_path, file, chart_name, version):
    with pytest.raises(BadArchive) as refused:
        read_chart_metadata(saved(tmp_path, b"", file))
    assert refused.value.params == {"chart": chart_name, "version": version, "detail": "it is empty"}


def test_a_chart_yaml_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(BadArchive, match=r"demo 1\.2\.3 is refused: its Chart\.yaml cannot be read"):
        read(tmp_path, chart_yaml=b"[")


@pytest.mark.parametrize(("listed", "version"), [("other", "1.2.3"), ("demo", "1.2.4"), ("demo", "v1.2.3")])
def test_E10_an_archive_that_holds_another_chart_than_listed_is_refused_naming_both(tmp_path, listed, version):
    with pytest.raises(BadArchive) as refused:
        read_archive(saved(tmp_path, chart()), chart=listed, version=version)
    assert f"The archive of {listed} {version} is refused" in refused.value.cause
    assert "“demo” “1.2.3”" in refused.value.cause


def test_E11_a_file_whose_digest_differs_from_the_index_is_refused(tmp_path):
    path = saved(tmp_path, chart())
    with pytest.raises(DigestMismatch) as refused:
        check_digest(path, "0" * 64, "demo", "1.2.3")
    assert refused.value.params["actual"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert refused.value.params["expected"] == "0" * 64


@pytest.mark.parametrize("form", ["{}", "sha256:{}", " {} ", "SHA256:{}"])
def test_E11_a_digest_is_recognised_in_every_form(tmp_path, form):
    path = saved(tmp_path, chart())
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    assert check_digest(path, form.format(actual.upper()), "demo", "1.2.3") == actual


def test_E11_an_index_without_a_digest_promises_nothing(tmp_path):
    path = saved(tmp_path, chart())
    assert check_digest(path, "", "demo", "1.2.3") == hashlib.sha256(path.read_bytes()).hexdigest()


# -- changelog, licence, presets, subcharts


@pytest.mark.parametrize("name", ["CHANGELOG.md", "Changelog.md", "CHANGELOG.txt", "CHANGELOG"])
def test_the_changelog_is_read_however_its_name_is_written(tmp_path, name):
    assert read(tmp_path, (name, b"# 1.0.0\r\n")).changelog == "# 1.0.0\r\n"


@pytest.mark.parametrize("name", ["LICENSE", "LICENCE", "License.txt", "LICENSE.md"])
def test_the_licence_is_read_however_its_name_is_written(tmp_path, name):
    assert read(tmp_path, (name, b"MIT")).licence_text == "MIT"


def test_a_long_changelog_and_a_long_licence_are_cut(tmp_path):
    content = read(tmp_path, ("CHANGELOG.md", b"a line\n" * 200_000), ("LICENSE", b"a line\n" * 60_000))
    assert len(content.changelog) <= 2**20
    assert len(content.licence_text) <= 2**18
    assert content.notes == ("“CHANGELOG.md” is cut after 1 MiB.", "“LICENSE” is cut after 256 KiB.")


def test_files_of_values_beside_the_defaults_are_kept_byte_for_byte(tmp_path):
    content = read(
        tmp_path,
        ("values.yaml", b"a: 1\n"),
        ("values-production.yaml", b"a: 2 # zwei\r\n"),
        ("values.ha.yml", b"a: 3\n"),
        ("values.schema.json", b"{}"),
        ("ci/values-test.yaml", b"a: 4\n"),
        ("myvalues-x.yaml", b"a: 5\n"),
    )
    assert [(one.path, one.text) for one in content.values_files] == [
        ("values-production.yaml", "a: 2 # zwei\r\n"),
        ("values.ha.yml", "a: 3\n"),
    ]


def test_of_many_or_large_files_of_values_the_first_are_kept(tmp_path):
    content = read(tmp_path, *((f"values-{number:02}.yaml", b"a: 1\n") for number in range(30)))
    assert len(content.values_files) == 20
    assert content.notes == ("“values-20.yaml” is beyond the 20 files of values kept.",)
    content = read(tmp_path, ("values-big.yaml", b"#" * (2**20 + 1)))
    assert content.values_files == ()
    assert content.notes == ("“values-big.yaml” has more than 1 MiB, not read.",)


def subchart(name, values=b""):
    return {"Chart.yaml": f"name: {name}\nversion: 2.0.0\n".encode(), "values.yaml": values}


def below(folder, files):
    return [(f"{folder}/{path}", data) for path, data in files.items()]


def test_subcharts_are_read_from_folders_and_from_archives(tmp_path):
    packed_one = packed(tar(below("redis", subchart("redis", b"image: redis:7\n"))))
    files = [*below("charts/web", subchart("web", b"a: 1 # eins\n")), ("charts/redis-2.0.0.tgz", packed_one)]
    content = read(tmp_path, *files)
    assert {(one.name, one.version, one.values) for one in content.subcharts} == {
        ("web", "2.0.0", "a: 1 # eins\n"),
        ("redis", "2.0.0", "image: redis:7\n"),
    }
    assert content.notes == ()


def test_the_schema_of_a_subchart_is_read(tmp_path):
    files = below("charts/redis", {**subchart("redis"), "values.schema.json": b'{"type": "object"}'})
    assert [one.schema for one in read(tmp_path, *files).subcharts] == ['{"type": "object"}']


def test_the_questions_of_a_chart_are_read(tmp_path):
    assert read(tmp_path, ("questions.yml", b"questions: []\n")).questions == "questions: []\n"
    both = ("questions.yml", b"b"), ("questions.yaml", b"a")
    assert read(tmp_path, *both).questions == "a"


def test_subcharts_of_subcharts_are_read_to_three_folders(tmp_path):
    folders = ["charts/a", "charts/a/charts/b", "charts/a/charts/b/charts/c", "charts/a/charts/b/charts/c/charts/d"]
    files = [one for folder in folders for one in below(folder, subchart(folder[-1]))]
    assert [one.name for one in read(tmp_path, *files).subcharts] == ["a", "a/b", "a/b/c"]


def test_what_lies_among_the_subcharts_and_is_none_is_passed_over(tmp_path):
    content = read(tmp_path, ("charts/README.md", b"x"), ("charts/_old/Chart.yaml", b"x"), ("charts/.keep", b""))
    assert (content.subcharts, content.notes) == ((), ())


def test_of_a_subcharts_file_that_stands_twice_the_last_one_counts_as_for_helm(tmp_path):
    files = [*below("charts/a", subchart("a", b"n: 1")), ("charts/a/values.yaml", b"n: 2")]
    assert [one.values for one in read(tmp_path, *files).subcharts] == ["n: 2"]


def test_an_old_subcharts_requirements_decide_about_its_own_subcharts(tmp_path):
    files = [
        *below("charts/a", subchart("a", b"b: {enabled: false}\n")),
        ("charts/a/requirements.yaml", b"dependencies:\n- {name: b, condition: b.enabled}\n"),
        *below("charts/a/charts/b", subchart("b", b"image: b:1\n")),
    ]
    (found,) = read(tmp_path, *files).images
    assert (found.reference, found.doubt, found.hint, found.chart) == ("b:1", "disabled", "b.enabled", "a/b")


def test_images_come_with_the_content(tmp_path):
    content = read(
        tmp_path,
        ("values.yaml", b"image: {repository: a/b, tag: '1'}\n"),
        ("templates/pod.yaml", b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"),
        *below("charts/redis", subchart("redis") | {"templates/pod.yaml": b"image: redis:7\n"}),
    )
    assert [(one.reference, one.certain, one.chart) for one in content.images] == [
        ("a/b:1", True, ""),
        ("redis:7", True, "redis"),
    ]


def test_G4_values_are_kept_byte_for_byte_whatever_is_in_them(tmp_path):
    for values in ("a: &x 1\nb: *x\n", "a: !!set {x}\n", "a: 1\na: 2\n", "\ta: 1\n", "a: 1\r\n", "- [" * 50):
        assert read(tmp_path, ("values.yaml", values.encode())).values == values


def test_G4_values_of_5_mb_are_kept_whole(tmp_path):
    values = b"key: value # of it\n" * 275_000
    assert len(values) > 5_000_000
    assert read(tmp_path, ("values.yaml", values)).values == values.decode()
