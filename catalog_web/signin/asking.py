"""Whether who asked for an approval may still do what is asked for: rights may have ended since."""

from dataclasses import replace

from catalog_web.auth import ANONYMOUS, Person
from catalog_web.auth.actions import Action
from catalog_web.auth.deciding import source_refused, why_not
from catalog_web.install.apps import Place
from catalog_web.services import Services
from catalog_web.signin.identify import person_of
from catalog_web.signin.ways import asks_who
from indexer.model import Approval


def expect_still_allowed(services: Services, approval: Approval) -> None:
    """Return where the request may be sent as the person who asked. Who decides about a source need not have any right
    in a cluster, so nobody else would notice that the one who asked lost it.

    Raises Forbidden, StoreUnavailable.
    """
    if not asks_who(services.config):
        return
    action: Action = "app.install" if approval.action == "install" else "app.upgrade"
    target, ask = Place(*approval.place).target, services.config.ask_for_access
    who = _who_asked(services, approval.person)
    refused = why_not(who, action, target, ask) or source_refused(who, action, target, approval.source, ask)
    if refused is not None:
        raise refused


def _who_asked(services: Services, name: str) -> Person:
    """The person as of now; one without any right where the account is closed or gone."""
    user = services.store.users.find(name)
    return replace(ANONYMOUS, name=name) if user is None or user.disabled else person_of(services, user, "local")
