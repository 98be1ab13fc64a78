"""The projects of a Harbor."""

from typing import Any

from indexer.errors import N_, HttpStatus, ProjectsAbsent, phrase
from indexer.http import Access, Limits
from indexer.model import Source
from indexer.sources.harbor.address import is_meant, is_project, project_in
from indexer.sources.harbor.api import API, OLD_API, HarborApi, Row

_NOT_FOUND = 404


class HarborHost:
    """The Harbor at the origin of ``source.url``. Raises BadUrl for an address that may not be used."""

    def __init__(self, source: Source, access: Access, limits: Limits | None = None) -> None:
        self._source = source
        self._api = HarborApi(source.url, access, timeout=source.timeout, budget=source.max_index_bytes, limits=limits)

    def projects(self, present: frozenset[str]) -> frozenset[str]:
        """The projects that the source means, of those that the account may read.

        Harbor shows the public ones alone to whom it does not know, and says so nowhere: the login is made sure of
        before, and again where one of ``present`` is missing, as somebody else's wrong password locks an account.
        Raises LoginRefused, ProjectsAbsent, FetchError, CredentialsUnreadable.
        """
        self._api.verify()
        shown = self._shown()
        meant = frozenset(name for name, number in shown.items() if is_meant(self._source, name, number))
        if present - meant:
            self._api.verify()
        if not meant and not present:
            named = ", ".join(self._source.projects) or project_in(self._source.url) or phrase(N_("any name"))
            raise ProjectsAbsent(url=self._api.origin, projects=named, of=len(shown))
        return meant

    def _shown(self) -> dict[str, int]:
        """All that are shown, with their numbers."""
        try:
            found = self._api.sweep(f"{API}/projects", "", _project, key="project_id")
        except HttpStatus as error:
            if error.params["status"] != _NOT_FOUND:
                raise
            found = self._api.sweep(f"{OLD_API}/projects", "", _project, key="project_id")
        return {name: number for name, number in found if is_project(name)}


def _project(row: Row) -> tuple[str, int]:
    name: Any = row.get("name")
    return name if isinstance(name, str) else "", int(row["project_id"])
