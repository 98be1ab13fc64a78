"""From a row of Harbor's artifacts to a version of a chart. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indexer.errors import N_, EntryError, Phrase, phrase
from indexer.model import Problem
from indexer.parse import digest_form, read_chart_json
from indexer.parse.text import moment, shown
from indexer.sources.entry import listed_version
from indexer.sources.oci.listing import Seen
from indexer.sources.oci.manifest import CREATED, HELM_CONFIG
from indexer.sources.oci.reference import chart_url, is_repository, is_tag, tag_of

CHARTS = "q=type%3DCHART"
"""The filter, as it is sent."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A row that is a chart, tagged or not; with ``seen`` or ``problem`` where it is tagged."""

    repository: str
    """With its project; empty where the row does not tell."""
    seen: Seen | None = None
    problem: Problem | None = None

    @property
    def is_tagged(self) -> bool:
        """Whether anybody can still pull it by a name."""
        return self.seen is not None or self.problem is not None

    @property
    def chart(self) -> str:
        """The chart's name, as far as it is known."""
        return self.seen.chart if self.seen else ""


def read_artifact(row: Mapping[str, Any], host: str, repository: str = "") -> Artifact | None:
    """Read a row of the Harbor at ``host``; None where it is no chart, whatever the filter was.

    ``repository``: where it was listed, with its project; older Harbors do not tell it in the row.
    """
    if not _is_chart(row):
        return None
    place = repository or _text(row.get("repository_name"))
    tags = _tags(row.get("tags"))
    if not is_repository(place) or not tags:
        return Artifact(place)
    try:
        return Artifact(place, seen=_seen(row, host, place, tags))
    except EntryError as error:
        return Artifact(place, problem=_problem(place, tags[0], error.params.get("detail", error.cause)))


def _is_chart(row: Mapping[str, Any]) -> bool:
    """By the media type of its config: the type CHART is Harbor's own word for it, which a filter may have lost."""
    return (row.get("media_type") or row.get("artifact_type")) == HELM_CONFIG


def _seen(row: Mapping[str, Any], host: str, repository: str, tags: Sequence[str]) -> Seen:
    """Name and version are Chart.yaml's: a tag may say anything. Raises EntryError."""
    chart = read_chart_json(row.get("extra_attrs"))
    manifest = digest_form(_text(row.get("digest")))
    if not manifest:
        raise EntryError(detail=phrase(N_("Its digest is no SHA-256.")), line=None)
    tag = tag_of(chart.version) if tag_of(chart.version) in tags else tags[0]
    urls = (chart_url(host, repository, tag),)
    entry = listed_version(chart, urls, digest="", created=_created(row), manifest=manifest)
    return Seen(repository, tag, chart.name, chart.version, manifest, entry)


def _created(row: Mapping[str, Any]) -> datetime | None:
    """When it was packed, as Helm notes it; else when it was pushed."""
    annotations = row.get("annotations")
    noted = annotations.get(CREATED) if isinstance(annotations, dict) else None
    return moment(_text(noted)) or moment(_text(row.get("push_time")))


def _tags(listed: Any) -> list[str]:
    """Names of tags, without those by which signatures are found (``sha256-….sig``)."""
    rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    names = (_text(one.get("name")) for one in rows)
    return sorted(name for name in names if is_tag(name) and not name.startswith("sha256-"))


def _problem(repository: str, tag: str, detail: Phrase | str) -> Problem:
    text = N_("{repository}:{tag}: {detail}")
    params = {"repository": repository, "tag": tag, "detail": detail}
    return Problem(shown(repository.rpartition("/")[2]), tag.replace("_", "+"), None, "skipped", text, params)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
