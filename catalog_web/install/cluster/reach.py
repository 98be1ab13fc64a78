"""What all verbs stand on: the cluster's connection, and the person for whom it is asked."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from catalog_web.install.cluster.answers import Object
from catalog_web.install.cluster.asker import ITSELF, Asker
from catalog_web.install.cluster.connection import Connection
from catalog_web.install.cluster.memory import Memory
from catalog_web.install.cluster.request import Request
from indexer.errors import CaptainAbsent, ClusterRefused

_T = TypeVar("_T")


class Reach:
    """A cluster that can be asked."""

    def __init__(self, connection: Connection, memory: Memory, asker: Asker = ITSELF) -> None:
        self._connection = connection
        self._memory = memory
        self._asker = asker

    @property
    def api_version(self) -> str:
        """The version of ``app.alauda.io`` in which HelmRequests are written and read."""
        return self._connection.config.api_version

    def _within(self, work: Callable[[], _T], patience: float | None = None) -> _T:
        return self._connection.within(work, patience)

    def _ask(self, request: Request) -> Object:
        """One request, inside `_within`."""
        return self._connection.ask(request, self._asker)

    def _pages(self, request: Request) -> tuple[Object, ...]:
        """A whole list, inside `_within`."""
        return self._connection.pages(request, self._asker)

    def _one(self, request: Request, patience: float | None = None) -> Object:
        """One request as a verb."""
        return self._within(lambda: self._ask(request), patience)

    def _all(self, request: Request, patience: float | None = None) -> tuple[Object, ...]:
        """A whole list as a verb."""
        return self._within(lambda: self._pages(request), patience)

    def _all_allowed(self, request: Request) -> tuple[Object, ...] | None:
        """A whole list as a verb; None where it may not be listed."""
        return if_allowed(lambda: self._all(request))


def if_allowed(ask: Callable[[], _T]) -> _T | None:
    """What ``ask`` brings; None where a right is missing. A token that is no longer valid stays an error."""
    try:
        return ask()
    except ClusterRefused as error:
        if error.params["status"] == HTTPStatus.UNAUTHORIZED:
            raise
        return None


def newest_served(versions: tuple[str, str], ask: Callable[[str], _T]) -> _T:
    """``ask`` in the newer of two versions of captain's group, or in the older where the newer is not served."""
    newest, older = versions
    try:
        return ask(newest)
    except CaptainAbsent:
        return ask(older)
