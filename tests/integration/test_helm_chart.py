"""The chart that deploys Chartroom: Helm renders it, a real API server takes it, and it grants what is switched on."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_web.install.capabilities import CAPABILITIES, RBAC
from indexer import config
from tests.parts.control_plane import ControlPlane, control_plane
from tests.parts.located import located

pytestmark = pytest.mark.parts

CHART = Path(__file__).parents[2] / "config" / "helm-chart"
PROVIDER = {"signIn": ["oidc"], "oidc": {"issuer": "https://login.example.org", "clientId": "chartroom"}}
EVERYTHING = {one: True for one in CAPABILITIES if one != "rights"}
"""Kubernetes grants ``rights`` to everybody who is signed in."""
ROLES = ("Role", "ClusterRole")
SEALING = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
REPLICATED = {
    "mode": "replicated",
    "signIn": ["local"],
    "database": {"existingSecret": "db"},
    "secretKey": {"existingSecret": "key"},
}
COMBINATIONS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "one pod, open to all": {"allowUnauthenticated": True, "namespaces": ["apps-a", "apps-b"], "rights": EVERYTHING},
    "one pod, signed in": {
        "signIn": ["local"],
        "ingress": {"enabled": True, "host": "charts.example.org"},
        "persistence": {"existingClaim": "mine"},
        "helmRepositories": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "serviceAccount": {"create": False, "name": "other"},
    },
    "replicated": REPLICATED,
    "everything": {
        **REPLICATED,
        "signIn": ["oidc", "local"],
        "oidc": {"issuer": "https://login.example.org", "clientId": "chartroom", "existingSecret": "oidc"},
        "smtp": {"host": "mail.example.org", "sender": "charts@example.org", "existingSecret": "mail.creds"},
        "existingSecrets": ["harbor", "db"],
        "image": {"digest": "sha256:" + "a" * 64},
        "imagePullSecrets": [{"name": "pull"}],
        "ingress": {
            "enabled": True,
            "host": "charts.example.org",
            "path": "/catalog",
            "tlsSecret": "tls",
            "className": "nginx",
            "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "6m"},
        },
        "web": {"autoscaling": {"enabled": True}},
        "monitoring": {
            "allow": ["10.0.0.0/8"],
            "from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
            "prometheusRule": {"enabled": True},
            "dashboard": {"enabled": True},
        },
        "networkPolicy": {
            "from": [{"podSelector": {"matchLabels": {"app": "edge"}}}],
            "egress": [{"ports": [{"port": 443}]}],
        },
        "namespaces": ["apps-a"],
        "rights": EVERYTHING,
        "serviceAccount": {"annotations": {"role": "none"}},
        "annotations": {"team": "platform"},
        "podAnnotations": {"logs": "json"},
        "podLabels": {"cost": "platform"},
        "extraEnv": [{"name": "TZ", "value": "UTC"}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "company-ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/company-ca"}],
        "tolerations": [{"key": "tools", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "affinity": {"nodeAffinity": {}},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "chartroom"}},
            }
        ],
    },
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("chartroom", "captain", "apps-a", "apps-b"):
            running.create_namespace(namespace)
        running.apply((Path(__file__).parents[1] / "parts" / "monitoring-crds.yaml").read_text())
        running.kubectl("label", "namespace", "chartroom", "pod-security.kubernetes.io/enforce=restricted")
        yield running


def write(values: dict[str, Any], tmp_path: Path) -> Path:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


def rendered(values: dict[str, Any], tmp_path: Path, helm: str = "helm4") -> str:
    file = write(values, tmp_path)
    command = [str(located(helm)), "template", "demo", str(CHART), "-n", "chartroom", "-f", str(file)]
    command += ["--kube-version", "1.36.0"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def objects(text: str) -> list[Any]:
    return [one for one in yaml.safe_load_all(text) if one]


def roles(text: str) -> dict[str, Any]:
    return {one["metadata"]["name"].removeprefix("demo-"): one for one in objects(text) if one["kind"] in ROLES}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_each_right_is_the_role_that_chartroom_asks_for_where_it_is_missing(tmp_path: Path, helm: str) -> None:
    found = roles(rendered({"namespaces": ["apps-a"], "rights": EVERYTHING}, tmp_path, helm))
    assert {name: one["rules"] for name, one in found.items()} == {
        name: [rule.manifest for rule in CAPABILITIES[name].rules] for name in EVERYTHING
    }
    wide = {name for name, one in found.items() if one["kind"] == "ClusterRole"}
    assert wide == {name for name in EVERYTHING if CAPABILITIES[name].scope == "cluster"}


def test_a_namespaced_right_is_granted_in_each_named_namespace_and_nowhere_else(tmp_path: Path) -> None:
    found = objects(rendered({"namespaces": ["apps-a", "apps-b"]}, tmp_path))
    bindings = [one for one in found if one["kind"] == "RoleBinding" and one["roleRef"]["name"] == "demo-install"]
    assert [one["metadata"]["namespace"] for one in bindings] == ["apps-a", "apps-b"]


def test_without_rights_it_may_do_nothing(tmp_path: Path) -> None:
    off = {"rights": dict.fromkeys(EVERYTHING, False), "namespaces": ["apps-a"]}
    assert not [one for one in objects(rendered(off, tmp_path)) if one["apiVersion"].startswith(RBAC)]


def test_where_people_bring_their_own_token_it_may_only_look(tmp_path: Path) -> None:
    rights = {**EVERYTHING, "impersonate": False}
    given = {"namespaces": ["apps-a"], "rights": rights, "cluster": {"ownToken": True}, **PROVIDER}
    text = rendered(given, tmp_path)
    for name in ("install", "upgrade", "uninstall"):
        assert [rule["verbs"] for rule in roles(text)[name]["rules"]] == [["get", "list", "watch"]]
    assert "own_token: true" in text


@pytest.mark.parametrize(
    "given", [{**PROVIDER, "rights": {"impersonate": True}}, {"signIn": ["local"]}], ids=["both", "nobody"]
)
def test_what_would_not_start_is_not_rendered(tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        rendered({"cluster": {"ownToken": True}, **given}, tmp_path)
    assert "cluster.ownToken: " in caught.value.stderr


def test_it_never_refers_to_a_role_of_the_cluster_that_is_not_its_own(tmp_path: Path) -> None:
    text = rendered({"namespaces": ["apps-a"], "rights": EVERYTHING}, tmp_path)
    bound = {one["roleRef"]["name"] for one in objects(text) if one["kind"].endswith("RoleBinding")}
    assert bound == {f"demo-{name}" for name in roles(text)}
    assert "*" not in {verb for role in roles(text).values() for rule in role["rules"] for verb in rule["verbs"]}


def workloads(text: str) -> dict[str, Any]:
    """Pod templates by the role of their pods."""
    found = [one for one in objects(text) if one["kind"] in ("Deployment", "StatefulSet")]
    return {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"]["template"]
        for one in found
    }


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("combination", COMBINATIONS)
def test_helm_finds_nothing_to_say_about_it(tmp_path: Path, combination: str, helm: str) -> None:
    file = write(COMBINATIONS[combination], tmp_path)
    command = [str(located(helm)), "lint", "--strict", str(CHART), "-f", str(file), "--kube-version", "1.36.0"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "0 chart(s) failed" in said.stdout


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_both_helms_make_the_same_of_it(tmp_path: Path, combination: str) -> None:
    three, four = (rendered(COMBINATIONS[combination], tmp_path, helm) for helm in ("helm3", "helm4"))
    assert sorted(map(str, objects(three))) == sorted(map(str, objects(four)))


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_the_api_server_takes_all_of_it_to_the_letter(plane: ControlPlane, tmp_path: Path, combination: str) -> None:
    text = rendered(COMBINATIONS[combination], tmp_path)
    said = plane.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", stdin=text).splitlines()
    assert len(said) == len(objects(text))
    assert all(line.endswith("(server dry run)") for line in said)


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_its_pods_may_run_in_a_namespace_that_takes_only_restricted_ones(
    plane: ControlPlane, tmp_path: Path, combination: str
) -> None:
    for role, template in workloads(rendered(COMBINATIONS[combination], tmp_path)).items():
        spec = {**template["spec"], "serviceAccountName": "default"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"try-{role}"}, "spec": spec}
        plane.kubectl("-n", "chartroom", "create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))
        container = spec["containers"][0]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["resources"]["limits"]["memory"]


def test_replicas_come_before_others_go_and_stand_on_one_database(tmp_path: Path) -> None:
    text = rendered(COMBINATIONS["replicated"], tmp_path)
    deployments = {one["metadata"]["name"]: one["spec"] for one in objects(text) if one["kind"] == "Deployment"}
    assert set(deployments) == {"demo-web", "demo-index"}
    for one in deployments.values():
        assert one["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    options = options_of(text)
    assert options["database_url_file"] == "/etc/chartroom-secrets/db/url"
    assert options["secret_key_file"] == "/etc/chartroom-secrets/key/key"
    budgets = [one for one in objects(text) if one["kind"] == "PodDisruptionBudget"]
    assert {one["metadata"]["name"] for one in budgets} == {"demo-web", "demo-index"}


def test_the_number_of_pods_is_left_to_who_scales_them(tmp_path: Path) -> None:
    text = rendered(COMBINATIONS["everything"], tmp_path)
    web = next(one for one in objects(text) if one["metadata"]["name"] == "demo-web" and one["kind"] == "Deployment")
    scaler = next(one for one in objects(text) if one["kind"] == "HorizontalPodAutoscaler")
    assert "replicas" not in web["spec"]
    assert scaler["spec"]["scaleTargetRef"]["name"] == "demo-web"


def test_one_pod_keeps_the_volume_that_earlier_versions_of_the_chart_made(tmp_path: Path) -> None:
    text = rendered({}, tmp_path)
    claim = next(one for one in objects(text) if one["kind"] == "PersistentVolumeClaim")
    volumes = workloads(text)["serve"]["spec"]["volumes"]
    assert claim["metadata"]["name"] == "demo"
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "demo"}} in volumes


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_every_probe_asks_the_listener_of_the_probes(tmp_path: Path, combination: str) -> None:
    text = rendered(COMBINATIONS[combination], tmp_path)
    assert options_of(text)["probe_listen"] == "0.0.0.0:8082"
    for template in workloads(text).values():
        container = template["spec"]["containers"][0]
        assert {"name": "probes", "containerPort": 8082} in container["ports"]
        asked = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_every_selector_finds_pods_and_every_port_has_its_name(tmp_path: Path, combination: str) -> None:
    text = rendered(COMBINATIONS[combination], tmp_path)
    pods = list(workloads(text).values())
    for service in (one for one in objects(text) if one["kind"] == "Service"):
        wanted = service["spec"]["selector"].items()
        chosen = [pod for pod in pods if wanted <= pod["metadata"]["labels"].items()]
        assert chosen
        for port in service["spec"]["ports"]:
            assert all(port["targetPort"] in named_ports(pod) for pod in chosen)


def named_ports(pod: Any) -> set[str]:
    return {one["name"] for one in pod["spec"]["containers"][0]["ports"]}


def test_no_secret_is_written_anywhere_but_where_it_is(tmp_path: Path) -> None:
    text = rendered(COMBINATIONS["everything"], tmp_path)
    assert not [one for one in objects(text) if one["kind"] == "Secret"]
    mounted = workloads(text)["index"]["spec"]["volumes"]
    assert {one["secret"]["secretName"] for one in mounted if "secret" in one} == {
        "db", "key", "oidc", "mail.creds", "harbor",
    }  # fmt: skip


def test_the_alerts_and_the_dashboard_come_with_it_where_they_are_asked_for(tmp_path: Path) -> None:
    found = objects(rendered(COMBINATIONS["everything"], tmp_path))
    rule = next(one for one in found if one["kind"] == "PrometheusRule")
    assert rule["spec"] == yaml.safe_load((CHART.parent / "alerts" / "chartroom.yaml").read_text())
    board = next(one for one in found if one["metadata"]["name"] == "demo-dashboard")
    assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
    kept = json.loads((CHART.parent / "grafana" / "chartroom.json").read_text())
    assert json.loads(board["data"]["chartroom.json"]) == kept
    plain = {one["kind"] for one in objects(rendered({}, tmp_path))}
    assert not plain & {"PrometheusRule", "ServiceMonitor"}


def test_only_who_is_named_is_let_in(tmp_path: Path) -> None:
    def ports(values: dict[str, Any]) -> dict[int, Any]:
        policy = next(one for one in objects(rendered(values, tmp_path)) if one["kind"] == "NetworkPolicy")
        return {one["ports"][0]["port"]: one.get("from") for one in policy["spec"]["ingress"]}

    assert set(ports({})) == {8081, 8082}  # the pages listen on loopback
    peer = {"namespaceSelector": {"matchLabels": {"name": "edge"}}}
    assert ports({"signIn": ["local"], "networkPolicy": {"from": [peer]}})[8080] == [peer]


WRONG: dict[str, dict[str, Any]] = {
    "a value that nobody knows": {"replicas": 3},
    "an unknown value deep inside": {"web": {"replica": 3}},
    "several pods, no database": {"mode": "replicated", "signIn": ["local"], "secretKey": {"existingSecret": "k"}},
    "several pods, no key": {"mode": "replicated", "signIn": ["local"], "database": {"existingSecret": "d"}},
    "several pods that let nobody in": {
        "mode": "replicated", "database": {"existingSecret": "d"}, "secretKey": {"existingSecret": "k"},
    },
    "a provider without an address": {"signIn": ["oidc"]},
    "a way that is none": {"signIn": ["none"]},
    "an ingress without a host": {"signIn": ["local"], "ingress": {"enabled": True}},
    "an ingress that lets nobody in": {"ingress": {"enabled": True, "host": "charts.example.org"}},
    "a password of the database in a ConfigMap": {"config": {"database_url": "postgresql://a:b@c/d"}},
    "a key in a ConfigMap": {"config": {"secret_key": "x"}},
    "a number as text": {"web": {"replicas": "two"}},
    "no pod": {"web": {"replicas": 0}},
    "a namespace that cannot be": {"namespaces": ["Team_A"]},
    "a right that is none": {"rights": {"everything": True}},
    "a digest that is none": {"image": {"digest": "latest"}},
    "a network that is none": {"monitoring": {"allow": ["all"]}},
}  # fmt: skip


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_values_are_refused(tmp_path: Path, wrong: str, helm: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        rendered(WRONG[wrong], tmp_path, helm)


def test_what_it_tells_at_the_end_says_how_to_go_on(plane: ControlPlane, tmp_path: Path) -> None:
    def told(values: dict[str, Any]) -> str:
        file = write(values, tmp_path)
        command = [str(located("helm3")), "install", "demo", str(CHART), "-n", "chartroom", "-f", str(file)]
        command += ["--dry-run=server", "--kubeconfig", str(plane.kubeconfig)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("NOTES:")[2]

    assert "port-forward statefulset/demo" in told({})
    assert "https://charts.example.org/catalog" in told(COMBINATIONS["everything"])
    assert "token of one use" in told({"signIn": ["local"]})


def options_of(text: str) -> Any:
    held = next(one for one in objects(text) if one["kind"] == "ConfigMap" and "chartroom.yaml" in one["data"])
    return yaml.safe_load(held["data"]["chartroom.yaml"])


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_chartroom_takes_the_options_of_every_combination(tmp_path: Path, combination: str) -> None:
    options = options_of(rendered(COMBINATIONS[combination], tmp_path))
    for name, text in (("database_url_file", "postgresql://a@b/c"), ("secret_key_file", SEALING)):
        if name in options:  # the files of the pod's Secrets are not here
            options[name] = str(tmp_path / name)
            (tmp_path / name).write_text(text)
    file = tmp_path / "chartroom.yaml"
    file.write_text(yaml.safe_dump(options))
    read = config.load(file, environ={})
    assert (read.probe_host, read.probe_port, read.log_format) == ("0.0.0.0", 8082, "json")


def test_its_options_are_options_of_chartroom(tmp_path: Path) -> None:
    text = rendered({"config": {"secret_fields": ["*.licenseKey"]}, "cluster": {"name": "prod"}}, tmp_path)
    file = tmp_path / "chartroom.yaml"
    file.write_text(yaml.safe_dump(options_of(text)))
    read = config.load(file, environ={})
    assert [(one.name, one.in_cluster) for one in read.clusters] == [("prod", True)]
    assert read.helm_url == "http://demo-helm.chartroom.svc:8081"
    assert read.secret_fields == ("*.licenseKey",)


def test_the_pages_are_reached_from_outside_the_pod_only_when_somebody_says_so(tmp_path: Path) -> None:
    def listens(values: dict[str, Any]) -> str:
        pod = workloads(rendered(values, tmp_path))["serve"]["spec"]
        variables = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
        return str(variables["CHARTROOM_LISTEN"])

    assert listens({}) == "127.0.0.1:8080"
    assert listens({"allowUnauthenticated": True}) == "0.0.0.0:8080"
    assert listens({"signIn": ["local"]}) == "0.0.0.0:8080"
