"""Reading the tags of one registry: a few at a time, each for itself, until the registry wants to be left alone."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from indexer import parse
from indexer.errors import (
    N_,
    AddressRefused,
    ConnectionFailed,
    CredentialsUnreadable,
    EntryError,
    NameNotResolved,
    ProxyFailed,
    RateLimited,
    RealmRefused,
    RealmUnencrypted,
    RegistryTooLarge,
    SourceError,
    TimedOut,
    TlsFailed,
    TlsUnusable,
    phrase,
)
from indexer.model import ChartMetadata, ListedVersion, Problem
from indexer.parse.text import moment
from indexer.sources.entry import listed_version
from indexer.sources.oci.listing import Seen
from indexer.sources.oci.look import StoredTag
from indexer.sources.oci.manifest import (
    CREATED,
    DESCRIPTION,
    MAX_CONFIG,
    ChartManifest,
    ManifestFault,
    read_manifest,
    unique,
)
from indexer.sources.oci.reference import chart_url, version_of
from indexer.sources.oci.registry import Fetched, Registry

AT_ONCE = 4
"""Requests; the gate to a server lets no more through anyway."""
_BATCH = 500
ENDS_ALL = (
    AddressRefused,
    ConnectionFailed,
    CredentialsUnreadable,
    NameNotResolved,
    ProxyFailed,
    RealmRefused,
    RealmUnencrypted,
    RegistryTooLarge,
    TimedOut,
    TlsFailed,
    TlsUnusable,
)
"""What would meet every other request as well; anything else is the trouble of one repository or version."""

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Task:
    """A tag to look at; ``stored``: what is stored under it."""

    repository: str
    tag: str
    stored: StoredTag | None = None
    manifests: Mapping[str, StoredTag] = field(default_factory=dict)
    """What else is stored of the repository, by digest of its manifest: a tag may stand beside another one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. Nothing at all: the tag is gone."""

    task: Task
    seen: Seen | None = None
    problem: Problem | None = None
    failure: SourceError | None = None
    """The error behind ``problem``, if it is the registry's."""
    other: bool = False
    """It is no chart."""
    waits: bool = False
    """Not looked at: the registry wants to be left alone."""


class TagReader:
    """Reads tags. ``limited`` is set as soon as the registry asks to come back later."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._stop = threading.Event()
        self.limited: RateLimited | None = None

    def read(self, tasks: Sequence[Task], step: Callable[[int], None]) -> list[Outcome]:
        """All outcomes, in order; ``step`` is told how many are done. Raises the errors of ENDS_ALL."""
        found: list[Outcome] = []
        for outcome in each(tasks, self._outcome):
            found.append(outcome)
            step(len(found))
        return found

    def _outcome(self, task: Task) -> Outcome:
        if self._stop.is_set():
            return Outcome(task, waits=True)
        try:
            return self._looked(task)
        except RateLimited as limited:
            self.limited = limited
            self._stop.set()
            return Outcome(task, waits=True)
        except ENDS_ALL:
            raise
        except SourceError as error:
            problem = _problem(task, error.cause_text, error.params)
            return Outcome(task, problem=problem, failure=error)

    def _looked(self, task: Task) -> Outcome:
        if not task.manifests:
            return self._fetched(task, self._registry.manifest(task.repository, task.tag))
        digest = self._registry.digest(task.repository, task.tag)
        if digest is None:
            return Outcome(task)
        if digest in task.manifests:
            return Outcome(task, as_stored(task.repository, task.tag, task.manifests[digest]))
        return self._fetched(task, self._registry.manifest(task.repository, f"sha256:{digest}"))

    def _fetched(self, task: Task, fetched: Fetched | None) -> Outcome:
        if fetched is None:
            return Outcome(task)
        try:
            manifest = read_manifest(fetched.body, fetched.media_type)
            if manifest is None:
                return Outcome(task, other=True)
            return Outcome(task, self._seen(task, fetched.digest, manifest))
        except ManifestFault as fault:
            return Outcome(task, problem=_problem(task, fault.cause["text"], fault.cause["params"]))
        except EntryError as error:
            return Outcome(task, problem=_problem(task, error.cause_text, error.params))

    def _seen(self, task: Task, digest: str, manifest: ChartManifest) -> Seen:
        config = self._registry.blob(task.repository, manifest.config.digest, MAX_CONFIG)
        url = chart_url(self._registry.host, task.repository, task.tag)
        entry = _entry(_metadata(config), manifest, url, digest)
        return Seen(task.repository, task.tag, entry.name, entry.version, digest, entry)


def each(jobs: Sequence[Job], work: Callable[[Job], Result]) -> Iterator[Result]:
    """``work`` on each of ``jobs``, a few at once, in order. What it raises ends it all."""
    with ThreadPoolExecutor(AT_ONCE, "registry") as pool:
        for start in range(0, len(jobs), _BATCH):
            yield from pool.map(work, jobs[start : start + _BATCH])


def as_stored(repository: str, tag: str, stored: StoredTag) -> Seen:
    """A tag that still stands for what is stored."""
    version = stored.version
    return Seen(repository, tag, stored.chart, version.version, version.manifest, version)


def _metadata(config: bytes) -> ChartMetadata:
    try:
        read = json.loads(config, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise EntryError(
            detail=phrase(N_("Its config, which holds Chart.yaml, is no proper JSON.")), line=None
        ) from None
    return parse.read_chart_json(read)


def _entry(metadata: ChartMetadata, manifest: ChartManifest, url: str, digest: str) -> ListedVersion:
    """Annotations tell what Chart.yaml has no field for (when it was made) or leaves out."""
    description = metadata.description or parse.label(manifest.annotations.get(DESCRIPTION, ""))
    return listed_version(
        replace(metadata, description=description),
        (url,),
        digest=manifest.layer.digest.removeprefix("sha256:"),
        created=moment(manifest.annotations.get(CREATED, "")),
        manifest=digest,
    )


def _problem(task: Task, text: str, params: dict[str, object]) -> Problem:
    chart = task.stored.chart if task.stored else task.repository.rpartition("/")[2]
    version = task.stored.version.version if task.stored else version_of(task.tag)
    return Problem(chart, version, None, "skipped", text, params)
