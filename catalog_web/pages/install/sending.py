"""Sending to one cluster or to several: each is asked by its own, and one that fails stops no other."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from catalog_web.auth import demand
from catalog_web.install.apps import Place
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.service import Installs, is_uncertain
from catalog_web.install.status import App
from catalog_web.pages.view import services
from indexer.errors import ApprovalWanted, ChartroomError

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one cluster."""

    cluster: str
    app: App | None = None
    error: ChartroomError | None = field(default=None)

    @property
    def request(self) -> str:
        """The id of the request that somebody decides about first; empty where nobody does."""
        return str(self.error.params["request"]) if isinstance(self.error, ApprovalWanted) else ""

    @property
    def uncertain(self) -> bool:
        """Whether it may have arrived although there was no good answer: then the next try is the same request."""
        return self.error is not None and is_uncertain(self.error)


def send(forms: Sequence[InstallForm]) -> tuple[Line, ...]:
    """Install every one; the lines in their order. Raises Forbidden before anything is sent."""
    for one in forms:
        demand("app.install", Place(one.cluster, one.namespace, one.name).target)
    installs = services().installs
    with ThreadPoolExecutor(max_workers=min(len(forms), _AT_ONCE)) as pool:
        # each in a copy of this request's context: the audit log tells whose it is
        sent = [pool.submit(copy_context().run, _one, installs, form) for form in forms]
        return tuple(one.result() for one in sent)


def _one(installs: Installs, form: InstallForm) -> Line:
    try:
        return Line(form.cluster, installs.install(form).app)
    except ChartroomError as error:
        return Line(form.cluster, error=error)
