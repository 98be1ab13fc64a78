"""What is shown of what a release got: everything but secrets, wherever a template wrote them."""

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.manifests import HIDDEN
from catalog_web.install.masking import MAX_SECRETS, shown_manifest, shown_values
from catalog_web.install.release_record import ReleaseRecord, read
from tests.unit.test_release_record import packed, release

PASSWORD = "correct-horse-battery"
SECRET = f"""apiVersion: v1
kind: Secret
metadata:
  name: web
data:
  password: {base64.b64encode(PASSWORD.encode()).decode()}
stringData:
  plain: {PASSWORD}
"""
DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  args: ["--password={PASSWORD}"]
"""
INLINE = {"spec": {"values": {"replicas": 2}}}
FROM_SECRET = {
    "spec": {"values": {"replicas": 2}, "valuesFrom": [{"secretKeyRef": {"name": "s", "key": "values.yaml"}}]}
}


def record(values: Any, *manifests: str) -> ReleaseRecord:
    return read(release(configData=packed(values), manifestData=packed("---\n".join(manifests))))


def test_G6_a_value_whose_key_says_secret_is_hidden() -> None:
    values = {"auth": {"password": PASSWORD, "rootToken": "x", "username": "me"}, "keys": [{"apiKey": "k"}], "port": 80}
    shown = shown_values(record(values), INLINE)
    assert shown == {
        "auth": {"password": HIDDEN, "rootToken": HIDDEN, "username": "me"},
        "keys": [{"apiKey": HIDDEN}],
        "port": 80,
    }


def test_the_name_of_a_secret_is_shown() -> None:
    values = {"existingSecret": "web-login", "secretName": "web-login", "passwordSecretRef": "web-login"}
    assert shown_values(record(values), INLINE) == values


def test_G6_a_value_that_came_from_a_secret_is_hidden_whatever_its_key() -> None:
    shown = shown_values(record({"replicas": 2, "motto": PASSWORD}), FROM_SECRET)
    assert shown == {"replicas": 2, "motto": HIDDEN}


def test_G6_a_value_that_chartroom_keeps_as_a_secret_is_hidden() -> None:
    assert shown_values(record({"a": {"b": "c"}}), INLINE, ["a.b"]) == {"a": {"b": HIDDEN}}


def test_G6_a_list_that_chartroom_keeps_as_a_secret_is_hidden_with_all_that_is_in_it() -> None:
    values = {"env": [{"name": "MOTTO", "value": PASSWORD}], "users": [PASSWORD, "me"], "a.b/c[0]": PASSWORD}
    shown = shown_values(record(values), INLINE, ["env", "users[0]", r"a\.b/c\[0\]"])
    assert shown == {"env": [{"name": HIDDEN, "value": HIDDEN}], "users": [HIDDEN, "me"], "a.b/c[0]": HIDDEN}


def test_G6_what_secrets_hold_is_hidden_in_the_manifest() -> None:
    shown = shown_manifest(record({}, SECRET), "apps", INLINE)
    assert PASSWORD not in shown
    assert base64.b64encode(PASSWORD.encode()).decode() not in shown
    assert "name: web" in shown
    assert "password:" in shown


def test_G6_a_secret_inside_a_list_is_hidden_too() -> None:
    items = "".join(f"  {line}\n" for line in SECRET.splitlines()).replace("  apiVersion", "- apiVersion", 1)
    shown = shown_manifest(record({}, f"apiVersion: v1\nkind: List\nitems:\n{items}"), "apps", INLINE)
    assert PASSWORD not in shown
    assert base64.b64encode(PASSWORD.encode()).decode() not in shown


def test_G6_a_secret_value_is_hidden_wherever_a_template_wrote_it() -> None:
    shown = shown_manifest(record({"auth": {"password": PASSWORD}}, DEPLOYMENT), "apps", INLINE)
    assert PASSWORD not in shown
    assert f"--password={HIDDEN}" in shown


def test_G6_a_document_that_cannot_be_read_and_may_be_a_secret_is_left_out() -> None:
    broken = f"kind: Secret\n  data: [\n  password: {PASSWORD}\n"
    assert PASSWORD not in shown_manifest(record({}, broken, DEPLOYMENT.replace(PASSWORD, "x")), "apps", INLINE)


def test_what_holds_too_many_secrets_is_not_shown_at_all() -> None:
    values = {f"password{number}": {"password": f"secret-{number}"} for number in range(MAX_SECRETS + 1)}
    assert shown_manifest(record(values, DEPLOYMENT), "apps", INLINE).strip("# \n") == HIDDEN


words = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=8, max_size=30)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)


@given(trees, words.filter(lambda word: len(word.strip()) > 7))
def test_G6_no_secret_is_ever_shown(others: Any, secret: str) -> None:
    values = {"others": others, "auth": {"password": f"<{secret}>"}}
    shown = record(values, f"kind: ConfigMap\ndata:\n  text: |-\n    x <{secret}> y\n")
    assert f"<{secret}>" not in str(shown_values(shown, INLINE))
    assert f"<{secret}>" not in shown_manifest(shown, "apps", INLINE)
