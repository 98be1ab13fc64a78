"""What a person is told of a chart before installing it, without a cluster being asked."""

from dataclasses import replace
from typing import Any

import pytest

from catalog_web.install.checks import NO_FACTS, Check, Facts
from catalog_web.install.checks.chart import check_chart_facts
from catalog_web.install.checks.template_kinds import template_kinds
from catalog_web.install.helmrequest import InstallForm
from indexer.mirrors import Mirrors
from indexer.model import ArchiveContent, ArchiveFile, ChartMetadata, Dependency, ImageMirror, Subchart

FORM = InstallForm(
    source="sample",
    chart_repo="sample",
    chart="lighthouse",
    version="1.2.0",
    cluster="home",
    namespace="apps",
    name="beacon",
    values_yaml="",
    request_id="0b7e",
    person="local",
)
MIRRORS = Mirrors(
    [
        ImageMirror("docker.io", "mirror.example.com/hub", blocked=True),
        ImageMirror("quay.io", "", blocked=True),
    ]
)


def content(**changes: Any) -> ArchiveContent:
    plain = ArchiveContent("0", 1, ChartMetadata("lighthouse", "1.2.0"), "", "", "", (), (), ())
    return replace(plain, **changes)


def told(facts: Facts) -> dict[str, Check]:
    return {one.id: one for one in check_chart_facts(FORM, facts)}


def placed(*references: str) -> Facts:
    return Facts(images=tuple((one, MIRRORS.place(one)) for one in references))


def test_of_a_chart_of_which_nothing_is_known_nothing_is_said() -> None:
    assert told(NO_FACTS) == {}


def test_a_deprecated_chart_and_a_version_pushed_again_are_warnings_and_no_walls() -> None:
    found = told(Facts(deprecated=True, repushed=True))
    assert {one.id: one.state for one in found.values()} == {"deprecated": "warn", "repushed": "warn"}
    assert all(one.remedy for one in found.values())


def test_a_chart_that_was_packed_without_its_dependencies_is_told_with_their_names() -> None:
    facts = Facts(
        content(dependencies=(Dependency("redis"), Dependency("common")), subcharts=(Subchart("common", "1", ""),))
    )
    assert told(facts)["dependencies"].state == "warn"
    assert "archive: redis." in told(facts)["dependencies"].cause


def test_dependencies_in_the_archive_are_fine_and_an_archive_not_read_in_full_says_nothing() -> None:
    packed = content(dependencies=(Dependency("redis"),), subcharts=(Subchart("redis", "1", ""),))
    assert told(Facts(packed))["dependencies"].state == "ok"
    assert told(Facts(replace(packed, subcharts=(), partial=True))) == {}


def test_images_that_cannot_be_pulled_are_told_apart_from_those_with_a_mirror() -> None:
    found = told(placed("nginx:1", "quay.io/x/y:2", "ghcr.io/z:3"))
    assert found["images"].cause.endswith("have no mirror: quay.io/x/y:2.")
    assert "nginx:1 → mirror.example.com/hub/library/nginx:1" in found["images-mirrored"].cause
    assert told(placed("ghcr.io/z:3"))["images"].state == "ok"


def test_a_hundred_blocked_images_are_counted_and_not_listed() -> None:
    found = told(placed(*(f"quay.io/x/y{one}:2" for one in range(100))))
    assert "(+92)" in found["images"].cause


# -- kinds


def kinds(text: str, path: str = "templates/x.yaml") -> list[str]:
    return [one.text for one in template_kinds([ArchiveFile(path, text)])]


INGRESS = "apiVersion: extensions/v1beta1\nkind: Ingress\n"


def test_kinds_are_read_as_they_are_written() -> None:
    assert kinds(f"{INGRESS}---\nkind: Service\napiVersion: v1 # core\n") == [
        "extensions/v1beta1/Ingress",
        "v1/Service",
    ]


def test_a_template_that_a_value_switches_on_counts() -> None:
    assert kinds("{{- if .Values.ingress.enabled }}\n" + INGRESS + "{{- end }}") == ["extensions/v1beta1/Ingress"]


@pytest.mark.parametrize(
    "condition",
    [
        'if .Capabilities.APIVersions.Has "extensions/v1beta1"',
        'if semverCompare "<1.19-0" .Capabilities.KubeVersion.GitVersion',
        'if eq (include "common.capabilities.ingress.apiVersion" .) "extensions/v1beta1"',
    ],
)
def test_what_hangs_on_the_cluster_itself_is_left_to_the_chart(condition: str) -> None:
    assert kinds("{{- " + condition + " }}\n" + INGRESS + "{{- else }}\n" + INGRESS + "{{ end }}") == []
    assert kinds("{{ if .Values.a }}\n{{ " + condition + " }}\n" + INGRESS + "{{ end }}\n{{ end }}\nkind: Pod\n") == []


def test_what_a_helper_fills_in_is_not_guessed() -> None:
    assert kinds('apiVersion: {{ include "x.apiVersion" . }}\nkind: Ingress\n') == []
    assert kinds(INGRESS, "templates/NOTES.txt") == []


@pytest.mark.parametrize("text", ["{{ end }}" * 500, "{{ if " * 3000, "{{ else }}\n---\nkind:\napiVersion:\n"])
def test_templates_that_are_none_do_not_stop_it(text: str) -> None:
    assert kinds(text) == []
