"""The one question: this install, written for that tool."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalog_web.install.exports import argocd, flux, helm, k3s, notes
from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.wanted import Wanted, wanted_of
from catalog_web.install.helmrequest import kubectl_command, manifest_yaml
from indexer.errors import Phrase, UsageError, fill

ExportKind = Literal["captain", "kubectl", "helm", "flux", "k3s", "argocd"]
KINDS: Mapping[ExportKind, str] = {
    "captain": "captain",
    "kubectl": "kubectl",
    "helm": "helm",
    "flux": "Flux",
    "k3s": "k3s",
    "argocd": "Argo CD",
}
"""What each is called, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Export:
    """A text to copy. ``notes`` are templates that a page translates; a command stands in one as it is."""

    kind: ExportKind
    text: str
    notes: tuple[Phrase, ...] = ()

    @property
    def commented(self) -> str:
        """The text with its notes above it, as comments in English."""
        return commented(self.text, [fill(one["text"], one["params"]) for one in self.notes])


def commented(text: str, notes: Iterable[str]) -> str:
    """``text`` with ``notes`` above it, as comments."""
    return "".join(f"# {line}\n" for note in notes for line in note.splitlines()) + text


def export(
    helmrequest: Mapping[str, Any], origin: ChartOrigin, kind: ExportKind, secret_paths: Sequence[str] = ()
) -> Export:
    """The install of ``helmrequest`` for ``kind``; ``secret_paths`` are the values in its Secret, dotted.

    Raises `UsageError` where nobody but Chartroom can reach the chart.
    """
    wanted = wanted_of(helmrequest)
    told = tuple(notes.secret_notes(wanted, secret_paths))
    if kind == "captain":
        return Export(kind, manifest_yaml(helmrequest), told)
    if kind == "kubectl":
        return Export(kind, kubectl_command(helmrequest), told)
    if not origin.url:
        raise UsageError(
            what=f"{KINDS[kind]} cannot reach the chart: Chartroom reads it from a folder of its own.",
            hint="Set “public_url” in the configuration to the address under which others reach Chartroom.",
        )
    text, more = _WRITERS[kind](wanted, origin)
    # What a tool cannot read from a Secret need not be put into one.
    return Export(kind, text, (*(told if kind != "argocd" else ()), *more, *notes.trust_note(origin)))


_Writer = Callable[[Wanted, ChartOrigin], tuple[str, tuple[Phrase, ...]]]
_WRITERS: Mapping[ExportKind, _Writer] = {
    "helm": helm.commands,
    "flux": flux.release,
    "k3s": k3s.helm_chart,
    "argocd": argocd.application,
}
