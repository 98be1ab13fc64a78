"""Who may see what runs of an app.

A HelmRequest may name another namespace for its release than its own, and anybody who may make one can do so without
Chartroom. What runs there is told to those who may see apps there, whatever they may in the HelmRequest's namespace.
"""

from catalog_web.auth import Person, why_not
from catalog_web.auth.deciding import whom
from catalog_web.install.resources import Resources
from catalog_web.install.service import AppDetail
from catalog_web.install.status import App
from catalog_web.services import Services
from indexer.errors import N_, Forbidden, Phrase, phrase

_HIDDEN = N_(
    "What runs in namespace {namespace} is hidden from you. Ask an administrator for the right to see apps there{whom}."
)


def release_refused(services: Services, person: Person, app: App) -> Forbidden | None:
    """The error of whoever may not see what runs of ``app``, of which they may see the HelmRequest; None: they may."""
    if _namespace(app) == app.namespace:
        return None
    target = f"app/{app.cluster}/{_namespace(app)}"
    return why_not(person, "app.read", target, services.config.ask_for_access)


def demand_release(services: Services, person: Person, app: App) -> None:
    """Raise Forbidden unless the person may see what runs of ``app``."""
    refused = release_refused(services, person, app)
    if refused is not None:
        raise refused


def release_hidden(services: Services, person: Person, app: App) -> Phrase | None:
    """That what runs of ``app`` is not shown, and whom to ask; None where it is."""
    if release_refused(services, person, app) is None:
        return None
    return phrase(_HIDDEN, namespace=_namespace(app), whom=whom(services.config.ask_for_access))


def seen_resources(services: Services, person: Person, detail: AppDetail) -> Resources:
    """What the app is made of, asked now; nothing but a word about it where that is hidden. Raises ClusterNotFound."""
    hidden = release_hidden(services, person, detail.app)
    return services.installs.resources(detail) if hidden is None else Resources(missing=(hidden,))


def _namespace(app: App) -> str:
    return app.release_namespace or app.namespace
