"""Who has which role where."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web import bindings
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.api.shapes import moment
from indexer.people import Binding, Role, SubjectKind
from indexer.people_options import RoleOptions

_Text = Annotated[str, Field(max_length=bindings.LONGEST)]
_Globs = Annotated[list[_Text], Field(max_length=bindings.MOST_GLOBS)]


class BindingShape(bindings.BoundShape):
    """A role with who has it and where. ``id`` is null where the configuration declares it."""

    id: int | None
    person: str
    at: str | None


class BindingsList(TypedDict):
    """The bindings of the configuration, then those that were given here."""

    items: list[BindingShape]


class GrantShape(TypedDict):
    """A role that somebody has, and where."""

    role: Role
    sources: list[str]
    clusters: list[str]
    namespaces: list[str]


class AccessShape(TypedDict):
    """What somebody may and sees."""

    name: str
    grants: list[GrantShape]
    rights: list[str]
    sources: list[str]
    hidden_charts: int


class NewBinding(Question):
    """A role to give; lists are globs. ``subject`` is empty for everyone who is signed in."""

    role: Role
    subject_kind: SubjectKind
    subject: _Text = ""
    sources: _Globs = Field(default_factory=lambda: ["*"])
    clusters: _Globs = Field(default_factory=lambda: ["*"])
    namespaces: _Globs = Field(default_factory=lambda: ["*"])


@operation(
    "GET",
    "/api/v1/bindings",
    action="people.read",
    target="people",
    summary="Who has which role where",
    answer=BindingsList,
)
def listing(caller: Caller) -> BindingsList:
    """All of them."""
    declared = [_declared(one, kind, name) for one, kind, name in bindings.declared(caller.services.config.roles)]
    return {"items": [*declared, *map(_shape, caller.services.store.bindings.all())]}


@operation(
    "POST",
    "/api/v1/bindings",
    action="people.write",
    target="people",
    summary="Give a role",
    answer=BindingShape,
    status=201,
    body=NewBinding,
    errors=(400,),
)
def add(caller: Caller, *, body: NewBinding) -> BindingShape:
    """Give a role. Raises UsageError."""
    made = bindings.new_binding(
        body.role,
        body.subject_kind,
        body.subject,
        by=caller.person,
        sources=body.sources,
        clusters=body.clusters,
        namespaces=body.namespaces,
    )
    kept = caller.services.store.bindings.add(made)
    caller.services.audit.add(**bindings.told(kept))
    return _shape(kept)


@operation(
    "DELETE",
    "/api/v1/bindings/{binding}",
    action="people.write",
    target="people",
    summary="Take a role away",
    answer=None,
    status=204,
    errors=(404, 409),
)
def remove(caller: Caller, binding: str) -> None:
    """Take a role away. Raises BindingNotFound, Conflict."""
    caller.services.audit.add(**bindings.told(bindings.remove(caller.services, bindings.number_of(binding))))


@operation(
    "GET",
    "/api/v1/people/{name}/access",
    action="people.read",
    target="people",
    summary="What somebody may and sees",
    answer=AccessShape,
    errors=(404,),
)
def access(caller: Caller, name: str) -> AccessShape:
    """As it is now. Raises UserNotFound."""
    found = bindings.access_of(caller.services, name)
    return {
        "name": name,
        "grants": [
            {
                "role": one.role,
                "sources": list(one.sources),
                "clusters": list(one.clusters),
                "namespaces": list(one.namespaces),
            }
            for one in found.person.grants.given
        ],
        "rights": sorted(found.person.rights),
        "sources": list(found.sources),
        "hidden_charts": found.hidden_charts,
    }


def _shape(binding: Binding) -> BindingShape:
    return {**bindings.told(binding), "id": binding.id, "person": binding.person, "at": moment(binding.at)}


def _declared(entry: RoleOptions, kind: SubjectKind, subject: str) -> BindingShape:
    return {
        "id": None,
        "role": entry.role,
        "subject_kind": kind,
        "subject": subject,
        "sources": list(entry.sources),
        "clusters": list(entry.clusters),
        "namespaces": list(entry.namespaces),
        "person": "",
        "at": None,
    }
