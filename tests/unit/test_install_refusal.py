"""Each refusal of an API server is an error of its own, in words that help and without anything secret."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.refusal import MAX_DETAIL, Asked, refusal
from indexer.errors import (
    CaptainAbsent,
    ChartroomError,
    ClusterError,
    ClusterRefused,
    InstallNotFound,
    ObjectConflict,
    ObjectInvalid,
    ObjectNotFound,
)

ASKED = Asked("home", "app.alauda.io/v1alpha1", "apps", "web", ("t0ken",))


def told(status: int, message: str, **more: Any) -> ChartroomError:
    return refusal(ASKED, status, json.dumps({"kind": "Status", "message": message, "code": status, **more}))


def test_L2_401_and_403_say_what_the_cluster_said() -> None:
    error = told(
        403, 'User "catalog" cannot create resource "helmrequests" in the namespace "apps"', reason="Forbidden"
    )
    assert isinstance(error, ClusterRefused)
    assert "403" in error.cause
    assert 'in the namespace "apps"' in error.cause
    assert isinstance(told(401, "Unauthorized"), ClusterRefused)


def test_L2_404_of_the_object_of_the_namespace_and_of_the_whole_group_are_three_things() -> None:
    assert isinstance(told(404, "not found", details={"name": "web", "kind": "helmrequests"}), InstallNotFound)
    absent = told(404, "not found", details={"name": "apps", "kind": "namespaces"})
    assert isinstance(absent, ObjectInvalid)
    assert "namespace apps does not exist" in absent.cause
    assert isinstance(refusal(ASKED, 404, "404 page not found\n"), CaptainAbsent)
    assert isinstance(told(404, "the server could not find the requested resource", details={}), CaptainAbsent)
    assert type(refusal(ASKED, 404, "<html>nginx</html>")) is ClusterError


def test_L2_409_tells_taken_from_being_deleted() -> None:
    taken = told(409, 'helmrequests.app.alauda.io "web" already exists', reason="AlreadyExists")
    going = told(
        409, 'object is being deleted: helmrequests.app.alauda.io "web" already exists', reason="AlreadyExists"
    )
    assert isinstance(taken, ObjectConflict)
    assert isinstance(going, ObjectConflict)
    assert (taken.params["taken"], taken.params["deleting"]) == (True, False)
    assert (going.params["taken"], going.params["deleting"]) == (False, True)
    assert "still being deleted" in going.cause


def test_L2_422_has_a_line_for_each_field() -> None:
    causes = [
        {"field": "spec.version", "message": "must be string"},
        {"field": "spec.chart", "message": "must be string"},
    ]
    error = told(422, "is invalid", details={"causes": causes})
    assert isinstance(error, ObjectInvalid)
    assert error.params["detail"].splitlines() == ["spec.version: must be string", "spec.chart: must be string"]


def test_L2_400_for_unknown_fields_has_a_line_for_each() -> None:
    error = told(400, 'strict decoding error: unknown field "extra", unknown field "spec.colour"')
    assert error.params["detail"].splitlines() == ['unknown field "extra"', 'unknown field "spec.colour"']


@pytest.mark.parametrize(
    ("status", "message"),
    [(413, "Request entity too large: limit is 3145728"), (500, "etcdserver: request is too large")],
)
def test_L2_too_large_is_about_the_object_whatever_the_status(status: int, message: str) -> None:
    assert isinstance(told(status, message), ObjectInvalid)


@pytest.mark.parametrize("status", [410, 500, 502, 503, 504, 302])
def test_L2_any_other_status_is_kept(status: int) -> None:
    error = told(status, "etcd has no leader")
    assert type(error) is ClusterError
    assert (error.params["status"], error.params["detail"]) == (status, "etcd has no leader")


def test_L2_html_of_a_balancer_is_named_and_never_quoted() -> None:
    error = refusal(ASKED, 502, "<html><body>Bad Gateway t0ken</body></html>")
    assert "HTML" in error.cause
    assert "Bad Gateway" not in error.cause


def test_L2_a_token_that_the_server_echoes_is_taken_out() -> None:
    assert "t0ken" not in told(403, "the token t0ken is not good for this").cause


def test_a_huge_message_is_cut() -> None:
    assert len(told(500, "x" * 100_000).params["detail"]) <= MAX_DETAIL


BODIES = st.text() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["message", "details", "causes", "kind"]), inner),
    max_leaves=8,
).map(json.dumps)


@given(st.sampled_from([400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 502]), BODIES)
def test_L2_no_body_of_any_shape_gets_past_it(status: int, body: str) -> None:
    error = refusal(ASKED, status, body)
    assert isinstance(error, ClusterError | InstallNotFound)
    assert error.cause


def test_a_namespace_that_was_asked_for_itself_is_not_found_and_no_mistake_of_a_manifest() -> None:
    body = json.dumps({"message": "not found", "details": {"name": "apps", "kind": "namespaces"}})
    asked = Asked("home", "v1", "", "apps", kind="Namespace")
    assert isinstance(refusal(asked, 404, body), ObjectNotFound)
