"""Sources: what is registered, how it fares, and what a person may do about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from catalog_web import connections, registration
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Page, Question, operation
from indexer.errors import SourceNotFound
from indexer.model import ContentPolicy, SourceKind
from indexer.options import NAME, Duration
from indexer.settings import MAX_URL

Globs = tuple[str, ...]


class SourceSettings(Question):
    """What a source is made of. What is absent stays as it is (of a new source: its default); null is the default, and
    forgets a secret. Durations are seconds, or texts such as ``30m``.

    ``password``, ``token``, ``client_key`` and ``hook_secret`` are kept encrypted and never told again. Options that
    name files of the server are taken on its own command line alone.
    """

    url: str | None = Field(None, max_length=MAX_URL)
    title: str | None = None
    description: str | None = None
    kind: SourceKind | None = None
    enabled: bool | None = None
    private: bool | None = None
    """Seen only by those to whom a role names it; to all others it is not there."""
    approval: bool | None = None
    """What is installed from it, an administrator approves first."""
    username: str | None = None
    password: str | None = Field(None, repr=False)
    password_file: str | None = None
    token: str | None = Field(None, repr=False)
    token_file: str | None = None
    client_cert: str | None = None
    client_cert_file: str | None = None
    client_key: str | None = Field(None, repr=False)
    client_key_file: str | None = None
    ca: str | None = None
    ca_file: str | None = None
    insecure_skip_verify: bool | None = None
    secret: str | None = None
    """``cluster/namespace/name`` of a Kubernetes Secret in captain's namespace."""
    credential_origins: tuple[str, ...] | None = None
    hook_secret: str | None = Field(None, repr=False)
    hook_secret_file: str | None = None
    keyring_file: str | None = None
    proxy: str | None = None
    interval: Duration | None = None
    timeout: Duration | None = None
    max_index_bytes: int | None = None
    include: Globs | None = None
    exclude: Globs | None = None
    versions: str | None = None
    prereleases: bool | None = None
    projects: Globs | None = None
    repositories: Globs | None = None
    content: ContentPolicy | None = None
    captain_repo: str | None = None


class NewSource(SourceSettings):
    """A source to register."""

    name: str = Field(pattern=f"^{NAME}$")
    url: str = Field(min_length=1, max_length=MAX_URL)


class TriedSource(SourceSettings):
    """A source to test: a registered one by its name alone, that one with some settings changed, or a new one."""

    name: str | None = Field(None, min_length=1, max_length=400)
    """That of a Harbor's project has a dot."""


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
    states = caller.catalog.sources()
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
    state = registration.add_source(
        caller.services,
        _values(body),
        operator=caller.operator,
        base=Path.cwd(),
        names_secrets=caller.who.grants.is_admin,
    )
    return shapes.source(state)


@operation(
    "POST",
    "/api/v1/sources/test",
    action="source.write",
    summary="Test the connection to a source; nothing is kept of it",
    notes_itself=True,
    body=TriedSource,
    answer=shapes.DiagnosisShape,
    errors=(404, 409, 429, 502),
)
def test(caller: Caller, *, body: TriedSource) -> shapes.DiagnosisShape:
    """Test a source. Raises as `connections.test_connection` does."""
    found = connections.test_connection(
        caller.services,
        _of_the_seen(caller, _values(body)),
        person=caller.person,
        operator=caller.operator,
        base=Path.cwd(),
        names_secrets=caller.who.grants.is_admin,
    )
    return shapes.diagnosis(found)


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
    return shapes.source(caller.catalog.source(name))


@operation(
    "PUT",
    "/api/v1/sources/{name}",
    action="source.write",
    target="source/{name}",
    summary="Change what is given of a source; its credentials go to no other server unless they are given anew",
    body=SourceSettings,
    answer=shapes.SourceShape,
    errors=(404, 409),
)
def change(caller: Caller, name: str, *, body: SourceSettings) -> shapes.SourceShape:
    """Change a source. Raises as `registration.change_source` does."""
    values = {**_values(body), "name": name}
    state = registration.change_source(
        caller.services, values, operator=caller.operator, base=Path.cwd(), names_secrets=caller.who.grants.is_admin
    )
    return shapes.source(state)


@operation(
    "DELETE",
    "/api/v1/sources/{name}",
    action="source.write",
    target="source/{name}",
    summary="Take a source and its charts away; captain of the clusters it is published to forgets it and its Charts",
    answer=None,
    status=204,
    errors=(404, 409),
)
def remove(caller: Caller, name: str) -> None:
    """Take a source away. Raises as `registration.remove_source` does."""
    registration.remove_source(caller.services, name)


class WhichCluster(Question):
    """Of which cluster; all by default."""

    cluster: str = ""


@operation(
    "GET",
    "/api/v1/sources/{name}/inside",
    action="source.write",
    target="source/{name}",
    summary="How a source is seen from where captain stands, with a Job that looks from there",
    query=WhichCluster,
    answer=shapes.InsideList,
    errors=(404,),
)
def inside(caller: Caller, name: str, *, query: WhichCluster) -> shapes.InsideList:
    """The view of each cluster. Raises SourceNotFound, ClusterNotFound."""
    return shapes.inside(connections.seen_from_clusters(caller.services, name, query.cluster, caller.sight))


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
    rows = caller.catalog.attempts(name, query.limit, query.offset)
    return shapes.attempts_page(caller.services.store.ledger.count(name), rows)


def _of_the_seen(caller: Caller, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``values`` of a test, which by its name alone would tell of a source that the caller does not see: to him a new
    one may have that name. Raises SourceNotFound."""
    name = values.get("name") or ""
    if caller.sight.sees_source(name):
        return values
    if values.keys() == {"name"}:
        raise SourceNotFound(source=name)
    return {key: value for key, value in values.items() if key != "name"}


def _values(body: SourceSettings) -> dict[str, Any]:
    """What was given, and nothing else."""
    return {name: getattr(body, name) for name in body.model_fields_set}
