"""Webhooks: what registries and programs send when something changed."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# pydantic derives JSON Schema only from this TypedDict below Python 3.12
from typing_extensions import TypedDict

from catalog_web.api.operations import Caller, Question, operation
from catalog_web.hooks.calls import Outcome
from catalog_web.services import Services
from indexer.errors import UsageError
from indexer.model import Source

CLOUD_EVENT = "application/cloudevents+json"
_TOLD = frozenset(
    {
        "PUSH_ARTIFACT", "DELETE_ARTIFACT", "harbor.artifact.pushed", "harbor.artifact.deleted",
        "UPLOAD_CHART", "DELETE_CHART",
    }
)  # fmt: skip
"""Events after which charts may be others, in Harbor's own format, as CloudEvents, and of Harbors with ChartMuseum."""
_LONGEST_NAME = 255


class _Told(BaseModel):
    """A part of what others send: what is not needed is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class HarborRepository(_Told):
    """The repository that an event is about. ``namespace``: the project's name."""

    namespace: str = Field("", max_length=_LONGEST_NAME)
    repo_full_name: str = Field("", max_length=2 * _LONGEST_NAME)


class HarborData(_Told):
    """What happened to which artifacts."""

    resources: tuple[dict[str, Any], ...] | None = None
    repository: HarborRepository | None = None


class HarborEvent(Question):
    """An event as Harbor sends it: ``event_data`` in its default format, ``data`` in a CloudEvent."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str = Field(max_length=_LONGEST_NAME)
    event_data: HarborData | None = None
    data: HarborData | None = None


class GenericCall(Question):
    """``chart``: the chart or repository that changed, by default all. ``id``: the caller's own id of this call."""

    source: str = Field(min_length=1, max_length=2 * _LONGEST_NAME)
    chart: str = Field("", max_length=_LONGEST_NAME)
    id: str = Field("", max_length=_LONGEST_NAME)


class AskedShape(TypedDict):
    """A source that is read within seconds; ``names``: the repositories or charts, none for all of it."""

    source: str
    names: list[str]


class HookAnswer(TypedDict):
    """What came of a call. ``note`` says why nothing is read, where that is so."""

    requested: list[AskedShape]
    note: str


def admit(services: Services, authorization: str) -> tuple[Source, ...]:
    """The sources whose secret text the call carries. Raises HookRefused."""
    return services.hooks.keys.owners(authorization)


@operation(
    "POST",
    "/hooks/harbor",
    action="hook",
    summary="A webhook of Harbor; its “auth header” is the secret text of a source",
    body=HarborEvent,
    answer=HookAnswer,
    status=202,
    errors=(401,),
    admit=admit,
    media=("application/json", CLOUD_EVENT),
)
def harbor(caller: Caller, *, body: HarborEvent, admitted: tuple[Source, ...]) -> HookAnswer:
    """Let what the event names be read. Raises UsageError where it names nothing, though it should."""
    if body.type not in _TOLD:
        return _answer(Outcome(note="Events of this type say nothing of charts."))
    return _answer(caller.services.hooks.changed(admitted, *_repository(body)))


@operation(
    "POST",
    "/hooks/generic",
    action="hook",
    summary="A webhook of any program; the header “Authorization” is the secret text of the source",
    body=GenericCall,
    answer=HookAnswer,
    status=202,
    errors=(401,),
    admit=admit,
)
def generic(caller: Caller, *, body: GenericCall, admitted: tuple[Source, ...]) -> HookAnswer:
    """Let a source, or one chart of it, be read. Raises HookRefused where it is not the caller's."""
    return _answer(caller.services.hooks.named(admitted, body.source, body.chart, body.id))


def _repository(event: HarborEvent) -> tuple[str, str]:
    """The project and the repository's name in it. Raises UsageError."""
    data = event.event_data or event.data
    repository = data and data.repository
    if not data or not data.resources or not repository or not repository.namespace:
        raise _incomplete("it names no repository, or no artifact of it")
    project, name = repository.namespace, repository.repo_full_name
    if not name.startswith(f"{project}/") or len(name) == len(project) + 1:
        raise _incomplete("repo_full_name does not begin with the project and “/”")
    return project, name.removeprefix(f"{project}/")


def _incomplete(why: str) -> UsageError:
    return UsageError(what=f"The event cannot be used: {why}.", hint="Send the events as Harbor makes them.")


def _answer(outcome: Outcome) -> HookAnswer:
    return {
        "requested": [{"source": one.source, "names": list(one.names)} for one in outcome.asked],
        "note": outcome.note,
    }
