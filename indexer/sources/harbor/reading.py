"""The lists of one project: all of it, some repositories, and by how little it is seen that nothing changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from indexer.errors import AuthenticationFailed
from indexer.sources.harbor.api import API, HarborApi, Page, Row, Step, encoded
from indexer.sources.harbor.artifacts import CHARTS, Artifact, read_artifact
from indexer.sources.harbor.memory import Mark
from indexer.sources.harbor.release import Release
from indexer.sources.oci.reading import each
from indexer.sources.oci.reference import is_repository

_TAGGED = f"{CHARTS},tags%3D%2A"
_LARGEST, _LONGEST = 2**63, 255
"""Of a number and of a text in a mark; Harbor's are numbers of rows, names, digests and times."""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what it is seen that a project changed: each costs one request for one row."""

    newest: Mark
    """Number of charts; id, digest and time of the one pushed last."""
    tagged: int
    """Number of charts with a tag."""
    updated: Mark = ()
    """Number of repositories; name and time of the one that changed last, by a push, a tag, or (a false alarm) a pull.
    Empty where the release does not tell, or the account may not see it."""

    @property
    def total(self) -> int:
        """Number of charts, tagged or not."""
        return int(self.newest[0])

    @property
    def json(self) -> list[Any]:
        """As plain JSON."""
        return [list(self.newest), self.tagged, list(self.updated)]


class ProjectReader:
    """Reads the lists of ``project``. Raises FetchError, CredentialsUnreadable."""

    def __init__(self, api: HarborApi, project: str) -> None:
        self._api, self.project = api, project
        self._base = f"{API}/projects/{quote(project, safe='')}"

    # -- the project as one list: since 2.12, for somebody who is known

    def marks(self, release: Release) -> Marks:
        """How it stands just now. Anonymous callers get a 401 here even where the project is public, so what comes is
        what the account may see."""
        newest = self._api.page(f"{self._base}/artifacts", f"{CHARTS}&with_tag=true&sort=-push_time", size=1)
        tagged = self._api.page(f"{self._base}/artifacts", f"{_TAGGED}&with_tag=true", size=1)
        updated = self._updated() if release.dates_tags else ()
        return Marks(_mark(newest, "id", "digest", "push_time"), tagged.total, updated)

    def artifacts(self, step: Step) -> tuple[Artifact, ...]:
        """All charts of the project."""
        found = self._api.sweep(f"{self._base}/artifacts", f"{CHARTS}&with_tag=true", self._read, step=step)
        return tuple(one for one in found if one)

    def changed(self, before: Sequence[Any], release: Release) -> frozenset[str]:
        """Repositories that may have changed since the marks ``before``, as far as one page tells."""
        newest, _, updated = before
        if release.dates_tags and updated:
            since = f"q=update_time%3D%5B{quote(str(updated[2]))}~%5D&sort=-update_time"
            page = self._api.page(f"{self._base}/repositories", since)
            return frozenset(_name(row) for row in page.rows if str(row.get("update_time")) >= str(updated[2]))
        last = newest[1] if isinstance(newest[1], int) else 0
        since = f"{CHARTS},id%3D%5B{last + 1}~%5D&with_tag=true&sort=id"
        found = map(self._read, self._api.page(f"{self._base}/artifacts", since).rows)
        return frozenset(one.repository for one in found if one)

    def _updated(self) -> Mark:
        try:
            page = self._api.page(f"{self._base}/repositories", "sort=-update_time", size=1)
        except AuthenticationFailed:  # it may list artifacts, and no repositories
            return ()
        return _mark(page, "name", "update_time")

    # -- a repository at a time

    def repositories(self) -> dict[str, Mark]:
        """All repositories, of charts or anything else, with a mark."""
        rows = self._api.sweep(f"{self._base}/repositories", "", _dated)
        return {name: mark for name, mark in rows if is_repository(name)}

    def artifacts_of(self, repositories: Iterable[str], step: Step) -> tuple[Artifact, ...]:
        """All charts of some repositories (with their project); one that is not there has none."""
        wanted = sorted(repositories)
        found: list[Artifact] = []
        for done, some in enumerate(each(wanted, self._of), 1):
            found += some
            step(done, len(wanted))
        return tuple(found)

    def _of(self, repository: str) -> tuple[Artifact, ...]:
        def read(row: Row) -> Artifact | None:
            return read_artifact(row, self._api.host, repository)

        path = f"{self._base}/repositories/{encoded(repository.removeprefix(f'{self.project}/'))}/artifacts"
        return tuple(one for one in self._api.sweep(path, f"{CHARTS}&with_tag=true", read) if one)

    def _read(self, row: Row) -> Artifact | None:
        found = read_artifact(row, self._api.host)
        return found if found and found.repository.startswith(f"{self.project}/") else None


def _mark(page: Page, *fields: str) -> Mark:
    row: Mapping[str, Any] = page.rows[0] if page.rows else {}
    return (page.total, *(_kept(row.get(field)) for field in fields))


def _dated(row: Row) -> tuple[str, Mark]:
    return _name(row), (_kept(row.get("artifact_count")), _kept(row.get("update_time")))


def _kept(value: Any) -> int | str | None:
    """What a mark keeps of ``value``: a number or a short text. Whatever else a row may hold cannot be stored, or is as
    long as it likes."""
    if isinstance(value, int) and 0 <= value < _LARGEST:
        return int(value)
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else None


def _name(row: Row) -> str:
    name = row.get("name")
    return name if isinstance(name, str) else ""
