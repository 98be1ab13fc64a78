"""What an install or an upgrade would bring, looked at before it is sent: rendered, and against what runs there."""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.helmrequest import manifest
from catalog_web.previews import Previews, Subject
from indexer.errors import HelmAbsent, VersionNotFound, fill
from tests.charts import folder_of
from tests.kube_api import Asked, KubeApi, Reply, kube_api, ok
from tests.unit.test_exports import FORM
from tests.web import Web

# Stands for helm: a ConfigMap with the values that it was given, and a Job.
HELM = """\
#!/bin/sh
printf -- '---\\n# Source: demo/templates/map.yaml\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: web\\n'
printf 'data:\\n  words: "%s"\\n' "$*"
printf '  values: '\\''%s'\\''\\n' "$(cat)"
printf -- '---\\napiVersion: batch/v1\\nkind: Job\\nmetadata:\\n  name: migrate\\n'
"""
SUBJECT = Subject("local", "demo", "1.0.0", "apps", "web", {"replicas": 2, "auth": {"password": "s3cret-new"}}, "home")
UPGRADE = replace(SUBJECT, upgrade=True, secret_paths=("auth.password",))
RUNNING = (
    "---\n# Source: demo/templates/map.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"
    "data:\n  url: me:s3cret-old@db\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: old\n"
)


def packed(content: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()


def record(**spec: str) -> dict[str, Any]:
    values = {"auth": {"password": "s3cret-old"}}
    parts = {"manifestData": packed(RUNNING), "configData": packed(values), **spec}
    return {
        "metadata": {"name": "sh.helm.release.v1.web.v1", "labels": {"name": "web"}},
        "spec": {"name": "web", "version": 1, **parts},
        "status": {"status": "deployed"},
    }


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as api:
        yield api


@pytest.fixture
def room(tmp_path: Path, kube: KubeApi) -> Iterator[Web]:
    helm = tmp_path / "helm"
    helm.write_text(HELM)
    helm.chmod(0o755)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with folder_of(tmp_path, {"values.yaml": "replicas: 1\n"}, clusters=clusters, helm_binary=str(helm)) as opened:
        yield opened


@pytest.fixture
def previews(room: Web) -> Previews:
    return room.services.previews


def releases(kube: KubeApi, *found: dict[str, Any], status: int = 200) -> None:
    def answer(asked: Asked, _reply: Reply) -> Reply | None:
        if not asked.path.endswith("/releases"):
            return None
        return ok({"items": list(found)}) if status == 200 else Reply(status, b'{"message": "no"}')

    kube.faults.append(answer)


def told(shown: Any) -> str:
    return " ".join(fill(one["text"], one["params"]) for one in shown.notes)


def test_an_install_is_rendered_from_the_stored_archive_for_the_cluster(previews: Previews, room: Web) -> None:
    room.services.installs.health()
    shown = previews.show(SUBJECT)
    assert [one.kind for one in shown.objects] == ["ConfigMap", "Job"]
    text = shown.objects[0].text
    assert "--namespace apps" in text
    assert "--kube-version 1.36.3" in text
    assert "apps/v1/Deployment" in text
    assert (shown.change, shown.notes) == (None, ())


def test_an_upgrade_is_compared_with_what_captain_recorded(previews: Previews, kube: KubeApi) -> None:
    releases(kube, record())
    shown = previews.show(UPGRADE)
    assert shown.change is not None
    assert [(one.kind, one.thing.kind) for one in shown.change.changes] == [
        ("changed", "ConfigMap"),
        ("added", "Job"),
        ("removed", "Service"),
    ]


def test_G6_neither_the_old_nor_the_new_secret_is_shown(previews: Previews, kube: KubeApi) -> None:
    releases(kube, record())
    shown = previews.show(UPGRADE)
    assert "s3cret" not in str(shown)
    assert "s3cret" not in str(UPGRADE)


CURRENT = {
    "metadata": {"name": "web", "namespace": "apps"},
    "spec": {"valuesFrom": [{"secretKeyRef": {"name": "web-values-0b7e0b7e", "key": "values.yaml"}}]},
}
KEPT = replace(UPGRADE, values={"replicas": 2}, current=CURRENT)


def test_G6_a_secret_that_stays_is_given_to_helm_and_not_shown(previews: Previews, kube: KubeApi) -> None:
    thing = kube.put_secret("web-values-0b7e0b7e", "apps", **{"values.yaml": "auth: {password: s3cret-kept}\n"})
    thing["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/app": "web"}
    shown = previews.show(KEPT)
    text = shown.objects[0].text
    assert '"auth": {"password": "' in text
    assert "s3cret" not in text
    assert "stay as they are" not in told(shown)


def test_without_the_secret_that_stays_it_is_rendered_and_said(previews: Previews) -> None:
    shown = previews.show(KEPT)
    assert len(shown.objects) == 2
    assert "Rendered without the secret values that stay as they are" in told(shown)


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        ([], 403, "may not be read there"),
        ([], 200, "no readable record"),
        ([record(manifestData="broken")], 200, "no readable record"),
        ([], 500, "What runs now is not known"),
    ],
)
def test_where_what_runs_is_not_known_it_says_why(
    previews: Previews, kube: KubeApi, found: list[Any], status: int, why: str
) -> None:
    releases(kube, *found, status=status)
    shown = previews.show(UPGRADE)
    assert (len(shown.objects), shown.change) == (2, None)
    assert why in told(shown)


def test_a_cluster_that_is_away_costs_only_what_it_would_have_told(previews: Previews, kube: KubeApi) -> None:
    kube.faults.append(lambda asked, _reply: Reply(503, b"away"))
    shown = previews.show(UPGRADE)
    assert len(shown.objects) == 2
    assert "without knowing what the cluster serves" in told(shown)


def test_two_sets_of_values_are_compared(previews: Previews) -> None:
    change = previews.between(SUBJECT, replace(SUBJECT, values={"replicas": 3}))
    assert [one.thing.kind for one in change.changes] == ["ConfigMap"]
    assert previews.between(SUBJECT, SUBJECT).changes == ()


def test_without_a_cluster_it_is_rendered_all_the_same(previews: Previews) -> None:
    assert "--kube-version" not in previews.show(replace(SUBJECT, cluster="")).objects[0].text


def test_a_version_that_is_not_there_is_told(previews: Previews) -> None:
    with pytest.raises(VersionNotFound):
        previews.show(replace(SUBJECT, version="9.9.9"))


def test_without_helm_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with folder_of(tmp_path, {}) as room, pytest.raises(HelmAbsent, match="no helm"):
        room.services.previews.show(replace(SUBJECT, cluster=""))


def test_the_request_that_is_shown_is_the_one_that_is_sent(room: Web, kube: KubeApi) -> None:
    wanted = manifest(FORM, {"replicas": 2}, "v1alpha1")
    shown = room.services.previews.http_request(wanted, "home")
    room.services.installs.cluster("home").create(wanted, dry_run=False)
    (asked,) = kube.asked("POST")
    path, _, query = shown.url.removeprefix(kube.url).partition("?")
    assert (path, {key: [value] for key, _, value in (one.partition("=") for one in query.split("&"))}) == (
        asked.path,
        asked.query,
    )
    assert json.loads(shown.body) == asked.body
    assert dict(shown.headers)["Authorization"] == "Bearer …"
