"""A form becomes exactly the HelmRequest that captain can work with, or the reason why not."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.checks import Check, draft, failed
from catalog_web.install.checks.form import check_form, check_size, check_values
from catalog_web.install.helmrequest import (
    MAX_REQUEST_BYTES,
    InstallForm,
    kubectl_command,
    label_value,
    manifest,
    manifest_yaml,
    owner_of_release,
)
from catalog_web.values.reading import parse_values
from indexer.errors import ClusterTimedOut

GOOD = InstallForm(
    source="sample",
    chart_repo="sample-repo",
    chart="lighthouse",
    version="1.2.0",
    cluster="home",
    namespace="apps",
    name="beacon",
    values_yaml="",
    request_id="0b7e",
    person="local",
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))  # what a cluster can store
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def problem(form: InstallForm) -> Check | None:
    return next((one for one in check_form(form) if one.state == "fail"), None)


def test_the_manifest_is_what_the_contract_says_field_by_field() -> None:
    assert manifest(GOOD, {"replicaCount": 2}, "v1alpha1") == {
        "apiVersion": "app.alauda.io/v1alpha1",
        "kind": "HelmRequest",
        "metadata": {
            "name": "beacon",
            "namespace": "apps",
            "labels": {
                "app.kubernetes.io/managed-by": "chartroom",
                "chartroom.dev/source": "sample",
                "chartroom.dev/chart": "lighthouse",
                "chartroom.dev/request": "0b7e",
            },
        },
        "spec": {
            "chart": "sample-repo/lighthouse",
            "version": "1.2.0",
            "namespace": "apps",
            "releaseName": "beacon",
            "values": {"replicaCount": 2},
        },
    }


def test_it_has_no_annotations_because_captain_takes_a_change_of_them_for_an_upgrade() -> None:
    assert "annotations" not in manifest(GOOD, {}, "v1alpha1")["metadata"]


def test_values_are_left_out_where_nothing_differs_from_the_defaults() -> None:
    assert "values" not in manifest(GOOD, {}, "v1alpha1")["spec"]


def test_a_null_among_the_values_is_sent() -> None:
    assert manifest(GOOD, {"image": {"tag": None}}, "v1alpha1")["spec"]["values"] == {"image": {"tag": None}}


def test_the_api_version_is_the_configured_one() -> None:
    assert manifest(GOOD, {}, "v1")["apiVersion"] == "app.alauda.io/v1"


def test_the_version_is_sent_as_the_index_lists_it() -> None:
    assert manifest(replace(GOOD, version="v1.2"), {}, "v1")["spec"]["version"] == "v1.2"


@pytest.mark.parametrize("text", ["lighthouse", "a.b_c-D", "0", "x" * 63, ""])
def test_a_valid_label_value_stays_as_it_is(text: str) -> None:
    assert label_value(text) == text


@given(st.text())
def test_whatever_a_chart_is_called_its_label_is_valid(text: str) -> None:
    value = label_value(text)
    assert len(value) <= 63
    assert value == "" or (value[0].isalnum() and value[-1].isalnum() and value.isascii())
    assert all(c.isalnum() or c in "-_." for c in value)


def test_two_names_that_are_alike_but_too_long_get_different_labels() -> None:
    assert label_value("x" * 64) != label_value("x" * 65)


def test_a_good_form_passes_every_check_that_needs_no_cluster() -> None:
    states = {one.id: one.state for one in check_form(GOOD)}
    assert states.pop("chart") == "unknown"  # only the cluster knows its ChartRepos
    assert set(states.values()) == {"ok"}


@pytest.mark.parametrize("name", ["a", "web-1", "1web", "x" * 53])
def test_a_dns_label_of_at_most_53_characters_is_a_name(name: str) -> None:
    assert problem(replace(GOOD, name=name)) is None


@pytest.mark.parametrize(
    "name", ["", "x" * 54, "Web", "web.shop", "-web", "web-", "web_1", "..", "a/b", "wéb", "web\n"]
)
def test_L4_L5_any_other_name_is_refused_before_the_cluster_is_asked(name: str) -> None:
    bad = problem(replace(GOOD, name=name))
    assert bad is not None
    assert bad.id == "name"
    assert "53" in bad.remedy


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "A release name is missing."),
        ("UPPER", "it has characters other than a–z, 0–9 and hyphens."),
        ("x" * 54, "it has 54 characters."),
        ("web-", "it begins or ends with a hyphen."),
    ],
)
def test_a_name_is_refused_for_the_one_reason_that_applies(name: str, reason: str) -> None:
    bad = problem(replace(GOOD, name=name))
    assert bad is not None
    assert bad.cause.removeprefix(f"“{name}” cannot be a release name: ") == reason


@pytest.mark.parametrize("namespace", ["", "x" * 64, "Apps", "..", "a/b", "kube.system"])
def test_L5_a_namespace_that_is_no_dns_label_is_refused(namespace: str) -> None:
    bad = problem(replace(GOOD, namespace=namespace))
    assert bad is not None
    assert bad.id == "namespace"


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3", "1.2", "1", "1.2.3-rc.1", "1.2.3+build.5", "2024.01.07"])
def test_an_exact_version_is_taken(version: str) -> None:
    assert problem(replace(GOOD, version=version)) is None


@pytest.mark.parametrize(
    "version", ["", "^1.2", "~1", "1.x", "1.2.*", "*", "latest", ">1", "1 2", "1 - 2", "1||2", "1.2.3\n"]
)
def test_a_range_or_nothing_is_no_version(version: str) -> None:
    bad = problem(replace(GOOD, version=version))
    assert bad is not None
    assert bad.id == "version"


@pytest.mark.parametrize(
    "change", [{"chart": "library/nginx"}, {"chart": ""}, {"chart_repo": ""}, {"chart_repo": "a/b"}]
)
def test_a_chart_that_captain_cannot_name_is_refused(change: dict[str, str]) -> None:
    bad = problem(replace(GOOD, **change))
    assert bad is not None
    assert bad.id == "chart"


def test_L4_a_helmrequest_over_one_and_a_half_mebibytes_is_refused_before_the_call() -> None:
    small = manifest(GOOD, {"text": "x" * 1_000}, "v1")
    large = manifest(GOOD, {"text": "x" * MAX_REQUEST_BYTES}, "v1")
    assert (check_size(small).state, check_size(large).state) == ("ok", "fail")
    assert str(MAX_REQUEST_BYTES) in check_size(large).cause


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object()])
def test_values_that_json_cannot_carry_are_refused(value: Any) -> None:
    assert check_values({"a": [value]}).state == "fail"


def test_a_number_that_the_cluster_would_round_is_told_with_its_place() -> None:
    found = check_values({"a": [{"b": 2**63}]})
    assert (found.state, found.params) == ("warn", {"path": "a[0].b"})
    assert check_values({"a": [2**63 - 1, -(2**63), True]}).state == "ok"


def test_a_check_that_an_error_ended_keeps_its_texts_for_translation() -> None:
    error = ClusterTimedOut(cluster="home", seconds=10)
    found = failed("dry-run", error, state="unknown")
    assert (found.cause, found.remedy, found.state) == (error.cause, error.remedy, "unknown")
    assert found.cause_text == ClusterTimedOut.cause_text


def existing(name: str, where: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": where}, "spec": spec}


def test_a_release_is_owned_by_whoever_names_it_in_that_namespace() -> None:
    others = [existing("other", "ops", releaseName="beacon", namespace="apps")]
    owner = owner_of_release(others, "apps", "beacon")
    assert owner is not None
    assert (owner.namespace, owner.name) == ("ops", "other")


def test_without_names_in_its_spec_a_helmrequest_owns_the_release_of_its_own_name_and_namespace() -> None:
    assert owner_of_release([existing("beacon", "apps")], "apps", "beacon") is not None
    assert owner_of_release([existing("beacon", "ops")], "apps", "beacon") is None
    assert owner_of_release([existing("beacon", "apps", releaseName="other")], "apps", "beacon") is None


def test_L3_foreign_objects_of_any_shape_own_nothing() -> None:
    assert owner_of_release([None, 1, {}, {"spec": None, "metadata": []}], "apps", "beacon") is None


@given(st.dictionaries(TEXT, JSON_VALUES, max_size=4))
def test_the_shown_yaml_reads_back_as_the_very_manifest(values: dict[str, Any]) -> None:
    wanted = manifest(GOOD, values, "v1alpha1")
    assert yaml.safe_load(manifest_yaml(wanted)) == wanted


@given(st.dictionaries(TEXT, JSON_VALUES, max_size=4))
def test_values_that_are_written_as_yaml_are_read_as_the_same_values(values: dict[str, Any]) -> None:
    assert parse_values(manifest_yaml(values)) == values


@pytest.mark.parametrize(
    "text", ["yes", "on", "n", "1e3", "0o17", "1_000", "null", "~", "12:30:00", "0x1f", ".5", "2024-01-01"]
)
def test_a_text_that_some_yaml_reader_would_take_for_more_is_quoted(text: str) -> None:
    assert f'"{text}"' in manifest_yaml({"value": text})


def test_the_command_creates_and_does_not_apply() -> None:
    command = kubectl_command(manifest(GOOD, {"motd": "one\nEOF\ntwo\n"}, "v1alpha1"))
    assert command.startswith("kubectl create -f - <<'EOF'\n")
    assert [line for line in command.splitlines() if line == "EOF"] == ["EOF"]
    assert yaml.safe_load(command.partition("\n")[2].removesuffix("EOF\n"))["spec"]["chart"] == "sample-repo/lighthouse"


# -- what is not claimed


def test_a_library_chart_is_refused_because_helm_does_not_install_it() -> None:
    found = draft(replace(GOOD, chart_type="library"))
    bad = next(one for one in found.checks if one.state == "fail")
    assert (bad.id, found.sendable, found.helmrequest) == ("type", False, None)
    assert "library" in bad.cause
    assert bad.remedy


def test_the_check_of_values_claims_only_that_they_can_be_sent() -> None:
    ok, schema = check_values({"a": 1}), check_values({"a": 1}, has_schema=True)
    assert (ok.state, ok.cause) == ("ok", "The values are a mapping and can be sent.")
    assert schema.state == "unknown"
    assert schema.cause == "The values are a mapping and can be sent. captain checks them against the chart’s schema."


def test_an_archive_that_could_not_be_had_is_a_warning_with_its_cause() -> None:
    found = draft(replace(GOOD, archive_error=ClusterTimedOut(cluster="home", seconds=15)))
    row = next(one for one in found.checks if one.id == "archive")
    assert (row.state, row.cause) == ("warn", ClusterTimedOut(cluster="home", seconds=15).cause)
    assert found.sendable


@pytest.mark.parametrize("change", [{"name": "UPPER"}, {"namespace": ""}, {"version": "^1"}, {"chart": "a/b"}])
def test_no_manifest_is_offered_with_a_name_that_cannot_be(change: dict[str, str]) -> None:
    assert draft(replace(GOOD, **change)).helmrequest is None
