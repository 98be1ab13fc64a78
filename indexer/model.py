"""The frozen data that crosses rooms. No behaviour beyond what follows from the fields alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from indexer.errors import Phrase, describe, fill

SourceKind = Literal["index", "harbor", "oci", "directory"]
SecretField = Literal["password", "token", "client_key", "hook", "helm"]
"""``hook`` names the source in a webhook, ``helm`` opens its charts under /helm; the others go to the source itself."""
CREDENTIALS: frozenset[SecretField] = frozenset({"password", "token", "client_key"})
"""Secrets that the source's own server is shown."""
ContentPolicy = Literal["latest", "all", "none"]
ChangeKind = Literal["added", "updated", "removed", "repushed", "content"]
Outcome = Literal["changed", "unchanged", "held", "failed"]
SourceHealth = Literal["ok", "held", "failing", "never", "disabled"]
Step = Literal["fetching", "reading", "writing", "archives", "index"]
"""What a running sync is at."""
ProblemKind = Literal["repaired", "skipped", "flagged"]
DueReason = Literal[
    "registered", "changed", "asked", "webhook", "interval", "back-off", "retry-after", "confirm", "resumed"
]
"""Why a source is due when it is: its settings are new or changed; a person or a webhook asked; its interval; it failed
so often (``SourceState.failures``); its server named the time; what is held may then be confirmed; a sync was cut off.
"""
SignatureState = Literal["unknown", "none", "present", "verified", "bad"]
"""Of a version's provenance: it could not be looked for; there is none; nobody said whose keys are believed; it proves
the archive; it does not."""
ImageOrigin = Literal["annotation", "values", "template", "dependency"]
ImageDoubt = Literal["", "tag", "off", "disabled", "unclear", "setting", "test", "unseen"]
"""Why an image is guessed. ``tag``: none is given, so it is taken for the app version. ``off``: the defaults leave it
out. ``disabled``: the defaults leave its whole subchart out. ``unclear``: it hangs on something that only a cluster
knows. ``setting``: it is handed to a program, which may run it. ``test``: only ``helm test`` runs it. ``unseen``: what
the templates make of the values is not known.
"""
_LICENCE = ("artifacthub.io/license", "license", "licence", "licenses")
"""Annotations that name a chart's licence: Artifact Hub's, then what publishers use beside it (Bitnami: the last)."""
CONTENT_FORMAT = 2
"""Raised whenever more is read from an archive than before; what was read under a lower one is read again."""
PublicationMode = Literal["direct", "helm"]
"""``direct``: captain reads the repository itself. ``helm``: it reads it from Chartroom."""


