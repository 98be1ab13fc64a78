"""What a cluster tells of its apps, what was sent, and what the catalog knows of their charts: one row an app. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from catalog_web.install.helmrequest import label_value
from catalog_web.install.status import NOT_TOLD, App, app_of, spec_digest
from catalog_web.inventory.charts import ChartFacts
from indexer.model import KnownApp, Source
from indexer.search.request import ChartKey

Gone = Literal["", "source", "chart", "version"]
Place = tuple[str, str, str]
"""Cluster, namespace and name."""


@dataclass(frozen=True, slots=True)
class AppRow:
    """One app with all that a list shows of it."""

    app: App
    source: str
    """The source it was installed from; empty where nobody knows it."""
    owner: str
    """Who installed it; empty where Chartroom did not."""
    person: str
    """Who sent its last revision."""
    changed: datetime | None
    """When that was; else when it was made."""
    behind: int = 0
    """Releases in its source that are newer, and that whoever looks may use."""
    newest: str = ""
    """The newest of them; empty where there is none."""
    not_yet: str = ""
    """The newest release of all, where whoever looks may not use it; empty where they may, or where it runs."""
    drifted: bool = False
    """Its spec is not what Chartroom sent last: somebody else changed it."""
    deprecated: bool = False
    """Its chart, or its version of it."""
    repushed: bool = False
    """Its version was published again with another content since."""
    gone: Gone = ""
    """What is no longer in the catalog."""
    content_digest: str = ""
    """Under which the content of its archive is kept; empty where it was never read."""

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.app.cluster, self.app.namespace, self.app.name

    @property
    def version(self) -> str:
        """The version that is installed; before the first success the one that is asked for."""
        return self.app.status.version or self.app.version


@dataclass(frozen=True, slots=True)
class Sources:
    """The names of all sources."""

    names: frozenset[str]
    by_repo: Mapping[str, str]
    """By the name of the ChartRepo that captain is to have for them; only where it is that of one source alone."""
    by_label: Mapping[str, str]
    """By what a label says for them: a long name does not fit in."""
    unseen: frozenset[str] = frozenset()
    """Those that are not told of."""

    @classmethod
    def of(cls, sources: Iterable[Source], sees: Callable[[str], bool] = lambda _: True) -> "Sources":
        """Those of ``sources`` whose name ``sees`` takes."""
        registered = tuple(sources)
        all_of_them = tuple(one for one in registered if sees(one.name))
        repos = Counter(one.chart_repo for one in all_of_them)
        return cls(
            frozenset(one.name for one in all_of_them),
            {one.chart_repo: one.name for one in all_of_them if repos[one.chart_repo] == 1},
            {label_value(one.name): one.name for one in registered},
            frozenset(one.name for one in registered) - {one.name for one in all_of_them},
        )


def by_place(known: Iterable[KnownApp]) -> Mapping[Place, KnownApp]:
    """Revisions by where they were sent."""
    return {(one.last.cluster, one.last.namespace, one.last.name): one for one in known}


def told_by_store(known: Iterable[KnownApp], cluster: str) -> tuple[App, ...]:
    """The apps of a cluster that has not told of any: what was sent there, in a state that nobody knows."""
    return tuple(app_of(cluster, dict(one.last.manifest), NOT_TOLD) for one in known if one.last.cluster == cluster)


def source_of(app: App, known: KnownApp | None, sources: Sources) -> str:
    """The source of ``app``: that of its revision, else of its label, else the one with captain's name for it; empty
    where that is not told of."""
    said = known.last.source if known else ""
    found = said or sources.by_label.get(app.source) or app.source or sources.by_repo.get(app.chart_repo, "")
    return "" if found in sources.unseen else found


def rows(
    apps: Iterable[App],
    known: Mapping[Place, KnownApp],
    sources: Sources,
    facts: Mapping[ChartKey, ChartFacts],
) -> tuple[AppRow, ...]:
    """One row for each of ``apps``."""
    return tuple(_row(one, known.get((one.cluster, one.namespace, one.name)), sources, facts) for one in apps)


def _row(app: App, known: KnownApp | None, sources: Sources, facts: Mapping[ChartKey, ChartFacts]) -> AppRow:
    source = source_of(app, known, sources)
    chart = facts.get((source, app.chart))
    version = app.status.version or app.version
    summary = chart.versions.get(version) if chart else None
    behind = chart.behind(version) if chart else 0
    sent_digest = known.last.chart_digest if known else ""
    return AppRow(
        app=app,
        source=source,
        owner=known.owner if known else "",
        person=known.last.person if known else "",
        changed=known.last.at if known else app.created,
        behind=behind,
        newest=chart.newest if chart and behind else "",
        not_yet=chart.not_yet(version) if chart else "",
        drifted=bool(known and known.last.action != "seen" and _drifted(app, known)),
        deprecated=bool(chart and (chart.chart.deprecated or (summary and summary.deprecated))),
        repushed=bool(summary and summary.repushed and sent_digest != (summary.archive_digest or summary.digest)),
        gone=_gone(source, source in sources.names, chart is not None, summary is not None),
        content_digest=summary.content_digest if summary else sent_digest,
    )


def _drifted(app: App, known: KnownApp) -> bool:
    sent = known.last
    whole = not sent.secret_paths or sent.secret  # else something in it was not kept, so it cannot be compared
    return bool(whole) and app.status is not NOT_TOLD and app.spec_digest != spec_digest(dict(sent.manifest))


def _gone(source: str, has_source: bool, has_chart: bool, has_version: bool) -> Gone:
    if not source or has_version:
        return ""
    if not has_source:
        return "source"
    return "version" if has_chart else "chart"
