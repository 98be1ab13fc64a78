"""The projects of a Harbor."""

import re
from fnmatch import fnmatchcase
from typing import Any

from indexer.errors import N_, HttpStatus, ProjectsAbsent, phrase
from indexer.http import Access, Limits
from indexer.model import Source
from indexer.sources.harbor.api import API, OLD_API, HarborApi, Row

_PROJECT = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
"""Harbor's own rule for their names, which become a part of a source's."""
MAX_PROJECT = 255
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
        meant = frozenset(name for name in shown if is_meant(self._source, name))
        if present - meant:
            self._api.verify()
        if not meant and not present:
            named = ", ".join(self._source.projects) or phrase(N_("any name"))
            raise ProjectsAbsent(url=self._api.origin, projects=named, of=len(shown))
        return meant

    def _shown(self) -> frozenset[str]:
        try:
            names = self._api.sweep(f"{API}/projects", "", _name, key="project_id")
        except HttpStatus as error:
            if error.params["status"] != _NOT_FOUND:
                raise
            names = self._api.sweep(f"{OLD_API}/projects", "", _name, key="project_id")
        return frozenset(name for name in names if is_project(name))


def is_project(name: str) -> bool:
    """Whether ``name`` may be a project's."""
    return len(name) <= MAX_PROJECT and _PROJECT.fullmatch(name) is not None


def is_meant(source: Source, project: str) -> bool:
    """Whether ``project`` belongs to ``source``, by the globs of its ``projects``."""
    return not source.projects or any(fnmatchcase(project, glob) for glob in source.projects)


def _name(row: Row) -> str:
    name: Any = row.get("name")
    return name if isinstance(name, str) else ""
