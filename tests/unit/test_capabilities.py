"""What a person is told to let an admin apply gives just what is needed, to just that person."""

import pytest
import yaml

from catalog_web.install.capabilities import CAPABILITIES, CapabilityId, grant


def test_a_namespaced_capability_is_a_role_and_a_binding_of_it_there() -> None:
    role, binding = yaml.safe_load_all(grant(["install"], "carol", "apps"))
    assert (role["kind"], binding["kind"]) == ("Role", "RoleBinding")
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "apps"
    assert role["rules"] == [
        {"apiGroups": ["app.alauda.io"], "resources": ["helmrequests"], "verbs": ["get", "list", "watch", "create"]}
    ]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "User", "name": "carol", "apiGroup": "rbac.authorization.k8s.io"}]


def test_a_capability_of_the_cluster_is_a_cluster_role() -> None:
    role, binding = yaml.safe_load_all(grant(["namespaces"], "carol", "apps"))
    assert (role["kind"], binding["kind"]) == ("ClusterRole", "ClusterRoleBinding")
    assert "namespace" not in role["metadata"]
    assert binding["roleRef"]["kind"] == "ClusterRole"


def test_a_service_account_is_bound_as_one() -> None:
    _role, binding = yaml.safe_load_all(grant(["install"], "system:serviceaccount:tools:chartroom", "apps"))
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "chartroom", "namespace": "tools"}]


def test_bindings_of_two_people_do_not_replace_each_other() -> None:
    (_, first), (_, second) = (yaml.safe_load_all(grant(["install"], one, "apps")) for one in ("carol", "dave"))
    assert first["metadata"]["name"] != second["metadata"]["name"]


@pytest.mark.parametrize("user", ["carol: [x", "a\nb", '"', "oidc:carol@example.org", "system:serviceaccount:x"])
def test_whatever_a_person_is_called_it_stays_one_name_in_the_yaml(user: str) -> None:
    _role, binding = yaml.safe_load_all(grant(["install"], user, "apps"))
    assert binding["subjects"][0]["name"] == user


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_no_capability_grants_everything(capability: CapabilityId) -> None:
    for rule in CAPABILITIES[capability].rules:
        assert "*" not in {rule.group, *rule.resources, *rule.verbs}
        assert rule.resources
        assert rule.verbs
