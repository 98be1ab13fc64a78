"""What a chart makes of values, shown before anything is sent: helm renders the stored archive, as captain would.

helm asks no cluster, so what a template looks up there is empty. The schema of the values is not looked at, for helm
would fetch what it refers to; Chartroom checks it by itself.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog_web.install.helm_errors import explain
from catalog_web.install.helm_program import HelmProgram
from catalog_web.install.manifests import ManifestObject, read_manifests
from indexer.errors import RenderRefused

_KUBE_VERSION = re.compile(r"v?\d{1,5}\.\d{1,5}(\.\d{1,5})?([-+][0-9A-Za-z.+-]{1,60})?", re.ASCII)
_API_VERSION = re.compile(r"[a-z0-9.-]{1,253}(/[A-Za-z0-9.-]{1,253}){0,2}", re.ASCII)
_MOST_API_VERSIONS = 2_000


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is to be rendered."""

    archive: Path
    values: Mapping[str, Any] = field(repr=False)
    """All that differs from the chart's own, secrets among them: they go to helm by a pipe."""
    release: str
    namespace: str
    kube_version: str = ""
    """Of the cluster; empty: what helm takes for one."""
    api_versions: Collection[str] = ()
    """What the cluster serves: ``apps/v1`` and ``apps/v1/Deployment``."""
    upgrade: bool = False
    secret_values: Collection[str] = field(default=(), repr=False)
    """Texts that are not shown wherever they come out."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the chart makes, in the order in which helm gives it to the cluster."""

    objects: tuple[ManifestObject, ...]

    @property
    def release(self) -> tuple[ManifestObject, ...]:
        """What becomes a part of the release: no hooks, and no CRDs that stay."""
        return tuple(one for one in self.objects if not one.hooks and not one.stays)


class Renderer:
    """Renders with the helm that is there. Safe to use from several threads."""

    def __init__(self, program: HelmProgram) -> None:
        self._program = program

    def render(self, asked: Rendering) -> Rendered:
        """What the chart makes. Raises RenderError: HelmAbsent, HelmUnusable, RenderRefused, RenderTooLarge."""
        values = json.dumps(asked.values).encode()
        ended = self._program.run(tuple(_words(asked)), values)
        if ended.code != 0:
            raise RenderRefused(detail=explain(ended.error, tuple(asked.secret_values)))
        text = ended.output.decode("utf-8", "replace")
        return Rendered(read_manifests(text, asked.namespace, asked.secret_values))


def _words(asked: Rendering) -> Iterator[str]:
    yield from ("template", "--namespace", asked.namespace, "--values", "-", "--include-crds")
    yield "--skip-schema-validation"
    if asked.upgrade:
        yield "--is-upgrade"
    if _KUBE_VERSION.fullmatch(asked.kube_version):
        yield from ("--kube-version", asked.kube_version)
    served = sorted(one for one in asked.api_versions if _API_VERSION.fullmatch(one))[:_MOST_API_VERSIONS]
    if served:
        yield from ("--api-versions", ",".join(served))
    yield from ("--", asked.release, str(asked.archive.absolute()))
