"""Into which clusters somebody may reach who has captain know a source, or takes over what captain knows there."""

from catalog_web.auth import Person, why_not
from catalog_web.services import Services


def reached(services: Services, who: Person, cluster: str) -> str:
    """The name of a cluster, of the default one where none is given, into which ``who`` may install: whoever rules a
    source alone changes nothing there, and has nothing read there. Raises Forbidden, ClusterNotFound, NoCluster."""
    name = services.installs.cluster(cluster).name
    refused = why_not(who, "app.install", f"app/{name}", services.config.ask_for_access)
    if refused is not None:
        raise refused
    return name
