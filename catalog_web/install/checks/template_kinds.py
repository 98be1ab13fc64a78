"""Which kinds of objects templates write out in plain letters, read from their text. Pure.

What stands below a condition on what the cluster can do (``.Capabilities``) is left out: there the chart itself sees to
it. What a helper writes is not seen.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.model import ArchiveFile

LONGEST_FILE = 1024 * 1024
"""Characters of a template that is looked into."""
_MOST = 2_000
_ACTION = re.compile(r"\{\{-?\s*(if|with|range|define|block|else|end)\b([^{}]{0,500})")
_ON_CLUSTER = re.compile(r"[Cc]apabilities|[Kk]ubeVersion|semverCompare|[aA]pi[vV]ersions?\b")
_API_VERSION = re.compile(r"apiVersion:[ \t]*[\"']?([a-z0-9./-]{1,253})[\"']?[ \t]*(?:#.*)?$")
_KIND = re.compile(r"kind:[ \t]*[\"']?([A-Za-z][A-Za-z0-9]{0,62})[\"']?[ \t]*(?:#.*)?$")
_WATERSHED = re.compile(r"---\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class TemplateKind:
    """A kind with its API version."""

    api_version: str
    kind: str
    path: str
    """Of the first template that makes one."""

    @property
    def group(self) -> str:
        """Empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def text(self) -> str:
        """As Helm's ``.Capabilities.APIVersions`` has it: ``apps/v1/Deployment``."""
        return f"{self.api_version}/{self.kind}"


def template_kinds(files: Iterable[ArchiveFile]) -> tuple[TemplateKind, ...]:
    """Each kind once."""
    found: dict[str, TemplateKind] = {}
    for file in files:
        if file.path.endswith((".yaml", ".yml", ".tpl")) and len(file.text) <= LONGEST_FILE:
            for one in _kinds(file):
                found.setdefault(one.text, one)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _kinds(file: ArchiveFile) -> Iterator[TemplateKind]:
    """Line by line: the API version and the kind of one document stand at its left margin."""
    conditions: list[bool] = []
    api_version = kind = ""
    for line in file.text.split("\n"):
        for action in _ACTION.finditer(line):
            _step(conditions, action[1], bool(_ON_CLUSTER.search(action[2])))
        if _WATERSHED.match(line):
            api_version = kind = ""
        if any(conditions):
            continue
        api_version = found[1] if (found := _API_VERSION.match(line)) else api_version
        kind = found[1] if (found := _KIND.match(line)) else kind
        if api_version and kind:
            yield TemplateKind(api_version, kind, file.path)
            api_version = kind = ""


def _step(conditions: list[bool], word: str, on_cluster: bool) -> None:
    """Keep for each open block whether it hangs on the cluster. A block that did in one branch does in all."""
    if word == "end":
        del conditions[-1:]
    elif word == "else":
        conditions[-1:] = [any(conditions[-1:]) or on_cluster]
    else:
        conditions.append(on_cluster)
