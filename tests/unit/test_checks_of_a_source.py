"""A chart that captain takes from an address: what the address may be, and what to know of such an app."""

from dataclasses import replace
from typing import Any

import pytest

from catalog_web.install.checks import Check, draft
from catalog_web.install.helmrequest import manifest
from catalog_web.install.upgrade_form import ChartTaking, UpgradeForm, taken_as_now, upgraded
from indexer.errors import Conflict
from tests.unit.test_exports import FORM

HTTP = replace(FORM, taking="http", source_url="https://charts.example.org/redis-1.2.0.tgz", source_secret="dl")
OCI = replace(FORM, taking="oci", source_url="oci://registry.example.org:5000/charts/redis")


def checks(form: Any) -> dict[str, Check]:
    return {one.id: one for one in draft(form).checks}


def test_it_is_written_as_v1_whatever_the_cluster_is_set_to() -> None:
    made = draft(HTTP, "v1alpha1").helmrequest
    assert made is not None
    assert made["apiVersion"] == "app.alauda.io/v1"
    assert made["spec"]["source"] == {"http": {"url": HTTP.source_url, "secretRef": "dl"}}
    assert (made["spec"]["chart"], made["spec"]["version"]) == ("shop/redis", "1.2.0")


def test_a_registry_is_written_without_its_scheme() -> None:
    made = draft(OCI).helmrequest
    assert made is not None
    assert made["spec"]["source"] == {"oci": {"repo": "registry.example.org:5000/charts/redis"}}


def test_what_captain_does_with_such_an_app_is_told_before() -> None:
    found = checks(OCI)
    assert "v1alpha1" in found["chart"].cause
    assert "does not notice" in found["source-change"].cause
    assert "before Helm 3.7" in found["oci-layout"].cause
    assert all(found[one].state == "warn" for one in ("chart", "source-change", "oci-layout"))


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b.tgz", "charts.example.org/a.tgz", "https://", "https://a:x/b", "https://a\n"]
)
def test_captain_takes_an_archive_by_http_alone(url: str) -> None:
    found = checks(replace(HTTP, source_url=url))["source-url"]
    assert (found.state, draft(replace(HTTP, source_url=url)).helmrequest) == ("fail", None)


@pytest.mark.parametrize(
    "url", ["", "registry.example.org", "https://a/b", "a/B", "a/b:1.0.0", "a/b@sha256:00", "a//b"]
)
def test_captain_takes_a_registry_by_host_and_path_alone(url: str) -> None:
    assert checks(replace(OCI, source_url=url))["source-url"].state == "fail"


def test_a_version_that_cannot_be_a_tag_is_refused() -> None:
    assert checks(replace(OCI, version="1.0.0+build"))["source-url"].state == "fail"


@pytest.mark.parametrize("form", [HTTP, OCI])
def test_an_address_with_a_login_is_refused_and_not_repeated(form: Any) -> None:
    url = form.source_url.replace("://", "://me:s3cret@")
    found = draft(replace(form, source_url=url))
    assert found.helmrequest is None
    assert "s3cret" not in "".join(one.cause + one.remedy for one in found.checks)


def test_the_secret_with_the_login_must_have_a_name_that_one_can_have() -> None:
    assert checks(replace(HTTP, source_secret="No Name"))["source-secret"].state == "fail"


UPGRADE = UpgradeForm(
    cluster="home",
    namespace="apps",
    name="cache",
    source="shop",
    chart_repo="shop",
    chart="redis",
    version="1.3.0",
    values_yaml="",
    request_id="0b7f",
    person="local",
)


def test_an_upgrade_with_an_address_is_written_as_v1_too() -> None:
    present = {**manifest(FORM, {}, "v1alpha1")}
    form = replace(UPGRADE, taking=ChartTaking("http", "https://charts.example.org/redis-1.3.0.tgz"))
    made = upgraded(present, form, {})
    assert made["apiVersion"] == "app.alauda.io/v1"
    assert upgraded(present, replace(form, taking=ChartTaking()), {})["apiVersion"] == "app.alauda.io/v1alpha1"


@pytest.mark.parametrize(
    ("install", "source"),
    [
        (HTTP, {"http": {"url": "https://charts.example.org/redis-1.3.0.tgz", "secretRef": "dl"}}),
        (OCI, {"oci": {"repo": "registry.example.org:5000/charts/redis"}}),
    ],
)
def test_an_upgrade_takes_the_chart_from_the_address_of_its_version(install: Any, source: Any) -> None:
    present = manifest(install, {}, "v1")
    made = upgraded(present, taken_as_now(UPGRADE, present), {})
    assert made["spec"]["source"] == source


def test_an_address_that_names_no_version_is_good_for_the_present_one_alone() -> None:
    present = manifest(replace(HTTP, source_url="https://charts.example.org/latest.tgz"), {}, "v1")
    same = taken_as_now(replace(UPGRADE, version=FORM.version), present)
    assert same.taking.url == "https://charts.example.org/latest.tgz"
    with pytest.raises(Conflict):
        taken_as_now(UPGRADE, present)
