"""The table of everything that the API answers: each handler stands in it with its address, right and shapes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from catalog_web.auth import LOCAL, Action, Person, default_cluster, source_refused, why_not
from catalog_web.auth.seeing import sight_of
from catalog_web.catalog import Catalog
from catalog_web.install.cluster import Cluster
from catalog_web.install.service import NoCluster
from catalog_web.services import Services
from catalog_web.sight import Sight
from catalog_web.upgrades import Upgrades
from indexer.errors import ClusterNotFound, Forbidden
from indexer.model import ClusterConfig

MIB = 1024 * 1024
MAX_LIMIT = 100
_MAX_NUMBER = 2**63 - 1
"""Of a row in either database."""

JSON = "application/json"
Admit = Callable[[Services, str], Any]
Method = Literal["GET", "POST", "PUT", "DELETE"]
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and of what. ``operator``: on the command line of the server, where files may be named."""

    services: Services
    person: str
    operator: bool = False
    who: Person = LOCAL
    """The same person, with what he or she may."""

    @property
    def catalog(self) -> Catalog:
        """The catalog as the person sees it."""
        return self.services.catalog.for_(self.sight)

    @property
    def upgrades(self) -> Upgrades:
        """Upgrades to what the person sees."""
        return self.services.upgrades.for_(self.catalog)

    @property
    def sight(self) -> Sight:
        """What is there for the person."""
        return sight_of(self.services, self.who)

    @property
    def clusters(self) -> tuple[ClusterConfig, ...]:
        """The clusters of which the person may know."""
        sight = self.sight
        return tuple(one for one in self.services.installs.clusters if sight.sees_cluster(one.name))

    @property
    def default_cluster(self) -> str:
        """Which one is meant where none is named; empty where the person sees none."""
        return default_cluster(self.who, [one.name for one in self.clusters])

    def cluster(self, name: str = "", source: str | None = None) -> Cluster:
        """The cluster ``name``, or the default, of an install from ``source``; one that the person does not see is
        missing. Raises ClusterNotFound, NoCluster."""
        wanted = name or default_cluster(self.who, [one.name for one in self.clusters], source)
        if not wanted:
            raise NoCluster
        if all(one.name != wanted for one in self.clusters):
            raise ClusterNotFound(cluster=name)
        return self.services.installs.cluster(wanted)

    def why_not(self, action: Action, target: str) -> Forbidden | None:
        """The error of whoever may not; None where the person may."""
        return why_not(self.who, action, target, self.services.config.ask_for_access)

    def source_refused(self, action: Action, target: str, source: str) -> Forbidden | None:
        """The error of whoever may, but not with a chart of ``source``; None where the person may."""
        return source_refused(self.who, action, target, source, self.services.config.ask_for_access)

    def demand(self, action: Action, target: str) -> None:
        """Raise Forbidden unless the person may: for what the body of a request names."""
        refused = self.why_not(action, target)
        if refused is not None:
            raise refused


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file to be sent as it is; its bytes are told by ``digest`` (SHA-256, hexadecimal)."""

    body: Path | bytes
    """Where the file is; or its bytes, where they are few."""
    name: str
    digest: str
    media_type: str = "application/gzip"
    packed: Path | None = None
    """The same as a gzip file, for those who take that coding."""
    to_save: bool = True
    """A browser saves it instead of showing it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A shape that is JSON already."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is no JSON."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """A text that is made while it is sent, to be saved under ``name``."""

    parts: Iterator[bytes]
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A shape with another status than the operation's usual one."""

    shape: Any
    status: int


class Question(BaseModel):
    """Query parameters or a body: nothing unknown, nothing half right."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _moved_into(low: int, high: int) -> BeforeValidator:
    def move(value: Any) -> Any:
        number = int(value) if isinstance(value, str) and value.strip().lstrip("+-").isdecimal() else value
        return min(max(number, low), high) if isinstance(number, int) else number

    return BeforeValidator(move)


Limit = Annotated[int, _moved_into(0, MAX_LIMIT), Field(ge=0, le=MAX_LIMIT)]
"""How many of a list: what is out of range is moved into it, what is no number is refused."""
Position = Annotated[int, _moved_into(0, _MAX_NUMBER), Field(ge=0)]


class Page(Question):
    """A part of a list."""

    limit: Limit = 24
    offset: Position = 0


class Nothing(Question):
    """No parameters, or an empty body."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table."""

    method: Method
    path: str
    """In OpenAPI's notation, ``/api/v1/charts/{source}``."""
    handler: Callable[..., Any]
    action: str
    """What ``may`` is asked."""
    target: str
    summary: str
    answer: Any
    """The shape of the answer; None: no content; FileAnswer: a file; Text: a text."""
    status: int
    other: Mapping[int, Any]
    """Shapes of answers with another status."""
    query: type[Question]
    body: type[Question] | None
    body_limit: int
    errors: tuple[int, ...]
    any_host: bool
    admit: Admit | None
    """Lets a program in by the ``Authorization`` header of its request, before its body is looked at; what it gives is
    the handler's ``admitted``. None: a person asks."""
    media: tuple[str, ...]
    """Types of body that are taken, all of them JSON."""
    media_type: str
    """Of a file or a text."""
    cost: str
    """What `rate_limits` counts it as; empty: not at all."""
    notes_itself: bool
    """As `auth.Rule` says."""

    @property
    def name(self) -> str:
        """Unique, such as ``charts_search``."""
        return f"{self.handler.__module__.rpartition('.')[2]}_{self.handler.__name__}"


_TABLE: dict[str, Operation] = {}


def operation(
    method: Method,
    path: str,
    *,
    action: str,
    summary: str,
    answer: Any,
    target: str = "",
    status: int = 200,
    other: Mapping[int, Any] | None = None,
    query: type[Question] = Nothing,
    body: type[Question] | None = None,
    body_limit: int = MIB,
    errors: tuple[int, ...] = (),
    any_host: bool = False,
    admit: Admit | None = None,
    media: tuple[str, ...] = (JSON,),
    media_type: str = "application/gzip",
    cost: str = "",
    notes_itself: bool = False,
) -> Callable[[Handler], Handler]:
    """Put a handler into the table. It gets a `Caller`, the path's parameters, and ``query``, ``body`` and ``admitted``
    if it has any."""

    def enter(handler: Handler) -> Handler:
        one = Operation(
            method=method,
            path=path,
            handler=handler,
            action=action,
            target=target,
            summary=summary,
            answer=answer,
            status=status,
            other=other or {},
            query=query,
            body=body if body or method == "GET" else Nothing,
            body_limit=body_limit,
            errors=errors,
            any_host=any_host or admit is not None,
            admit=admit,
            media=media,
            media_type=media_type,
            cost=cost,
            notes_itself=notes_itself,
        )
        _TABLE[one.name] = one
        return handler

    return enter


def table() -> Mapping[str, Operation]:
    """Every operation by its name."""
    from catalog_web.api import (  # noqa: F401 -- each fills it
        app_changes,
        app_state,
        approvals,
        apps,
        audit,
        bindings,
        changes,
        charts,
        compare,
        doors,
        health,
        helm,
        hooks,
        hub,
        installs,
        notices,
        openapi,
        presets,
        publications,
        searches,
        sources,
        teams,
        tokens,
        users,
        worries,
    )

    return _TABLE
