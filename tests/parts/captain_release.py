"""What captain does with a chart: render it as Helm does, apply it, and keep the Release record.

The rendering is helm's own, by a dry run against the same API server, so its words are the real ones. Hooks are
recorded and not run, as nothing runs in pods here.
"""

import base64
import gzip
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client

from tests.parts.captain_charts import MAX_NAME, Chart, Failure
from tests.parts.control_plane import ControlPlane, ControlPlaneError
from tests.parts.fake_captain import GROUP, NOTES, FakeCaptain
from tests.parts.located import located

VERSION = "v1alpha1"
PLURAL = "releases"
FORCE_ADOPT = "captain-force-adopt-resources"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a chart becomes with its values, as helm's JSON has it."""

    chart: Mapping[str, Any]
    config: Mapping[str, Any]
    manifest: str
    hooks: Sequence[Mapping[str, Any]]
    notes: str


def packed(content: Any) -> str:
    """As captain keeps it in a Release: JSON, gzip, base64."""
    return base64.b64encode(gzip.compress(json.dumps(content).encode(), mtime=0)).decode()


def record(
    namespace: str, release: str, number: int, rendered: Rendered, state: str, description: str
) -> dict[str, Any]:
    """The Release of one install or upgrade. `state` is helm's: deployed, failed, superseded."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    labels = {"name": release, "owner": "helm", "status": state, "version": str(number)}
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "Release",
        "metadata": {"name": f"sh.helm.release.v1.{release}.v{number}", "namespace": namespace, "labels": labels},
        "spec": {
            "chartData": packed(rendered.chart),
            "configData": packed(rendered.config),
            "manifestData": packed(rendered.manifest),
            "hooksData": packed(rendered.hooks),
            "name": release,
            "version": number,
        },
        "status": {
            "status": state,
            "Description": description,
            "notes": rendered.notes,
            "first_deployed": now,
            "last_deployed": now,
            "deleted": "",
        },
    }


@dataclass(frozen=True, slots=True)
class Helm:
    """captain's Helm on one cluster."""

    plane: ControlPlane
    captain: FakeCaptain

    def render(
        self, chart: Chart, values: Mapping[str, Any], release: str, namespace: str, *, adopt: bool = False
    ) -> Rendered:
        """What helm makes of the chart. `adopt`: objects of others are no hindrance. Raises `Failure`."""
        if len(release) > MAX_NAME:
            raise Failure(f'release name "{release}" exceeds max length of {MAX_NAME}')
        self._require_namespace(namespace)
        if chart.archive is None:
            return _without_archive(chart, values, release)
        with tempfile.TemporaryDirectory(dir=self.plane.folder) as folder:
            typed = Path(folder, "values.json")
            typed.write_text(json.dumps(values))
            Path(folder, "chart.tgz").write_bytes(chart.archive)
            options = ["--values", str(typed), *(["--take-ownership"] if adopt else [])]
            return self._dry_run(Path(folder), [release, "--namespace", namespace, *options])

    def apply(self, rendered: Rendered, release: str, namespace: str, *, adopt: bool) -> None:
        """Makes the objects, and removes those that the release before had. Keeps a Release, of a failure too.

        Raises `Failure`.
        """
        before = self.records(namespace, release)
        number = before[-1]["spec"]["version"] + 1 if before else 1
        verb = "Upgrade" if before else "Install"
        try:
            self._write(rendered.manifest, release, namespace, adopt=adopt)
        except ControlPlaneError as error:
            reason = str(error).partition(": ")[2].removeprefix("The ")
            self._keep(record(namespace, release, number, rendered, "failed", f"{verb} failed: {reason}"))
            raise Failure(f"UPGRADE FAILED: {reason}" if before else reason) from None
        if before:
            self._remove(_gone(manifest_of(before[-1]), rendered.manifest), namespace)
            self._supersede(before)
        self._keep(record(namespace, release, number, rendered, "deployed", f"{verb} complete"))

    def uninstall(self, release: str, namespace: str, *, keep: bool) -> None:
        """Removes what the newest Release made, unless it is kept, and then all its Releases."""
        records = self.records(namespace, release)
        if records and not keep:
            self._remove(manifest_of(records[-1]), namespace)
        for one in records:
            self.captain.objects.delete_namespaced_custom_object(
                GROUP, VERSION, namespace, PLURAL, one["metadata"]["name"]
            )

    def records(self, namespace: str, release: str) -> list[dict[str, Any]]:
        """The Releases of a release, oldest first."""
        listed: Any = self.captain.objects.list_namespaced_custom_object(
            GROUP, VERSION, namespace, PLURAL, label_selector=f"name={release}"
        )
        return sorted(listed["items"], key=lambda one: int(one["spec"]["version"]))

    def _require_namespace(self, namespace: str) -> None:
        try:
            self.captain.core.read_namespace(namespace)
        except client.ApiException as error:
            if error.status != 404:
                raise
            raise Failure(f'namespaces "{namespace}" not found') from None

    def _dry_run(self, folder: Path, arguments: Sequence[str]) -> Rendered:
        config = self.plane.kubeconfig_for("captain")
        command = [located("helm3"), "install", *arguments[:1], folder / "chart.tgz", *arguments[1:]]
        options = ["--dry-run=client", "--output", "json", "--kubeconfig", config]
        homes = {name: str(folder) for name in ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        answer = subprocess.run([*command, *options], env=homes, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Failure(answer.stderr.partition("INSTALLATION FAILED: ")[2].rstrip("\n"))
        told = json.loads(answer.stdout)
        notes, hooks = told["info"].get("notes", ""), told.get("hooks") or []
        return Rendered(told["chart"], told.get("config") or {}, told["manifest"], hooks, notes)

    def _write(self, manifest: str, release: str, namespace: str, *, adopt: bool) -> None:
        things = [_owned(thing, release, namespace) for thing in _things(manifest)]
        if not things:
            return
        # Of a chart without an archive, which helm did not see.
        if not adopt:
            self._refuse_foreign(things, release, namespace)
        self._kubectl("apply", namespace, things)

    def _refuse_foreign(self, things: list[dict[str, Any]], release: str, namespace: str) -> None:
        found = json.loads(self._kubectl("get", namespace, things, "--ignore-not-found", "--output", "json") or "{}")
        for one in found.get("items", [found] if found else []):
            owner = (one["metadata"].get("annotations") or {}).get("meta.helm.sh/release-name")
            if owner != release:
                raise Failure(_foreign(one, namespace))

    def _remove(self, manifest: str, namespace: str) -> None:
        things = _things(manifest)
        if things:
            self._kubectl("delete", namespace, things, "--ignore-not-found", "--wait=false")

    def _kubectl(self, verb: str, namespace: str, things: Sequence[Mapping[str, Any]], *options: str) -> str:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": things})
        return self.plane.kubectl(verb, "--namespace", namespace, "-f", "-", *options, user="captain", stdin=text)

    def _keep(self, release: dict[str, Any]) -> None:
        namespace = release["metadata"]["namespace"]
        self.captain.objects.create_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, release)

    def _supersede(self, records: Sequence[Mapping[str, Any]]) -> None:
        patch = {"metadata": {"labels": {"status": "superseded"}}, "status": {"status": "superseded"}}
        for one in records:
            if one["status"]["status"] == "deployed":
                meta = one["metadata"]
                self.captain.objects.patch_namespaced_custom_object(
                    GROUP,
                    VERSION,
                    meta["namespace"],
                    PLURAL,
                    meta["name"],
                    patch,
                    _content_type="application/merge-patch+json",
                )


def manifest_of(release: Mapping[str, Any]) -> str:
    """The YAML documents that a Release made."""
    unpacked = gzip.decompress(base64.b64decode(release["spec"]["manifestData"]))
    return str(json.loads(unpacked))


def _without_archive(chart: Chart, values: Mapping[str, Any], release: str) -> Rendered:
    """One ConfigMap with the values stands for the objects of a chart that has no archive."""
    meta = {"name": chart.name, "version": chart.version, "apiVersion": "v2"}
    thing = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": release},
        "data": {"chart": f"{chart.name} {chart.version}", "values": json.dumps(values)},
    }
    return Rendered({"metadata": meta}, values, f"---\n{yaml.safe_dump(thing)}", (), NOTES)