@dataclass(frozen=True, slots=True)
class Source:
    """One chart repository as its owner registered it. Secrets are never held: they are named by a file, by a Secret
    of a cluster, or by the store that keeps them encrypted."""

    name: str
    """Of a Harbor's project: ``<source>.<project>``."""
    url: str
    """``index`` and ``harbor``: http(s), without credentials; ``oci``: oci://host/path; ``directory``: an absolute
    path."""
    kind: SourceKind = "index"
    kind_given: bool = True
    """False: nobody said which kind it is, so it is a guess until a sync has found out."""
    title: str = ""
    description: str = ""
    enabled: bool = True
    private: bool = False
    """Seen by those alone to whom a role names it."""
    approval: bool = False
    """What is installed from it, an admin approves first."""

    username: str = ""
    password_file: str = ""
    token_file: str = ""
    """Holds a Bearer token."""
    client_cert: str = ""
    """PEM text; its key is a secret."""
    client_cert_file: str = ""
    client_key_file: str = ""
    ca: str = ""
    """PEM text of the authorities (or of the one certificate) that are trusted beside the system's."""
    ca_file: str = ""
    insecure_skip_verify: bool = False
    secret_ref: str = ""
    """``cluster/namespace/name`` of a Kubernetes Secret with username and password, token, or tls.crt and tls.key."""
    stored_secrets: tuple[SecretField, ...] = ()
    """Which secrets the store keeps for this source, in alphabetical order."""
    credential_origins: tuple[str, ...] = ()
    """Other origins (``https://host[:port]``) that may get the credentials."""
    hook_secret_file: str = ""
    """Holds the ``Authorization`` text by which a webhook names this source."""
    keyring_file: str = ""
    """Holds the OpenPGP public keys whose signatures of this source's charts are believed; empty: as for all."""

    proxy: str = ""
    """http://host:port; empty: what the environment says; ``direct``: none."""
    interval: int = 1800
    """Seconds between two syncs."""
    timeout: int = 600
    """Seconds for one whole answer (an index or an archive)."""
    max_index_bytes: int = 64 * 1024 * 1024

    include: tuple[str, ...] = ()
    """Globs of chart names; empty: all."""
    exclude: tuple[str, ...] = ()
    versions: str = ""
    """A range in Helm's notation, such as ``>=1.2 <3``; empty: all."""
    prereleases: bool = True
    """False: versions such as 1.0.0-rc.1 are left out."""
    projects: tuple[str, ...] = ()
    """``harbor``: globs of projects; empty: all that the account may read."""
    repositories: tuple[str, ...] = ()
    """``oci`` (and a Harbor account that may only pull): repositories or globs below the address."""
    content: ContentPolicy = "latest"
    """Which archives are fetched after a sync: of the newest version of each chart, of all, or none."""

    captain_repo: str = ""
    """Name of captain's ChartRepo for this source; empty means the source's name."""
    configured: bool = False
    """Declared in the configuration file, hence read-only elsewhere."""
    operator: bool = False
    """Registered where files of the server may be named (the configuration file, the server's command line); its own
    address may be a loopback one."""
    parent: str = ""
    """The Harbor source of which this is one project; empty for all others."""
    project: str = ""
    """That project's name."""

    @property
    def host(self) -> str:
        """``host[:port]`` of the server that is asked; empty for a ``directory``."""
        return "" if self.kind == "directory" else self.url.partition("://")[2].partition("/")[0].lower()

    @property
    def shown_url(self) -> str:
        """The address as anybody may see it: without its query, which may hold a token."""
        return self.url if self.kind == "directory" else self.url.partition("?")[0]

    @property
    def chart_repo(self) -> str:
        """The ChartRepo name that a HelmRequest's ``spec.chart`` starts with; Kubernetes takes no ``_`` in it."""
        return self.captain_repo or self.name.replace("_", "-")

    @property
    def is_private(self) -> bool:
        """Whether it is read with a credential, so that what it holds is not for everybody."""
        return bool(
            self.username
            or self.token_file
            or self.client_cert
            or self.client_cert_file
            or self.secret_ref
            or CREDENTIALS & set(self.stored_secrets)
        )

    @property
    def is_guarded(self) -> bool:
        """Whether what it holds is not for everybody: it is read with a credential, or only those see it to whom a role
        names it."""
        return self.private or self.is_private

    @property
    def holds_projects(self) -> bool:
        """Whether it has no charts of its own: each project of a Harbor is a source by itself."""
        return self.kind == "harbor" and not self.parent


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
    manifest: str = ""
    """Lower-case hexadecimal SHA-256 of the OCI manifest, where the source is a registry; empty elsewhere."""


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
    only: frozenset[str] | None = None
    """Names of the charts that were looked at; what is stored of all others stays. None: all were."""


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

    @property
    def licence(self) -> str:
        """The licence that its annotations name, however they call it; empty where they name none."""
        return next((said for name in _LICENCE if (said := self.annotations.get(name, "").strip())), "")


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A text file of a chart archive, named by its path below the chart's folder."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ChartImage:
    """A container image that a version would pull."""

    reference: str
    """``[registry/]repository[:tag][@digest]``, as far as it is known."""
    certain: bool
    """False: it is guessed, as from a tag that is the app version where none is given."""
    origin: ImageOrigin
    where: str
    """What it was read from: a dotted path of values.yaml, a template's path, the annotation's name."""
    chart: str = ""
    """The subchart that brings it, by its path of names or aliases with ``/``; empty for the chart itself."""
    doubt: ImageDoubt = ""
    """Empty where it is certain."""
    hint: str = ""
    """What the doubt is about: the condition that switches a subchart on."""


