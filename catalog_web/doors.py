"""What a person can do at once about what a check found: for pages, API and command line alike."""

from catalog_web.captain.objects import with_role
from catalog_web.install.checks.form import check_namespace
from catalog_web.services import Services
from indexer.errors import UsageError


def create_namespace(services: Services, cluster: str, name: str, person: str) -> str:
    """Make a namespace, as the person where Chartroom acts as that; returns the name of the cluster.

    Raises UsageError for what can be no name, ObjectConflict where it is there, ClusterNotFound, ClusterError, and as
    `Cluster.acting_as`.
    """
    wrong = check_namespace(name)
    if wrong.state == "fail":
        raise UsageError(what=wrong.cause, hint=wrong.remedy)
    asked = services.installs.cluster(cluster)
    with services.audit.recorded("namespace.create", f"app/{asked.name}/{name}"):
        asked.acting_as(person).create_namespace(name)
    return asked.name


def sync_captain(services: Services, cluster: str, repo: str) -> str:
    """Let captain read its ChartRepo ``repo`` now, which it does within a second; returns the name of the cluster.

    Raises ObjectNotFound, PublishingRefused, ClusterNotFound, ClusterError.
    """
    asked = services.installs.cluster(cluster)
    with services.audit.recorded("chartrepo.sync", f"cluster/{asked.name}", repo=repo), with_role(asked):
        asked.resync_chart_repo(repo)
    return asked.name
