"""What a person may copy to install a version."""

import shlex
from urllib.parse import urlsplit

from catalog_web.catalog import VersionPage
from catalog_web.install.helmrequest import InstallForm, manifest, manifest_yaml
from catalog_web.pages.names import release_name
from indexer.model import ClusterConfig, Source

_NAMESPACE = "default"
_SERVED = "v1alpha1"
"""The version of captain's group that every captain serves."""


def helm_commands(source: Source, shown: VersionPage) -> str:
    """Return the commands that install the version with helm; empty for a folder, which helm cannot add."""
    address = next((url for url in shown.version.urls if url.startswith("oci://")), "")
    if address and source.kind != "index":
        return _helm_commands_of_registry(source, shown, address)
    if source.kind != "index":
        return ""
    quoted = shlex.quote
    name, version = shown.chart.name, shown.version.version
    login = f" --username {quoted(source.username)} --password-stdin" if source.username else ""
    return (
        f"helm repo add {quoted(source.name)} {quoted(source.shown_url)}{login}\n"
        f"helm install {quoted('my-' + name)} {quoted(f'{source.name}/{name}')} --version {quoted(version)}"
    )


def _helm_commands_of_registry(source: Source, shown: VersionPage, address: str) -> str:
    """``address`` ends with the tag, which helm makes of the version by itself."""
    quoted = shlex.quote
    repository, version = address.rpartition(":")[0], shown.version.version
    host = quoted(urlsplit(address).netloc)
    login = f"helm registry login {host} --username {quoted(source.username)} --password-stdin\n"
    install = f"helm install {quoted('my-' + shown.chart.name)} {quoted(repository)} --version {quoted(version)}"
    return f"{login if source.username else ''}{install}"


def helmrequest(source: Source, shown: VersionPage, clusters: tuple[ClusterConfig, ...]) -> str:
    """Return the HelmRequest that installs the version with its defaults; empty for a library, which nobody installs.

    It is written for whoever sends it by hand, so it carries none of Chartroom's marks.
    """
    if shown.metadata.type == "library":
        return ""
    form = InstallForm(
        source=source.name,
        chart_repo=source.chart_repo,
        chart=shown.chart.name,
        version=shown.version.version,
        cluster="",
        namespace=_NAMESPACE,
        name=release_name(shown.chart.name),
        values_yaml="",
        request_id="",
        person="",
    )
    made = manifest(form, {}, clusters[0].api_version if clusters else _SERVED)
    del made["metadata"]["labels"]
    return manifest_yaml(made)
