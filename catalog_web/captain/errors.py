"""What stands in the way of publishing, beside what a cluster itself says."""

from indexer.errors import N_, ClusterRefused, Conflict, CredentialsUnreadable


class ForeignChartRepo(Conflict):
    """The ChartRepo, or the Secret for it, is somebody else's."""

    id = "foreign-chart-repo"
    cause_text = N_("In namespace {namespace} of cluster {cluster} there is a {kind} “{name}” already; {whose}.")
    remedy_text = N_(
        "Chartroom changes only what it made itself. Give the source another name for captain (captain_repo), or, if "
        "that ChartRepo is the same repository, leave it: installs use it as it is."
    )


class CaptainCannotFollow(Conflict):
    """captain cannot read the repository of the source by itself."""

    id = "captain-cannot-follow"
    cause_text = N_("captain cannot read “{source}” itself. {reasons}")
    remedy_text = N_("Publish it in the mode “helm”: captain then reads it from Chartroom.")


class HelmUrlUnknown(Conflict):
    """Nobody said how captain reaches Chartroom."""

    id = "helm-url-unknown"
    cause_text = N_("It is not known under which address captain reaches Chartroom.")
    remedy_text = N_(
        "Set “helm_listen” in the configuration, such as 0.0.0.0:8081, and “helm_url” to the address under which pods "
        "of the cluster reach it."
    )


class PublishingRefused(ClusterRefused):
    """Chartroom lacks rights in captain's namespace; ``role`` is YAML that grants them."""

    id = "publishing-refused"
    remedy_text = N_("Ask who runs the cluster to apply this, and try again:\n{role}")


class SecretUnreadable(CredentialsUnreadable):
    """The Kubernetes Secret that a source refers to cannot be used."""

    id = "secret-unreadable"
    cause_text = N_("The Secret {name} in namespace {namespace} of cluster {cluster} cannot be used: {detail}")
    remedy_text = N_("Check that it exists there, and that Chartroom may get Secrets in that namespace.")


class NotAdoptable(Conflict):
    """A ChartRepo that cannot become a source."""

    id = "chart-repo-not-adoptable"
    cause_text = N_("The ChartRepo “{repo}” cannot be taken as a source. {reason}")
    remedy_text = N_("Register its repository by hand, if it has an index.yaml of its own.")
