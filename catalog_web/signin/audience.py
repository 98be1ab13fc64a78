"""Who may know of what happened, as accounts and roles say it."""

from functools import partial
from typing import cast

from catalog_web.auth import may
from catalog_web.auth.actions import Action
from catalog_web.auth.seeing import sight_of
from catalog_web.notices.audience import Audience, ByRights, Everybody, Viewer
from catalog_web.services import Services
from catalog_web.signin.identify import person_of
from catalog_web.signin.ways import asks_who


def audience_of(services: Services) -> Audience:
    """To be asked about one batch, as what it looked up is remembered."""
    return ByRights(services.store, partial(viewer_of, services)) if asks_who(services.config) else Everybody()


def viewer_of(services: Services, name: str) -> Viewer | None:
    """A person by name. Raises StoreUnavailable."""
    user = services.store.users.find(name)
    if user is None or user.disabled:
        return None
    person = person_of(services, user, "local")

    def allowed(action: str, target: str) -> bool:
        return may(person, cast(Action, action), target).allowed

    return Viewer(person.groups, sight_of(services, person), allowed)