def _owned(thing: dict[str, Any], release: str, namespace: str) -> dict[str, Any]:
    meta = thing["metadata"]
    labels = {**(meta.get("labels") or {}), "app.kubernetes.io/managed-by": "Helm"}
    owner = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    return {
        **thing,
        "metadata": {**meta, "labels": labels, "annotations": {**(meta.get("annotations") or {}), **owner}},
    }


def _things(manifest: str) -> list[dict[str, Any]]:
    return list(_documents(manifest))


def _documents(manifest: str) -> Iterator[dict[str, Any]]:
    for document in yaml.safe_load_all(manifest):
        if document:
            yield document


def _gone(before: str, after: str) -> str:
    staying = {_key(one) for one in _documents(after)}
    return yaml.safe_dump_all([one for one in _documents(before) if _key(one) not in staying])


def _key(thing: Mapping[str, Any]) -> tuple[str, ...]:
    meta = thing["metadata"]
    return thing["apiVersion"], thing["kind"], meta.get("namespace", ""), meta["name"]


def _foreign(thing: Mapping[str, Any], namespace: str) -> str:
    what = f'{thing["kind"]} "{thing["metadata"]["name"]}" in namespace "{namespace}"'
    return (
        "rendered manifests contain a resource that already exists. Unable to continue with install: "
        f"{what} exists and cannot be imported into the current release: invalid ownership metadata; "
        'label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"'
    )
