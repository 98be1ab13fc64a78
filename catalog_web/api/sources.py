"""Sources: what is registered, how it fares, and what a person may do about it."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from catalog_web import registration
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Page, Question, operation
from indexer.config import MIN_INTERVAL, NAME, Duration

_LONGEST = 366 * 86400
_LARGEST_INDEX = 1024**3


class SourceSettings(Question):
    """What a source is made of. Durations are seconds, or texts such as ``30m``."""

    url: str = Field(min_length=1, max_length=2048)
    title: str = Field("", max_length=200)
    kind: Literal["index", "directory"] | None = None
    enabled: bool = True
    interval: Annotated[Duration, Field(ge=MIN_INTERVAL, le=_LONGEST)] = 1800
    timeout: Annotated[Duration, Field(ge=1, le=3600)] = 600
    max_index_bytes: int = Field(64 * 1024 * 1024, ge=1, le=_LARGEST_INDEX)
    content: Literal["latest", "all", "none"] = "latest"
    captain_repo: str = Field("", pattern=f"^({NAME})?$")
    username: str = Field("", max_length=200)
    password_file: str = Field("", max_length=4096)
    """Both are taken on the server's own command line alone."""


class NewSource(SourceSettings):
    """A source to register."""

    name: str = Field(pattern=f"^{NAME}$")


@operation(
    "GET",
    "/api/v1/sources",
    action="source.read",
    summary="Sources by name, with how their syncs fare",
    query=Page,
    answer=shapes.SourcesPage,
)
def listed(caller: Caller, *, query: Page) -> shapes.SourcesPage:
    """A page of sources."""
    states = caller.services.catalog.sources()
    return shapes.sources_page(len(states), states[query.offset : query.offset + query.limit])


@operation(
    "POST",
    "/api/v1/sources",
    action="source.write",
    summary="Register a source; its first sync begins at once",
    body=NewSource,
    answer=shapes.SourceShape,
    status=201,
    errors=(409,),
)
def add(caller: Caller, *, body: NewSource) -> shapes.SourceShape:
    """Register a source. Raises as `registration.add_source` does."""
    state = registration.add_source(caller.services, _values(body), operator=caller.operator, base=Path.cwd())
    return shapes.source(state)


@operation(
    "GET",
    "/api/v1/sources/{name}",
    action="source.read",
    target="source/{name}",
    summary="One source",
    answer=shapes.SourceShape,
    errors=(404,),
)
def source(caller: Caller, name: str) -> shapes.SourceShape:
    """One source. Raises SourceNotFound."""
    return shapes.source(caller.services.catalog.source(name))


@operation(
    "PUT",
    "/api/v1/sources/{name}",
    action="source.write",
    target="source/{name}",
    summary="Replace the settings of a source; its credentials stay, and go to no other host",
    body=SourceSettings,
    answer=shapes.SourceShape,
    errors=(404, 409),
)
def change(caller: Caller, name: str, *, body: SourceSettings) -> shapes.SourceShape:
    """Replace a source's settings. Raises as `registration.change_source` does."""
    values = {**_values(body), "name": name}
    state = registration.change_source(caller.services, values, operator=caller.operator, base=Path.cwd())
    return shapes.source(state)


@operation(
    "DELETE",
    "/api/v1/sources/{name}",
    action="source.write",
    target="source/{name}",
    summary="Take a source and its charts away",
    answer=None,
    status=204,
    errors=(404, 409),
)
def remove(caller: Caller, name: str) -> None:
    """Take a source away. Raises SourceNotFound, SourcesFixed, SourceReadOnly, ProjectFixed."""
    registration.remove_source(caller.services, name)


@operation(
    "POST",
    "/api/v1/sources/{name}/sync",
    action="source.sync",
    target="source/{name}",
    summary="Sync a source now",
    answer=shapes.SourceShape,
    status=202,
    errors=(404, 409),
)
def sync(caller: Caller, name: str) -> shapes.SourceShape:
    """Make a source due. Raises SourceNotFound, SourceDisabled."""
    return shapes.source(registration.request_sync(caller.services, name))


@operation(
    "POST",
    "/api/v1/sources/{name}/accept",
    action="source.write",
    target="source/{name}",
    summary="Let the removals that are held be carried out by the next sync, which begins at once",
    answer=shapes.SourceShape,
    errors=(404, 409),
)
def accept(caller: Caller, name: str) -> shapes.SourceShape:
    """Accept held removals. Raises SourceNotFound, Conflict."""
    return shapes.source(registration.accept_removals(caller.services, name))


@operation(
    "GET",
    "/api/v1/sources/{name}/attempts",
    action="source.read",
    target="source/{name}",
    summary="The ledger of a source's syncs, newest first",
    query=Page,
    answer=shapes.AttemptsPage,
    errors=(404,),
)
def attempts(caller: Caller, name: str, *, query: Page) -> shapes.AttemptsPage:
    """A page of a source's ledger. Raises SourceNotFound."""
    rows = caller.services.catalog.attempts(name, query.limit, query.offset)
    return shapes.attempts_page(caller.services.store.ledger.count(name), rows)


def _values(body: SourceSettings) -> dict[str, Any]:
    """What was given: an empty password file is none."""
    return {key: value for key, value in body.model_dump().items() if value not in ("", None)}
