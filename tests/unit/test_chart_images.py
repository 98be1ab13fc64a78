"""The images of a chart: what it would pull by default is certain, all else is a guess that says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.images import ChartParts, chart_images, values_images
from indexer.images.chart import default_values
from indexer.images.collecting import MOST_IMAGES
from indexer.images.values import MOST_CANDIDATES, candidates
from indexer.model import ArchiveFile, ChartMetadata, Dependency

DIGEST = "sha256:" + "ab" * 32


def chart(values="", *, name="demo", subcharts=(), dependencies=(), app="1.2.3", annotations=(), kind="", **templates):
    files = tuple(ArchiveFile(f"templates/{path}.yaml", text) for path, text in templates.items())
    metadata = ChartMetadata(name, "1.0.0", app_version=app, annotations=dict(annotations), type=kind)
    return ChartParts(metadata, values, files, tuple(dependencies), tuple(subcharts))


def certain(parts):
    return [one.reference for one in chart_images(parts) if one.certain]


def guessed(parts):
    return {one.reference: one.doubt for one in chart_images(parts) if not one.certain}


POD = "kind: Pod\nspec:\n  containers:\n  - image: {}\n"


def pod(image):
    return POD.replace("{}", image)


# -- certain


def test_an_image_that_a_template_writes_by_default_is_certain_and_told_by_its_path_in_the_values():
    values = "image:\n  repository: quay.io/a/b\n  tag: '1'\n"
    (found,) = chart_images(chart(values, pod=pod('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"')))
    assert (found.reference, found.certain, found.origin, found.where, found.doubt) == (
        "quay.io/a/b:1",
        True,
        "values",
        "image",
        "",
    )


def test_an_empty_tag_is_what_the_template_makes_of_it():
    values = "image: {repository: a/b, tag: ''}\n"
    line = '"{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}"'
    assert certain(chart(values, pod=pod(line))) == ["a/b:v1.2.3"]
    assert guessed(chart(values, pod=pod(line))) == {}


def test_a_literal_image_is_told_by_its_template():
    (found,) = chart_images(chart(pod=pod("busybox:1.36 # small")))
    assert (found.reference, found.certain, found.origin, found.where) == (
        "busybox:1.36",
        True,
        "template",
        "templates/pod.yaml",
    )


def test_an_image_that_a_helper_builds_is_worked_out():
    helper = (
        '{{ define "demo.image" }}{{ $registry := .global.imageRegistry | default .image.registry -}}\n'
        '{{ if .image.digest }}{{ printf "%s/%s@%s" $registry .image.repository .image.digest -}}\n'
        '{{ else }}{{ printf "%s/%s:%v" $registry .image.repository .image.tag }}{{ end }}{{ end }}'
    )
    line = '{{ include "demo.image" (dict "image" .Values.image "global" .Values.global) }}'
    values = "global: {imageRegistry: mirror.example}\nimage: {registry: docker.io, repository: a/b, tag: 1.10}\n"
    parts = chart(values, _helpers=helper, pod=pod(line))
    assert certain(parts) == ["mirror.example/a/b:1.1"]  # as Helm reads 1.10
    assert certain(chart(values.replace("tag:", f"digest: {DIGEST}, tag:"), _helpers=helper, pod=pod(line))) == [
        f"mirror.example/a/b@{DIGEST}"
    ]


def test_what_the_author_lists_for_artifact_hub_is_certain():
    listed = f"- name: a\n  image: quay.io/a/b:1\n- name: b\n  image: c/d@{DIGEST}\n- name: broken\n"
    found = chart_images(chart(annotations={"artifacthub.io/images": listed}))
    assert [(one.reference, one.origin, one.where) for one in found] == [
        ("quay.io/a/b:1", "annotation", "artifacthub.io/images"),
        (f"c/d@{DIGEST}", "annotation", "artifacthub.io/images"),
    ]


def test_the_list_is_found_under_the_name_that_bitnami_gives_it():
    found = chart_images(chart(annotations={"images": "- name: a\n  image: docker.io/bitnami/a:1-debian-12-r0\n"}))
    assert [(one.reference, one.certain, one.where) for one in found] == [
        ("docker.io/bitnami/a:1-debian-12-r0", True, "images")
    ]


@pytest.mark.parametrize("listed", ["", "a: [", "- {image: 5}\n- x\n", "text", "[]", "- image: 'not an image'"])
def test_an_annotation_that_says_nothing_is_passed_over(listed):
    assert chart_images(chart(annotations={"artifacthub.io/images": listed})) == ()


def test_json_in_the_annotation_is_read_as_well():
    listed = '[{"name": "a", "image": "a/b:1"}]'
    assert certain(chart(annotations={"artifacthub.io/images": listed})) == ["a/b:1"]


def test_one_image_written_in_two_ways_stands_there_once_as_the_surest_names_it():
    values = "image: docker.io/library/nginx:1\nother: {image: nginx, tag: '1'}\n"
    (found,) = chart_images(chart(values, pod=pod("{{ .Values.image }}")))
    assert (found.reference, found.certain) == ("docker.io/library/nginx:1", True)


# -- guessed


@pytest.mark.parametrize(
    ("template", "doubt"),
    [
        ("{{ if .Values.up }}" + POD + "{{ end }}", "off"),
        ("{{ if .Capabilities.APIVersions.Has \"x\" }}" + POD + "{{ end }}", "unclear"),
        ("metadata:\n  annotations:\n    \"helm.sh/hook\": pre-install,test\n" + POD, "test"),
        ("kind: ConfigMap\ndata:\n  a: |\n    image: {}\n", "setting"),
        ("args:\n- --reloader={}\n", "setting"),
        ("{{ if }}" + POD, "unseen"),
    ],
)  # fmt: skip
def test_what_is_not_sure_to_be_pulled_says_why(template, doubt):
    values = "up: false\nimage: quay.io/a/b:1\n"
    parts = chart(values, pod=template.replace("{}", "{{ .Values.image }}"))
    assert certain(parts) == []
    assert guessed(parts) == {"quay.io/a/b:1": doubt}


def test_both_sides_of_an_unknown_condition_are_guessed():
    line = "a/b:{{ if .Capabilities.x }}1{{ else }}2{{ end }}"
    assert guessed(chart(pod=pod(line))) == {"a/b:1": "unclear", "a/b:2": "unclear"}


def test_an_image_whose_tag_only_the_cluster_knows_is_guessed_as_far_as_values_tell():
    values = "kubectl: {image: {repository: a/kubectl, tag: ''}}\n"
    line = "{{ .Values.kubectl.image.repository }}:{{ .Capabilities.KubeVersion.Version }}"
    assert guessed(chart(values, pod=pod(line))) == {"a/kubectl:1.2.3": "off"}


def test_where_only_values_are_known_all_are_guesses():
    values = "image: {repository: a/b, tag: ''}\nother: {image: c/d:2}\n"
    listed = {"artifacthub.io/images": "- image: e/f:3\n"}
    found = values_images(values, ChartMetadata("demo", "1.0.0", app_version="1.2.3", annotations=listed))
    assert [(one.reference, one.certain, one.doubt) for one in found] == [
        ("e/f:3", True, ""),
        ("a/b:1.2.3", False, "tag"),
        ("c/d:2", False, "unseen"),
    ]


# -- subcharts

REDIS = chart(
    "image: {repository: redis, tag: '7'}\nmetrics: {enabled: false, image: exporter:1}\n",
    name="redis",
    pod=pod('{{ printf "%s:%v" .Values.image.repository .Values.image.tag }}'),
)


def test_a_subcharts_images_are_told_with_the_parents_values_over_its_own():
    parts = chart("redis: {image: {tag: '8'}}\n", subcharts=[REDIS], dependencies=[Dependency("redis")])
    found = {one.reference: one for one in chart_images(parts)}
    assert (found["redis:8"].certain, found["redis:8"].origin) == (True, "dependency")
    assert (found["redis:8"].where, found["redis:8"].chart) == ("redis.image", "redis")
    assert (found["exporter:1"].doubt, found["exporter:1"].where) == ("off", "redis.metrics.image")


def test_a_subchart_stands_in_the_values_under_its_alias_and_may_do_so_twice():
    needed = [Dependency("redis", alias="cache"), Dependency("redis", alias="queue")]
    parts = chart("queue: {image: {tag: '6'}}\n", subcharts=[REDIS], dependencies=needed)
    found = [(one.reference, one.where) for one in chart_images(parts) if one.certain]
    assert found == [("redis:7", "cache.image"), ("redis:6", "queue.image")]


@pytest.mark.parametrize(
    ("values", "dependency", "hint"),
    [
        ("redis: {enabled: false}\n", Dependency("redis", condition="redis.enabled"), "redis.enabled"),
        ("a: {up: false}\n", Dependency("redis", condition="gone.up, a.up"), "a.up"),
        ("tags: {db: false}\n", Dependency("redis", tags=("db",)), "tags.db"),
        ("x: {enabled: false}\n", Dependency("redis", alias="x", condition="x.enabled"), "x.enabled"),
    ],
)
def test_a_subchart_that_is_off_by_default_is_guessed_with_what_would_switch_it_on(values, dependency, hint):
    parts = chart(values, subcharts=[REDIS], dependencies=[dependency])
    assert certain(parts) == []
    assert {(one.doubt, one.hint) for one in chart_images(parts)} == {("disabled", hint)}


@pytest.mark.parametrize(
    ("values", "dependency"),
    [
        ("redis: {enabled: true}\ntags: {db: false}\n", Dependency("redis", condition="redis.enabled", tags=("db",))),
        ("", Dependency("redis", condition="redis.enabled", tags=("db",))),
        ("tags: {db: false, cache: true}\n", Dependency("redis", tags=("db", "cache"))),
        ("redis: {enabled: 'yes'}\n", Dependency("redis", condition="redis.enabled")),
    ],
)
def test_a_subchart_that_nothing_switches_off_takes_part(values, dependency):
    assert "redis:7" in certain(chart(values, subcharts=[REDIS], dependencies=[dependency]))


def test_a_null_takes_a_subcharts_default_away_and_global_goes_down_to_all():
    inner = chart(
        "image: x:1\nglobal: {registry: below}\n",
        name="inner",
        pod=pod("{{ .Values.global.registry }}.example/{{ .Values.image | default .Values.global.image }}"),
    )
    outer = chart("inner: {image: null}\n", name="outer", subcharts=[inner])
    values = "global: {registry: above, image: y:2}\n"
    assert certain(chart(values, subcharts=[outer])) == ["above.example/y:2"]


def test_a_subchart_of_a_subchart_that_is_off_is_off():
    outer = chart(name="outer", subcharts=[REDIS])
    parts = chart("outer: {up: false}\n", subcharts=[outer], dependencies=[Dependency("outer", condition="outer.up")])
    assert guessed(parts)["redis:7"] == "disabled"
    assert {one.chart for one in chart_images(parts)} == {"outer/redis"}


def test_a_library_brings_templates_to_others_and_images_only_through_them():
    library = chart(
        "image: never:1\n",
        name="common",
        kind="library",
        pod=pod("literal:1"),
        _image='{{ define "common.image" }}{{ .repository }}:{{ .tag }}{{ end }}',
    )
    values = "image: {repository: a/b, tag: '1'}\n"
    parts = chart(values, subcharts=[library], pod=pod('{{ include "common.image" .Values.image }}'))
    assert certain(parts) == ["a/b:1"]


def test_values_for_a_subchart_that_is_not_in_the_archive_are_guesses():
    parts = chart("redis: {image: {repository: redis, tag: '7'}}\n", dependencies=[Dependency("redis")])
    assert guessed(parts) == {"redis:7": "off"}


# -- what looks like an image in values


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"image": "a/b:1"}, {"image": "a/b:1"}),
        ({"image": "a/b", "imageTag": "1"}, {"image": "a/b:1"}),
        ({"image": "a/b", "tag": 2}, {"image": "a/b:2"}),
        ({"sidecarImage": "a/b", "sidecarTag": "1"}, {"sidecarImage": "a/b:1"}),
        ({"sidecarImage": "a/b", "sidecarImageTag": "1"}, {"sidecarImage": "a/b:1"}),
        ({"imageName": "a/b", "imageTag": "1"}, {"imageName": "a/b:1"}),
        ({"imageRepository": "a/b", "imageTag": "1"}, {"imageRepository": "a/b:1"}),
        ({"x": {"repository": "a/b", "tag": "1"}}, {"x": "a/b:1"}),
        ({"x": {"image": {"repository": "a/b"}}}, {"x.image": "a/b"}),
        ({"x": {"image": {"name": "a/b", "tag": "1"}}}, {"x.image": "a/b:1"}),
        ({"images": {"x": {"repo": "a/b", "tag": "1"}}}, {"images.x": "a/b:1"}),
        ({"image": {"registry": "quay.io/", "repository": "a/b", "tag": "1"}}, {"image": "quay.io/a/b:1"}),
        ({"image": {"repository": "a/b", "tag": "1", "digest": DIGEST}}, {"image": f"a/b:1@{DIGEST}"}),
        ({"image": {"repository": "a/b", "sha": "ab" * 32}}, {"image": f"a/b@{DIGEST}"}),
        ({"image": {"repository": "a/b:1", "tag": "2"}}, {"image": "a/b:1"}),
        ({"pods": [{"image": "a/b:1"}, {"image": "c/d:2"}]}, {"pods[0].image": "a/b:1", "pods[1].image": "c/d:2"}),
        ({"global": {"imageRegistry": "m.io"}, "image": {"registry": "r", "repository": "a"}}, {"image": "m.io/a"}),
        ({"git": {"repository": "https://x.example/a.git", "tag": "1"}}, {}),
        ({"git": {"repository": "org/repo"}}, {}),
        ({"image": "{{ .Values.other }}"}, {}),
        ({"image": {"pullPolicy": "Always"}, "imagePullPolicy": "Always"}, {}),
        ({"image": ""}, {}),
        ({"image": {"repository": "", "tag": "1"}}, {}),
    ],
)  # fmt: skip
def test_the_usual_shapes_are_told(values, found):
    assert {one.path: one.reference.text for one in candidates(values)} == found


def test_a_subcharts_part_of_the_values_is_left_to_it():
    assert candidates({"redis": {"image": "redis:1"}, "a": {"image": "a:1"}}, frozenset({"redis"}))[0].path == "a.image"


# -- bounds


def test_no_more_images_are_told_than_anybody_reads():
    many = "".join(f"k{number}: {{image: 'a/b{number}:1'}}\n" for number in range(2 * MOST_CANDIDATES))
    assert len(chart_images(chart(many))) == MOST_IMAGES
    assert len(candidates(default_values(many))) == MOST_CANDIDATES


def test_G4_values_that_cannot_be_read_leave_what_templates_say():
    for values in ("a: [", "a: 1\na: 2\n", "\tb: 1\n", "&a [*a]", "[" * 60_000, "- list\n", "x: !!binary aGk=\n"):
        assert certain(chart(values, pod=pod("a/b:1"))) == ["a/b:1"]


def test_G4_anchors_are_followed_and_crlf_does_not_matter():
    values = "base: &base {repository: a/b, tag: '1'}\r\nimage:\r\n  <<: *base\r\n  tag: '2'\r\n"
    assert certain(chart(values, pod=pod("{{ .Values.image.repository }}:{{ .Values.image.tag }}\r"))) == ["a/b:2"]


def test_G4_values_of_5_mb_are_not_read_for_images():
    values = "image: a/b:1\n" + "# filler\n" * 600_000
    assert chart_images(chart(values)) == ()


def test_D5_values_that_are_nested_too_deep_for_templates_are_guesses():
    values = "image: {repository: app, tag: v1}\n" + "".join(f"{' ' * depth}a{depth}:\n" for depth in range(90))
    parts = chart(values, pod=pod("{{ .Values.image.repository }}:{{ .Values.image.tag }}") + pod("redis:7"))
    assert guessed(parts)["app:v1"] == "unseen"


def test_E15_a_cycle_of_dependencies_and_thousands_of_aliases_end():
    needed = [Dependency("redis", alias=f"a{number}") for number in range(5_000)]
    found = chart_images(chart(subcharts=[REDIS], dependencies=needed))
    assert {one.reference for one in found} == {"redis:7", "exporter:1"}


_KEYS = st.sampled_from(["image", "repository", "tag", "registry", "digest", "name", "global", "redis", "enabled", "a"])
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("a/b:1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _TREES, max_size=5))
def test_it_never_raises_on_any_tree_of_values(values):
    for one in candidates(values):
        assert one.reference.text


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=100))
def test_it_never_raises_on_any_text(values, template, annotation):
    inner = chart(values, name="redis", pod=template)
    parts = chart(
        values, subcharts=[inner], pod="image: " + template, annotations={"artifacthub.io/images": annotation}
    )
    for one in chart_images(parts):
        assert one.certain == (not one.doubt)
