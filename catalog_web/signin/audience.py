"""Who may know of what happened, as accounts and roles say it."""

from functools import partial

from catalog_web.notices.audience import Audience, ByRights, Everybody
from catalog_web.services import Services
from catalog_web.signin.rights import rights_of
from catalog_web.signin.ways import asks_who


def audience_of(services: Services) -> Audience:
    """Asked whenever something is queued or sent."""
    return ByRights(services.store, partial(rights_of, services)) if asks_who(services.config) else Everybody()
