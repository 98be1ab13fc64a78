"""The Python client does on a real API server, with captain at work, what its document shows; and what it refuses."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.client import Captain, HelmRequest
from indexer.errors import (
    ClusterRefused,
    ClusterUnreachable,
    Conflict,
    InstallNotFound,
    ObjectConflict,
    ObjectInvalid,
    UsageError,
)
from tests.charts import packed_chart
from tests.parts.captain_controller import CaptainController, captain_controller
from tests.parts.control_plane import ControlPlane, control_plane
from tests.upstream import Site, upstream

pytestmark = pytest.mark.parts

DOCUMENT = Path(__file__).parents[2] / "docs" / "python-client.md"
MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
    'data: {port: {{ .Values.port | quote }}, extra: {{ .Values.extra | default "none" | quote }}}\n'
)
FILES = {"values.yaml": "port: 80\nextra: here\n", "templates/map.yaml": MAP}
GOOD = HelmRequest("apps", "good", "open/tiny", "0.1.0", values={"port": 1})


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "captain"):
            running.create_namespace(namespace)
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with upstream() as running:
        entries = []
        for version in ("0.2.0", "0.1.0"):
            archive = packed_chart(FILES, "tiny", version)
            running.put(f"/tiny-{version}.tgz", archive)
            found = {"name": "tiny", "version": version, "digest": sha256(archive).hexdigest()}
            entries.append({**found, "urls": [f"tiny-{version}.tgz"]})
        running.put("/index.yaml", json.dumps({"apiVersion": "v1", "entries": {"tiny": entries}}))
        yield running


@pytest.fixture(scope="module")
def at_work(plane: ControlPlane, site: Site) -> Iterator[CaptainController]:
    with captain_controller(plane) as working:
        meta = {"name": "open", "namespace": "captain"}
        spec = {"type": "Chart", "url": site.url}
        plane.apply(
            json.dumps({"apiVersion": "app.alauda.io/v1beta1", "kind": "ChartRepo", "metadata": meta, "spec": spec})
        )
        yield working


@pytest.fixture
def captain(plane: ControlPlane, at_work: CaptainController) -> Iterator[Captain]:
    with Captain(str(plane.kubeconfig)) as client:
        yield client
        for one in client.list("apps"):
            client.wait(client.delete("apps", one.name), 30, until="gone")


def raw(plane: ControlPlane, name: str, version: str = "v1") -> Any:
    return json.loads(plane.kubectl("get", f"helmrequests.{version}.app.alauda.io", name, "-n", "apps", "-o", "json"))


def test_the_examples_of_the_document_work(plane: ControlPlane, captain: Captain) -> None:
    examples = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len(examples) > 8
    code = "\n".join(examples).replace("kubeconfig.yaml", str(plane.kubeconfig))
    exec(compile(code, str(DOCUMENT), "exec"), {})


def test_it_needs_neither_flask_nor_a_store() -> None:
    code = (
        "import sys, catalog_web.install.client\n"
        "print(sorted({'flask', 'sqlalchemy', 'whoosh', 'apscheduler', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_written_is_what_was_said_and_captains_finalizer_stays(plane: ControlPlane, captain: Captain) -> None:
    made = captain.create(replace(GOOD, labels={"team": "a"}))
    assert captain.wait(made, 30).outcome == "synced"
    captain.replace(replace(captain.get("apps", "good"), values={"extra": None}, labels={"owner": "ann"}))
    stored = raw(plane, "good")
    assert stored["spec"] == {
        "chart": "open/tiny",
        "version": "0.1.0",
        "namespace": "apps",
        "releaseName": "good",
        "values": {"extra": None},
    }
    assert stored["metadata"]["labels"] == {"team": "a", "owner": "ann"}
    assert stored["metadata"]["finalizers"] == ["captain.cpaas.io"]


def test_after_a_change_the_old_synced_is_not_taken_for_the_new(captain: Captain, at_work: CaptainController) -> None:
    captain.wait(captain.create(GOOD), 30)
    with at_work.down():
        changed = captain.patch("apps", "good", {"version": "0.2.0"})
        assert changed.phase == "Synced"
        assert captain.wait(changed, 1.5).outcome == "timed-out"
    done = captain.wait(changed, 30)
    assert (done.outcome, done.helmrequest and done.helmrequest.installed_version) == ("synced", "0.2.0")


def test_a_change_that_changes_nothing_is_done_at_once(captain: Captain) -> None:
    captain.wait(captain.create(GOOD), 30)
    assert captain.wait(captain.patch("apps", "good", {"version": "0.1.0"}), 5).outcome == "synced"


def test_captains_error_is_told(captain: Captain) -> None:
    done = captain.wait(captain.create(replace(GOOD, version="9.9.9")), 30)
    assert (done.outcome, "cannot find version 9.9.9" in done.reason) == ("failed", True)


def test_what_was_read_before_is_not_written_over_another_ones_change(captain: Captain) -> None:
    read = captain.create(GOOD)
    captain.patch("apps", "good", {"values": {"port": 2}})
    with pytest.raises(Conflict, match="changed “good” since"):
        captain.replace(replace(read, version="0.2.0"))
    assert captain.get("apps", "good").values == {"port": 2}


@pytest.mark.parametrize("spec", [{"namespace": "captain"}, {"releaseName": "other"}])
def test_another_release_is_refused(captain: Captain, spec: dict[str, str]) -> None:
    captain.create(GOOD)
    with pytest.raises(UsageError, match="another release"):
        captain.patch("apps", "good", spec)


def test_going_back_makes_it_again_where_it_was_removed(captain: Captain) -> None:
    earlier = captain.create(GOOD)
    captain.wait(earlier, 30)
    captain.wait(captain.delete("apps", "good"), 30, until="gone")
    back = captain.roll_back(earlier)
    assert captain.wait(back, 30).outcome == "synced"
    assert back.uid != earlier.uid


def test_a_dry_run_changes_nothing(captain: Captain) -> None:
    captain.create(GOOD, dry_run=True)
    assert captain.list("apps") == ()
    captain.create(GOOD)
    assert captain.patch("apps", "good", {"version": "0.2.0"}, dry_run=True).version == "0.2.0"
    captain.delete("apps", "good", dry_run=True)
    assert captain.get("apps", "good").version == "0.1.0"


def test_an_address_is_written_as_v1_and_survives_a_change(plane: ControlPlane, captain: Captain, site: Site) -> None:
    source = {"source": {"http": {"url": f"{site.url}/tiny-0.1.0.tgz"}}}
    made = captain.create(HelmRequest("apps", "good", version="0.1.0", spec=source))
    assert captain.wait(made, 30).outcome == "synced"
    assert "source" not in raw(plane, "good", "v1alpha1")["spec"]
    assert captain.wait(captain.patch("apps", "good", {"values": {"port": 5}}), 30).outcome == "synced"
    assert raw(plane, "good")["spec"]["source"] == source["source"]


def test_what_the_cluster_refuses_leaves_as_an_error_of_its_own_kind(plane: ControlPlane, captain: Captain) -> None:
    with pytest.raises(InstallNotFound):
        captain.get("apps", "absent")
    with pytest.raises(ObjectInvalid, match="colour"):
        captain.create(replace(GOOD, spec={"colour": "blue"}))
    captain.create(GOOD)
    with pytest.raises(ObjectConflict):
        captain.create(GOOD)
    with Captain(str(plane.kubeconfig_for("stranger"))) as stranger, pytest.raises(ClusterRefused):
        stranger.list("apps")
    with Captain(str(plane.folder / "absent")) as nowhere, pytest.raises(ClusterUnreachable):
        nowhere.list()
