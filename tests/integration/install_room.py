"""A Chartroom with one chart whose schema has something of everything, and two clusters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.charts import Files, folder_of
from tests.kube_api import KubeApi, kube_api
from tests.pages import Browser, Page

PATH = "/charts/local/demo/1.0.0/install"
VALUES = """\
# How many pods run.
replicas: 1
image:
  repository: demo
  tag: ""   # the app version
auth:
  username: admin
  password: ""
hosts:
  - name: a.example
annotations:
  team: blue
extra: {}
logLevel: info
"""
SCHEMA = """{
  "type": "object",
  "properties": {
    "replicas": {"type": "integer", "minimum": 1, "maximum": 9},
    "image": {"type": "object", "properties": {
      "repository": {"type": "string"}, "tag": {"type": "string"}}},
    "auth": {"type": "object", "properties": {
      "username": {"type": "string", "minLength": 3},
      "password": {"type": "string", "format": "password", "maxLength": 12}}},
    "hosts": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    "logLevel": {"enum": ["debug", "info", "warn"]},
    "tls": {"type": "boolean", "default": false}
  }
}"""
CHART: Files = {
    "values.yaml": VALUES,
    "values.schema.json": SCHEMA,
    "values-production.yaml": "replicas: 3\nlogLevel: warn\n",
    "README.md": "# Demo\n\nRead me before.\n",
    "templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
}


@dataclass(frozen=True)
class Room:
    """What a test asks."""

    browser: Browser
    kube: KubeApi

    def open(self, query: str = "", path: str = PATH) -> Page:
        """The empty form."""
        return self.browser.get(f"{path}?{query}" if query else path)

    def press(self, page: Page, step: str, status: int = 200, **typed: Any) -> Page:
        """What comes after a button of the form is pressed, with something typed before."""
        return self.browser.sent(page.form("/install"), PATH, status, step=step, **typed)

    def fill(self, page: Page, step: str, typed: dict[str, Any], status: int = 200) -> Page:
        """The same where names are no words."""
        return self.browser.sent(page.form("/install"), PATH, status, step=step, **typed)


@contextmanager
def install_room(tmp_path: Path, files: Files = CHART, **options: Any) -> Iterator[Room]:
    """Open it; the clusters ``home`` and ``edge`` are one API server, ``away`` cannot be reached."""
    with kube_api() as kube:
        clusters = [
            {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))},
            {"name": "edge", "kubeconfig": str(kube.kubeconfig(tmp_path, name="edge"))},
            {"name": "away", "kubeconfig": str(kube.kubeconfig(tmp_path, url="http://127.0.0.1:1", name="away"))},
        ]
        with folder_of(tmp_path, files, clusters=clusters, **options) as running:
            yield Room(Browser(running), kube)


def text_of(page: Page) -> str:
    """The YAML text that travels in the form."""
    return page.form("/install").fields["values_yaml"]
