"""The frozen data that crosses rooms. No behaviour beyond what follows from the fields alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from indexer.errors import describe, fill

SourceKind = Literal["index", "directory"]
ContentPolicy = Literal["latest", "all", "none"]
ChangeKind = Literal["added", "updated", "removed", "repushed", "content"]
Outcome = Literal["changed", "unchanged", "held", "failed"]
SourceHealth = Literal["ok", "held", "failing", "never", "disabled"]
ProblemKind = Literal["repaired", "skipped", "flagged"]


@dataclass(frozen=True, slots=True)
class Source:
    """One chart repository as its owner registered it. Credentials are only referenced, never held."""

    name: str
    url: str
    """http(s) URL of the folder that holds index.yaml, without credentials; for ``directory`` an absolute path."""
    kind: SourceKind = "index"
    title: str = ""
    enabled: bool = True
    username: str = ""
    password_file: str = ""
    interval: int = 1800
    """Seconds between two syncs."""
    timeout: int = 600
    """Seconds for one whole answer (an index or an archive)."""
    max_index_bytes: int = 64 * 1024 * 1024
    content: ContentPolicy = "latest"
    """Which archives are fetched after a sync: of the newest version of each chart, of all, or none."""
    captain_repo: str = ""
    """Name of captain's ChartRepo for this source; empty means the source's name."""
    configured: bool = False
    """Declared in the configuration file, hence read-only elsewhere."""

    @property
    def shown_url(self) -> str:
        """The address as anybody may see it: without its query, which may hold a token."""
        return self.url if self.kind == "directory" else self.url.partition("?")[0]

    @property
    def chart_repo(self) -> str:
        """The ChartRepo name that a HelmRequest's ``spec.chart`` starts with."""
        return self.captain_repo or self.name


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry. ``repaired``: kept, with the repair told; ``skipped``: set aside; ``flagged``:
    kept as is."""

    chart: str
    version: str
    """Empty where the whole chart is meant."""
    line: int | None
    """Line in index.yaml, from 1; None where it is not known (an archive, a directory)."""
    kind: ProblemKind
    text: str
    """Template of one sentence, without the chart's name in front."""
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Facts for that template, of plain JSON values (errors.Phrase)."""

    @property
    def cause(self) -> str:
        """What is wrong, in English."""
        return fill(self.text, self.params)


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One version as an index lists it: what a listing shows, and the rest as raw bytes until somebody looks."""

    name: str
    version: str
    """Verbatim, as listed (``v1.2`` stays ``v1.2``)."""
    app_version: str
    created: datetime | None
    """Aware, UTC; None where absent or absurd."""
    digest: str
    """Lower-case hexadecimal SHA-256 without prefix; empty where absent."""
    urls: tuple[str, ...]
    """As listed: absolute or relative to the index."""
    deprecated: bool
    raw: bytes | memoryview
    """The entry itself, a YAML or JSON document of its own that ``parse.open_entry`` reads (a list of one mapping,
    or a mapping)."""
    fingerprint: bytes
    """16 bytes BLAKE2b over ``raw``: equal fingerprints mean an equal entry."""


@dataclass(frozen=True, slots=True)
class ListedChart:
    """A chart of an index with all its readable versions, in the index's order."""

    name: str
    fingerprint: bytes
    """16 bytes BLAKE2b over the chart's whole block."""
    versions: tuple[ListedVersion, ...]
    kept: bool = False
    """True: the block equals the one already stored; ``versions`` is empty and means "as before"."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that one reading of an index says."""

    charts: Mapping[str, ListedChart]
    problems: tuple[Problem, ...]
    fingerprint: bytes
    """16 bytes over the charts' names and fingerprints, in order: equal for equal content whatever ``generated``
    says."""
    end_proven: bool
    """The document shows its own end: a top-level key after ``entries``, a closing JSON brace, a full directory
    walk."""
    entries: int
    """How many version entries the index holds, readable or not; of kept charts as well where cheap, else 0 for
    them."""