@dataclass(frozen=True, slots=True)
class Subchart:
    """A chart that lies in the archive below ``charts/``."""

    name: str
    """Below another subchart: with the names above it, as ``postgresql/common``."""
    version: str
    values: str
    """Its values.yaml as text."""
    schema: str = ""
    """Its values.schema.json as text."""


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
    partial: bool = False
    """True: README and values alone, as a registry tells them without the archive, whose size and files are not known;
    ``digest`` is one of the source's name and the OCI manifest."""
    images: tuple[ChartImage, ...] = ()
    changelog: str = ""
    """CHANGELOG as text."""
    licence_text: str = ""
    values_files: tuple[ArchiveFile, ...] = ()
    """Presets that the chart brings: ``values-*.yaml`` beside its values.yaml."""
    subcharts: tuple[Subchart, ...] = ()
    questions: str = ""
    """Rancher's questions.yaml as text."""
    format: int = CONTENT_FORMAT
    """Which CONTENT_FORMAT it was read under."""

    @property
    def outdated(self) -> bool:
        """Whether the archive holds more that is wanted by now."""
        return self.format < CONTENT_FORMAT


@dataclass(frozen=True, slots=True)
class Searchable:
    """What the search wants to know of a chart's newest archive."""

    readme: str = ""
    """Its beginning."""
    images: tuple[str, ...] = ()
    """Registry and repository of each image."""
    kinds: tuple[str, ...] = ()
    """Kinds that its CRDs define."""
    values: tuple[tuple[str, str], ...] = ()
    """Dotted keys of values.yaml with their comments; the telling ones."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was found beside a version's archive."""

    text: str = ""
    """The provenance file as it came; empty: there was none, or it is not known."""
    error_id: str = ""
    """Why it could not be looked for."""
    error_params: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0
    next_try: datetime | None = None
    """When it is looked for again; None with a text: never."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a provenance proves of an archive."""

    state: SignatureState
    signer: str = ""
    """Name and address in the signer's key, as the keyring has it."""
    fingerprint: str = ""
    """Of the signer's key, in lower-case hexadecimal."""
    fault: Phrase | None = None
    """Why it is ``bad`` or ``unknown``, as the end of a sentence."""


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
class ChartChanges:
    """What one sync changed of one chart, in one way."""

    row: int
    """The newest of its rows in the change log."""
    first: int
    """The oldest of them."""
    at: datetime
    source: str
    name: str
    kind: ChangeKind
    versions: tuple[str, ...]
    """Newest first; the first VERSIONS_TOLD of ``count``."""
    count: int
    is_new: bool = False
    """The chart was not in the catalog before."""


@dataclass(frozen=True, slots=True)
class SyncChanges:
    """What one sync changed of one source."""

    row: int
    """The newest of its rows in the change log."""
    first: int
    """The oldest of them."""
    at: datetime
    source: str
    charts: int
    """How many charts it touched."""
    versions: Mapping[ChangeKind, int]
    lines: tuple[ChartChanges, ...]
    """The first of its charts."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are asked for; what is empty restricts nothing."""

    sources: tuple[str, ...] = ()
    chart: str = ""
    kinds: tuple[ChangeKind, ...] = ()
    sync: int = 0
    """A row of the change log: only what the same sync changed."""
    without_sources: frozenset[str] = frozenset()
    without_charts: frozenset[tuple[str, str]] = frozenset()
    """(source, chart)."""


ALL_CHANGES = ChangeFilter()


@dataclass(frozen=True, slots=True)
class RepushedVersion:
    """A version that was pushed again with other bytes."""

    source: str
    chart: str
    version: str
    at: datetime | None
    """When that was last seen."""


