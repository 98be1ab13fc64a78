"""The same questions asked of a server instead of the store: ``CHARTROOM_SERVER`` names it, ``CHARTROOM_TOKEN`` (or a
file, ``CHARTROOM_TOKEN_FILE``) says who asks, ``CHARTROOM_CA_FILE`` whom to believe beside the system's authorities.

What is asked, and what comes back, stands in the table of operations: a verb asks its handler, here or there.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from catalog_web.commands.common import SERVER, opened, server_name
from indexer.errors import N_, ChartroomError, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from catalog_web.api.operations import Caller, Operation
    from indexer.http import Client

TOKEN, TOKEN_FILE, CA_FILE = "CHARTROOM_TOKEN", "CHARTROOM_TOKEN_FILE", "CHARTROOM_CA_FILE"
_SECONDS, _LARGEST = 120.0, 64 * 1024 * 1024
_ANY_STATUS = frozenset(range(100, 600))
_NO_CONTENT, _BAD = 204, 400


class ServerSaid(ChartroomError):
    """What the server answered instead. ``problem``: its problem document, as it came; ``status``: of its answer."""

    id = "server-said"
    cause_text = N_("{cause}")
    remedy_text = N_("{remedy}")


class ServerRefused(UsageError):
    """The server says that the question itself cannot be meant. ``problem`` as above."""

    id = "server-refused"
    cause_text = N_("{cause}")
    remedy_text = N_("{remedy}")


class Desk(Protocol):
    """Where a verb asks: here or there."""

    @property
    def caller(self) -> "Caller | None":
        """The operator at the store; None where a server is asked."""
        ...

    def ask(self, handler: Callable[..., Any], *names: str, **given: Any) -> Any:
        """What the operation answers; ``names`` fill its address in their order, ``given`` are its query and body."""
        ...

    def cluster(self, name: str) -> str:
        """The name of a cluster, of the default one where none is given. Raises NoCluster, ClusterNotFound."""
        ...


@contextmanager
def desk(*, declare: bool = False) -> Iterator[Desk]:
    """The server that the environment names, else the store. Raises UsageError for an address or a token that cannot be
    used."""
    name = server_name()
    if name:
        from indexer.http import Client

        with Client(name, _access(name)) as client:
            yield There(name, client)
    else:
        with opened(declare=declare) as caller:
            yield Here(caller)


@dataclass(frozen=True, slots=True)
class Here:
    """The store, as its operator."""

    caller: "Caller"

    def ask(self, handler: Callable[..., Any], *names: str, **given: Any) -> Any:
        """Call the handler itself."""
        from catalog_web.api.operations import Encoded, Reply

        answer = handler(self.caller, *names, **given)
        if isinstance(answer, Encoded):
            return json.loads(answer.body)
        return answer.shape if isinstance(answer, Reply) else answer

    def cluster(self, name: str) -> str:
        """As configured here."""
        return self.caller.services.installs.cluster(name).name


@dataclass(frozen=True, slots=True)
class There:
    """A server, asked as the person of the token."""

    url: str
    client: "Client" = field(repr=False)
    caller: None = None

    def ask(self, handler: Callable[..., Any], *names: str, **given: Any) -> Any:
        """Send the operation's request. Raises ServerSaid, ServerRefused, and FetchError where no answer came."""
        from catalog_web.api.operations import table

        one = next(one for one in table().values() if one.handler is handler)
        query, body = given.get("query"), given.get("body")
        reply = self.client.ask(
            f"{self.url}{_path(one, names)}{_query(query)}",
            method=one.method,
            limit=_LARGEST,
            deadline=_SECONDS,
            headers={"Accept": "application/json", **({} if one.method == "GET" else _JSON)},
            accept=_ANY_STATUS,
            body=None if one.method == "GET" else _body(body),
        )
        if reply.status in (one.status, *one.other):
            return None if reply.status == _NO_CONTENT else _json(reply.body)
        raise _problem(reply.status, reply.body)

    def cluster(self, name: str) -> str:
        """As configured there."""
        from catalog_web.api import installs
        from catalog_web.install.service import NoCluster

        if name:
            return name
        known = self.ask(installs.clusters)["items"]
        if not known:
            raise NoCluster()
        return next((str(one["name"]) for one in known if one["default"]), str(known[0]["name"]))


_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


def whole(at: Desk, handler: Callable[..., Any], query: type["BaseModel"], **wanted: Any) -> dict[str, Any]:
    """A list with all its pages: as the first one, with the items of all."""
    first: dict[str, Any] = at.ask(handler, query=query(limit=100, **wanted))
    while len(first["items"]) < first["total"]:
        more = at.ask(handler, query=query(limit=100, offset=len(first["items"]), **wanted))["items"]
        if not more:
            break
        first["items"] += more
    return first


def _access(url: str) -> Any:
    from indexer.access import is_loopback
    from indexer.http import Access, Bearer, Tls, check_url, host_of

    check_url(url)
    token = _token()
    if token and not url.startswith("https://") and not is_loopback(host_of(url)):
        raise UsageError(
            what=f"{SERVER} is not https, and the token would be sent for everybody on the way to read.",
            hint="Write it as https://…; plain http is for this machine alone.",
        )
    authority = os.environ.get(CA_FILE, "")
    return Access(
        credentials=Bearer(lambda: token) if token else None,
        tls=Tls(ca=(lambda: _read(CA_FILE, authority)) if authority else None),
    )


def _token() -> str:
    named = os.environ.get(TOKEN_FILE, "")
    return (_read(TOKEN_FILE, named) if named else os.environ.get(TOKEN, "")).strip()


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            what=f"The file that {variable} names cannot be read.", hint="Name one that can, or leave it out."
        ) from None


def _path(one: "Operation", names: tuple[str, ...]) -> str:
    """The address with ``names`` in place of what stands in braces, in their order."""
    left = iter(names)
    parts = (quote(next(left), safe="") if part.startswith("{") else part for part in one.path.split("/"))
    return "/".join(parts)


def _query(query: "BaseModel | None") -> str:
    if query is None:
        return ""
    pairs: list[tuple[str, str]] = []
    for name, value in query.model_dump(mode="json", by_alias=True, exclude_defaults=True).items():
        for each in value if isinstance(value, list) else [value]:
            pairs.append((name, str(each).lower() if isinstance(each, bool) else str(each)))
    return f"?{urlencode(pairs)}" if pairs else ""


def _body(body: "BaseModel | None") -> bytes:
    return b"" if body is None else body.model_dump_json(exclude_unset=True).encode()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise _unreadable() from None


def _problem(status: int, body: bytes) -> ChartroomError:
    """The server's problem document as an error of this program."""
    try:
        told = json.loads(body)
        cause, remedy = str(told["cause"]), str(told["remedy"])
    except (ValueError, KeyError, TypeError):
        return _unreadable(status)
    kind = ServerRefused if status == _BAD else ServerSaid
    return kind(cause=cause, remedy=remedy, status=status, problem=told)


def _unreadable(status: int = 0) -> ServerSaid:
    cause = f"What answers at {SERVER} is no Chartroom{f' (status {status})' if status else ''}."
    return ServerSaid(cause=cause, remedy="Check the address; it ends before /api.", status=status)
