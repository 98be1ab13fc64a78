"""Where an app can be reached, from its Services and routes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.links import Link, LinkKind, links_of


def service(*ports: dict[str, Any], kind: str = "ClusterIP", status: Any = None, name: str = "web") -> dict[str, Any]:
    spec = {"type": kind, "ports": list(ports)}
    return {"kind": "Service", "metadata": {"name": name, "namespace": "apps"}, "spec": spec, "status": status or {}}


def ingress(host: str, path: str = "/", tls: bool = False) -> dict[str, Any]:
    rule = {"host": host, "http": {"paths": [{"path": path}]}}
    spec = {"rules": [rule], "tls": [{"hosts": [host]}] if tls else []}
    return {"kind": "Ingress", "metadata": {"name": "web"}, "spec": spec}


def test_a_service_is_reached_by_a_command_that_can_be_copied() -> None:
    (link,) = links_of([service({"name": "http", "port": 80, "protocol": "TCP"})])
    assert link.text == "kubectl port-forward -n apps service/web 10080:80"
    assert link.detail == "ClusterIP 80/TCP → http://127.0.0.1:10080/"


def test_a_node_port_is_told() -> None:
    (link,) = links_of([service({"port": 6379, "nodePort": 30_001}, kind="NodePort")])
    assert link.detail == "NodePort 6379:30001/TCP → 127.0.0.1:6379"


@pytest.mark.parametrize(
    ("port", "given", "expected"),
    [
        (443, {"ip": "203.0.113.5"}, ("web", "https://203.0.113.5/")),
        (8080, {"hostname": "lb.test"}, ("web", "http://lb.test:8080/")),
        (6379, {"ip": "2001:db8::5"}, ("address", "[2001:db8::5]:6379")),
    ],
)
def test_a_load_balancer_is_an_address(port: int, given: dict[str, str], expected: tuple[LinkKind, str]) -> None:
    balanced = service({"port": port}, kind="LoadBalancer", status={"loadBalancer": {"ingress": [given]}})
    assert links_of([balanced])[0] == Link(*expected, "Service web", f"LoadBalancer {port}/TCP")


def test_an_ingress_is_a_link_with_the_scheme_that_it_serves() -> None:
    found = links_of([ingress("web.test", "/app"), ingress("safe.test", tls=True)])
    assert [one.text for one in found] == ["http://web.test/app", "https://safe.test/"]


def test_a_wildcard_certificate_covers_its_hosts() -> None:
    thing = ingress("web.example.test")
    thing["spec"]["tls"] = [{"hosts": ["*.example.test"]}]
    assert links_of([thing])[0].text == "https://web.example.test/"


def test_a_route_is_a_link() -> None:
    route = {
        "kind": "HTTPRoute",
        "metadata": {"name": "web"},
        "spec": {
            "hostnames": ["web.test"],
            "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/app"}}]}],
        },
    }
    assert [one.text for one in links_of([route])] == ["https://web.test/app"]


@pytest.mark.parametrize(
    "host", ["*.web.test", "javascript:alert(1)", 'a"onclick="x', "user@evil.test", "web.test/..", ""]
)
def test_L3_what_has_not_the_form_of_a_host_is_no_link(host: str) -> None:
    assert all(one.kind == "address" for one in links_of([ingress(host)]))


def test_a_pattern_is_not_taken_for_a_path() -> None:
    assert links_of([ingress("web.test", "/app(/|$)(.*)")])[0].text == "http://web.test/"


def test_a_name_that_a_shell_would_misread_is_in_no_command() -> None:
    assert links_of([service({"port": 80}, name="web; rm -rf ~")]) == ()


fields = st.sampled_from(
    [
        "ports",
        "port",
        "rules",
        "host",
        "http",
        "paths",
        "tls",
        "hosts",
        "loadBalancer",
        "ingress",
        "ip",
        "hostnames",
        "matches",
        "path",
    ]
)
odd = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(fields, below, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["Service", "Ingress", "HTTPRoute", "Other"]), odd, odd)
def test_L3_odd_objects_give_no_odd_links(kind: str, spec: Any, status: Any) -> None:
    for link in links_of([{"kind": kind, "metadata": spec, "spec": spec, "status": status}, None]):
        assert link.kind != "web" or link.text.startswith(("http://", "https://"))