@dataclass(frozen=True, slots=True)
class LostArchive:
    """A version whose archive could not be had."""

    source: str
    chart: str
    version: str
    error_id: str
    error_params: Mapping[str, Any]
    failures: int
    """Times that it was tried."""
    next_try: datetime | None


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
    full_due: datetime | None = None
    """When all of it is due; ``next_due`` is sooner where only what webhooks named is."""
    due_reason: DueReason = "registered"
    """Why ``next_due`` is when it is."""
    failures: int = 0
    """Failed attempts in a row."""
    failing_since: datetime | None = None
    """When the first of them began; None where the last attempt did not fail."""
    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    """SHA-256 of the last body that was taken, hexadecimal."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What the source's reader asked to be told at its next sync (sources.Answer.memory)."""
    pending: Mapping[str, datetime] = field(default_factory=dict)
    """Repositories or charts that wait to be read since a webhook named them last; "" stands for all of them."""
    listing_fingerprint: bytes = b""
    end_proven: bool = False
    """Whether the last listing that was taken showed its own end."""
    full_fetch_at: datetime | None = None
    """When the index was last fetched without validators."""
    held: Held | None = None
    accepted: bytes = b""
    """Fingerprint of a held listing that a person accepted."""
    last_attempt: Attempt | None = None
    last_change: Attempt | None = None
    """The newest attempt that changed the catalog."""
    last_success: datetime | None = None
    problems: int = 0
    running: "Progress | None" = None
    address_told: bool = True
    """Whether whoever looks may know where the source is: not everybody may of a folder on the server."""

    @property
    def shown_url(self) -> str:
        """The address of the source as whoever looks may see it; empty where they may not."""
        return self.source.shown_url if self.address_told else ""

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
    step: Step
    done: int = 0
    total: int = 0
    """0: not known."""
    bytes: int = 0
    """Received so far."""
    of_bytes: int = 0
    """How many come in all; 0: not known."""


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
    category: str = ""
    license: str = ""
    other_names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Addresses where its code is kept, as the chart says."""
    dependencies: tuple[str, ...] = ()
    """Names of charts."""
    digest: str = ""
    """Of the latest version, as it is listed; empty where it is not."""


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
    archive: Literal["unknown", "partial", "ready", "failed"] = "unknown"
    """``partial``: README and values are known, and the archive was not fetched yet."""
    archive_error_id: str = ""
    archive_error_params: Mapping[str, Any] = field(default_factory=dict)
    archive_digest: str = ""
    content_digest: str = ""
    """Under which what is known of the archive is kept: its own digest, or another one where it is partial."""
    archive_next_try: datetime | None = None
    """When an archive that could not be had is tried again."""


RevisionAction = Literal["install", "upgrade", "rollback", "annotate", "uninstall", "seen"]
"""``annotate``: captain's annotations alone; ``seen``: a change by somebody else, noticed."""
RevisionOutcome = Literal["", "synced", "failed", "gone", "replaced"]
"""What captain made of it: empty where that is not known yet; ``replaced``: a later change came first."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What was sent to a cluster, or seen there, kept for history and rollback. It never holds a secret value."""

    number: int
    cluster: str
    namespace: str
    name: str
    action: RevisionAction
    source: str
    chart: str
    version: str
    chart_digest: str
    values_yaml: str
    """The person's own values as they wrote them, less those of ``secret_paths``."""
    manifest: Mapping[str, Any]
    """The HelmRequest as sent, or as it was seen; it never holds a secret."""
    request_id: str
    person: str
    """Who did it; of what was seen the program that wrote it, as far as the cluster tells."""
    at: datetime
    uid: str = ""
    """metadata.uid of the object; empty until the answer was seen."""
    why: str = ""
    """The person's note."""
    outcome: RevisionOutcome = ""
    outcome_reason: str = ""
    outcome_at: datetime | None = None
    generation: int = 0
    """metadata.generation of the object after it; 0: not known."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """captain's own annotations of the object after it."""
    spec_hash: str = ""
    """captain's hash before it, where another one will mean that captain has seen it."""
    based_on: int = 0
    """The number that was rolled back to."""
    secret: str = ""
    """Name of the Secret with the values that are not shown."""
    secret_paths: tuple[str, ...] = ()
    """Dotted paths of the values in it, or of those that were only seen and not kept."""

    @property
    def is_removal(self) -> bool:
        """After it the object is gone, or on its way."""
        return self.action == "uninstall" or (self.action == "seen" and self.outcome == "gone")


@dataclass(frozen=True, slots=True)
class RevisionMark:
    """The newest revision of an app that its cluster took, as far as a list needs it."""

    cluster: str
    namespace: str
    name: str
    number: int
    action: RevisionAction
    version: str
    person: str
    at: datetime
    uid: str
    generation: int
    annotations: Mapping[str, str]
    spec_hash: str
    outcome: RevisionOutcome
    request_id: str