@dataclass(frozen=True, slots=True)
class Maintainer:
    """Who keeps a chart."""

    name: str
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One line of a chart's ``dependencies``; nothing here is trusted as a path."""

    name: str
    version: str = ""
    repository: str = ""
    alias: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartMetadata:
    """Chart.yaml (or an index entry) in full, cleaned: strings are text without control characters, lists are lists."""

    name: str
    version: str
    api_version: str = ""
    app_version: str = ""
    description: str = ""
    home: str = ""
    icon: str = ""
    keywords: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    maintainers: tuple[Maintainer, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    kube_version: str = ""
    type: str = ""
    deprecated: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    digest: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A text file of a chart archive, named by its path below the chart's folder."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ArchiveContent:
    """What a reader wants from a chart archive. Absent files are empty strings."""

    digest: str
    """SHA-256 of the packed bytes, hexadecimal."""
    size: int
    """Packed bytes."""
    metadata: ChartMetadata
    readme: str
    values: str
    """values.yaml byte for byte (as UTF-8 text), comments kept."""
    schema: str
    """values.schema.json as text; not necessarily valid."""
    templates: tuple[ArchiveFile, ...]
    crds: tuple[ArchiveFile, ...]
    dependencies: tuple[Dependency, ...]
    notes: tuple[str, ...] = ()
    """What was seen and not read, as sentences: a link, a binary file, a file over its limit."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log. ``content``: the README or values became known; followers care, feeds do not show
    it."""

    id: int
    at: datetime
    source: str
    name: str
    version: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the ledger: one try to sync one source, whatever came of it."""

    id: int
    source: str
    started: datetime
    seconds: float
    outcome: Outcome
    added: int = 0
    updated: int = 0
    removed: int = 0
    repushed: int = 0
    problems: int = 0
    bytes: int = 0
    """Bytes of the index received; 0 for "not modified"."""
    error_id: str = ""
    """Why it failed, or why the removals are held."""
    error_params: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the texts of that error (errors.by_id)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A large fall that waits for a second equal answer or a person."""

    since: datetime
    fingerprint: bytes
    """Listing.fingerprint of the answer that is held."""
    removed: int
    """Charts that would vanish or go back."""
    of: int
    """Charts that are stored."""
    error_id: str
    """Which RemovalsHeld it is."""

    @property
    def params(self) -> dict[str, int]:
        """Facts for the texts of that error."""
        return {"removed": self.removed, "of": self.of}

    @property
    def reason(self) -> str:
        """Why it is held, in English."""
        return describe(self.error_id, self.params).cause


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source with what the store knows of its syncs."""

    source: Source
    charts: int = 0
    versions: int = 0
    next_due: datetime | None = None
    failures: int = 0
    """Failed attempts in a row."""
    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    """SHA-256 of the last body that was taken, hexadecimal."""
    listing_fingerprint: bytes = b""
    end_proven: bool = False
    """Whether the last listing that was taken showed its own end."""
    full_fetch_at: datetime | None = None
    """When the index was last fetched without validators."""
    held: Held | None = None
    accepted: bytes = b""
    """Fingerprint of a held listing that a person accepted."""
    last_attempt: Attempt | None = None
    last_success: datetime | None = None
    problems: int = 0
    running: "Progress | None" = None

    @property
    def health(self) -> SourceHealth:
        """The one word that the contract calls ``state``."""
        if not self.source.enabled:
            return "disabled"
        if self.last_attempt is None:
            return "never"
        if self.last_attempt.outcome == "failed":
            return "failing"
        return "held" if self.held else "ok"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running sync is."""

    started: datetime
    step: Literal["fetching", "reading", "writing", "archives", "index"]
    done: int = 0
    total: int = 0
    """0: not known."""


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A chart as a card or a hit shows it: its latest version's facts."""

    source: str
    name: str
    version: str
    app_version: str
    description: str
    icon: str
    keywords: tuple[str, ...]
    maintainers: tuple[str, ...]
    home: str
    deprecated: bool
    updated: datetime | None
    """``created`` of the latest version, else when it was first seen."""
    versions: int
    kube_version: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """One line of a chart's list of versions."""

    version: str
    app_version: str
    created: datetime | None
    digest: str
    deprecated: bool
    prerelease: bool
    valid: bool
    """False: not a version that Helm accepts; it sorts last and is never latest."""
    repushed: bool
    """The same version came with another digest at some time."""
    urls: tuple[str, ...] = ()
    archive: Literal["unknown", "ready", "failed"] = "unknown"
    archive_error_id: str = ""
    archive_error_params: Mapping[str, Any] = field(default_factory=dict)
    archive_digest: str = ""
    archive_next_try: datetime | None = None
    """When an archive that could not be had is tried again."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What was sent to a cluster, kept for history and rollback."""

    number: int
    cluster: str
    namespace: str
    name: str
    action: Literal["install", "uninstall"]
    source: str
    chart: str
    version: str
    chart_digest: str
    values_yaml: str
    manifest: Mapping[str, Any]
    """The HelmRequest as sent."""
    request_id: str
    person: str
    at: datetime
    uid: str = ""
    """metadata.uid of the created object; empty until the answer was seen."""


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """A Kubernetes cluster that charts may be installed to."""

    name: str
    kubeconfig: str = ""
    """Absolute path; never picked up unasked."""
    context: str = ""
    in_cluster: bool = False
    captain_namespace: str = ""
    """Empty: where its ChartRepos are, if that may be listed, else ``captain``."""
    api_version: Literal["v1alpha1", "v1"] = "v1alpha1"
