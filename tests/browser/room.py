"""What a browser test runs against: Chartroom as another process, a real cluster, and repositories on loopback."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.command import command_line, environment, write_config
from tests.data import DATA, argo_cut_to_its_archives
from tests.parts.control_plane import ControlPlane
from tests.parts.fake_captain import FakeCaptain
from tests.parts.relay import Relay
from tests.upstream import Site

ROOT = Path(__file__).parents[2]
READY_WITHIN = 60.0
"""Seconds for whatever has no clock of its own; a busy machine needs more than an idle one."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The chart that the journey is about."""

    source: str
    chart: str
    typed: str
    """What somebody types who looks for it."""
    version: str
    """An older one, which is installed."""
    readme: str
    """The title of its README."""
    key: str
    """A key of its values.yaml, on the top level."""
    comment: str
    """A comment of its values.yaml."""


ARGO = Goal("argo", "argo-cd", "argo", "3.3.5", "Argo CD Chart", "installCRDs", "Optional CRD installation")
SAMPLE = Goal("sample", "hello-web", "hello", "2.0.0", "hello-web", "replicas", "What visitors see")


@dataclass(frozen=True, slots=True)
class Room:
    """A Chartroom that runs."""

    url: str
    site: Site
    plane: ControlPlane
    captain: FakeCaptain
    relay: Relay
    goal: Goal

    def api(self, path: str) -> Any:
        """The JSON at a path of the API."""
        with urllib.request.urlopen(f"{self.url}/api/v1{path}", timeout=30) as answer:
            return json.loads(answer.read())

    def charts(self, source: str = "") -> int:
        """How many charts a source has in the search, or all of them have."""
        return int(self.api(f"/charts?source={source}" if source else "/charts")["total"])

    def post(self, path: str, body: Any) -> Any:
        """Send JSON to a path of the API."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def create(self, helmrequest: Any) -> None:
        """Create a HelmRequest as somebody else would."""
        self.plane.kubectl("create", "-f", "-", stdin=json.dumps(helmrequest))

    def chart_repo(self, name: str, url: str) -> None:
        """Create a ChartRepo as somebody else would."""
        meta = {"name": name, "namespace": "captain"}
        repo = {
            "apiVersion": "app.alauda.io/v1beta1",
            "kind": "ChartRepo",
            "metadata": meta,
            "spec": {"type": "Chart", "url": url},
        }
        self.plane.kubectl("create", "-f", "-", stdin=json.dumps(repo))

    def helmrequest(self, name: str, namespace: str = "apps") -> Any:
        """A HelmRequest as kubectl reads it."""
        kind = "helmrequests.v1alpha1.app.alauda.io"
        return json.loads(self.plane.kubectl("get", kind, name, "-n", namespace, "-o", "json"))


def wait_for(holds: Callable[[], object], what: str) -> None:
    """Return as soon as ``holds``. Raises `TimeoutError` that names ``what`` after `READY_WITHIN` seconds."""
    deadline = time.monotonic() + READY_WITHIN
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come to be within {READY_WITHIN:.0f} s")
        time.sleep(0.05)


# -- Chartroom


@contextmanager
def serving(
    folder: Path, sources: Sequence[dict[str, Any]], clusters: Sequence[dict[str, Any]], **options: Any
) -> Iterator[str]:
    """Run ``chartroom serve`` on ``folder`` and give its address; its log is ``chartroom.log`` there.

    Whoever uses it may register repositories on loopback, where those of the tests are.
    """
    config = write_config(folder, sources, clusters=list(clusters), network_allow=["127.0.0.0/8"], **options)
    with (folder / "chartroom.log").open("wb") as log:
        process = subprocess.Popen(
            command_line(config, "serve"), stdout=subprocess.PIPE, stderr=log, text=True, env=environment(), cwd=ROOT
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Chartroom is ready at http://127.0.0.1:"), (folder / "chartroom.log").read_text()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=30)


# -- repositories


def sample_repository(folder: Path) -> dict[str, Any]:
    """The sample repository, packed into ``folder``, as a source."""
    packer = ROOT / "config" / "pack_sample_repo.py"
    subprocess.run([sys.executable, packer, ROOT / "config" / "sample-repo", folder], check=True, capture_output=True)
    return {"name": "sample", "title": "Sample charts", "url": str(folder), "kind": "directory"}


def real_repositories(site: Site) -> list[dict[str, Any]]:
    """``argo`` (as far as its archives are there) and ``stable`` over HTTP; none where there is no data."""
    if not (DATA / "argo").is_dir() or not (DATA / "stable").is_dir():
        print("not run: no data")
        return []
    site.serve_folder(DATA / "argo", "/argo")
    site.put("/argo/index.yaml", argo_cut_to_its_archives(), etag='"cut"')
    site.serve_folder(DATA / "stable", "/stable")
    return [
        {"name": "argo", "title": "Argo", "url": f"{site.url}/argo"},
        {"name": "stable", "title": "Helm stable", "url": f"{site.url}/stable"},
    ]