@dataclass(frozen=True, slots=True)
class SettledRevision:
    """A revision of which is known what captain made of it, as far as a notice tells of it."""

    cluster: str
    namespace: str
    name: str
    action: RevisionAction
    source: str
    chart: str
    version: str
    person: str
    request_id: str
    outcome: RevisionOutcome
    outcome_reason: str
    outcome_at: datetime


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """An app that Chartroom installed and has not removed since, with what it was last sent."""

    cluster: str
    namespace: str
    name: str
    source: str
    chart: str
    version: str


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app that was not removed since, as its revisions tell of it."""

    last: Revision
    """The newest one that Chartroom sent; where it sent none, the newest one that it saw."""
    owner: str
    """Who installed it last; empty where Chartroom did not."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a person keeps."""

    id: str
    """Random."""
    person: str
    name: str
    query: str
    """As it stands in the address of the catalog: ``q=redis&source=stable``."""
    created: datetime


@dataclass(frozen=True, slots=True)
class Preset:
    """Values that a team keeps under a name for a chart. A further save of the name is a further number."""

    source: str
    chart: str
    name: str
    number: int
    """From 1 on; 0 as long as it is not kept."""
    note: str
    values_yaml: str
    """As typed, without secrets."""
    secret_paths: tuple[str, ...]
    """Dotted paths of the secrets that were taken out."""
    person: str
    at: datetime


TeamRuleKind = Literal["allow", "hide", "recommend", "ceiling"]


@dataclass(frozen=True, slots=True)
class TeamRule:
    """One thing that a team decided about charts."""

    kind: TeamRuleKind
    source: str
    """Glob of sources' names; letters count as they are written."""
    chart: str
    """Glob of charts' names."""
    versions: str = ""
    """A range in Helm's notation, empty: all; of a ceiling the newest version that the team may use."""
    note: str = ""
    """Why, as the members read it."""
    person: str = ""
    at: datetime | None = None
    id: int = 0
    """0 as long as it is not kept."""


@dataclass(frozen=True, slots=True)
class Team:
    """People who see the catalog in the same way."""

    name: str
    title: str = ""
    members: tuple[str, ...] = ()
    """Names of people."""
    groups: tuple[str, ...] = ()
    """As the sign-in tells them; ``*``: all who are signed in."""
    rules: tuple[TeamRule, ...] = ()
    """In the order in which they were made."""
    created: datetime | None = None
    revision: int = 0
    """Raised by every change of the title, the members or the groups."""

    @property
    def called(self) -> str:
        """The title, else the name."""
        return self.title or self.name


ApprovalState = Literal["waiting", "approved", "done", "refused", "withdrawn", "expired"]


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that a person wants to send, and what an administrator of its source decided."""

    id: str
    state: ApprovalState
    person: str
    """Who asked."""
    at: datetime
    source: str
    chart: str
    version: str
    cluster: str
    namespace: str
    name: str
    action: Literal["install", "upgrade", "rollback"]
    request_id: str
    form: Mapping[str, Any] = field(hash=False)
    """``wish``: what is to be sent, without secrets; ``helmrequest``: as it would have been when it was asked."""
    sealed: str = field(repr=False)
    """The secrets of the wish, sealed; empty where there are none, and after it is settled."""
    why: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    problem: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it could not be sent when it was approved last: ``id`` and ``params`` of the error."""

    @property
    def place(self) -> tuple[str, str, str]:
        """Cluster, namespace and name of the app."""
        return self.cluster, self.namespace, self.name


@dataclass(frozen=True, slots=True)
class Publication:
    """That captain of a cluster is to know a source, or is to forget it."""

    cluster: str
    source: str
    mode: PublicationMode
    wanted: bool = True
    """False: captain is still to be told to forget it."""
    state: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What came of the last try, as plain JSON; empty before the first one."""


@dataclass(frozen=True, slots=True)
class ImageMirror:
    """Where images of a registry, or of a part of one, are to be had instead."""

    registry: str
    """Its host, or a host and the beginning of repositories: ``docker.io``, ``docker.io/bitnami``."""
    mirror: str = ""
    """What stands in its place: a host, or a host and a path; empty: there is no mirror."""
    blocked: bool = False
    """The registry itself cannot be reached from the clusters."""


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
    discover: Literal["offer", "register"] = "offer"
    """Whether ChartRepos that others made there are offered as sources, or registered by themselves."""
    impersonate: bool = False
    """Act there as the person who is signed in, so that the cluster decides what each may do."""
    own_token: bool = False
    """Act there with the token of the person's own sign-in at the provider, to the same end."""
