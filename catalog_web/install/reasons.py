"""captain's reason of a failed HelmRequest in plain words, what to try, and the doors to it. Pure.

The reasons are captain's, Helm's and Kubernetes' own words, as they were observed with captain 1.5.0 (Helm 3.6); a few
are Helm's and were not observed. What is not known is repeated as it stands. The first row that fits wins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catalog_web.install.doors import Door, DoorId
from catalog_web.install.status import LONGEST_DELETABLE, Seen
from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

_LONGEST = 500
_MANY = 8
"""Problems with values that are listed."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A reason as a person understands it."""

    id: str
    """Stable, such as ``version-unknown``; ``other`` for what is not known."""
    cause: Phrase
    remedy: Phrase | None = None
    doors: tuple[Door, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    """Dotted paths of values that are not taken, each with what is wrong there."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One sort of reason. The pattern's named groups are the facts of the texts."""

    id: str
    pattern: re.Pattern[str]
    cause: str
    remedy: str = ""
    doors: tuple[DoorId, ...] = ()
    values: Callable[[re.Match[str]], tuple[tuple[str, str], ...]] = field(default=lambda _: ())


_LABELS: Mapping[DoorId, str] = {
    "sync": N_("Let captain read the repository now"),
    "publish": N_("Publish the source to captain"),
    "source": N_("Look at the source"),
    "values": N_("Correct the values"),
    "upgrade": N_("Choose another version"),
    "create-namespace": N_("Create the namespace {missing}"),
    "force-adopt": N_("Let captain take over what exists"),
    "install-again": N_("Install it under another name"),
    "resync": N_("Let captain do it again now"),
    "resume": N_("Let captain work on it again"),
    "role": N_("A role to send to who runs the cluster"),
    "app": N_("Look at {other}"),
    "copy": N_("A command to copy"),
}


def door(door_id: DoorId, one: Seen, text: str = "", **facts: str) -> Door:
    """The door of that id for the HelmRequest ``one``."""
    repo, _, chart = one.chart.partition("/")
    about = {"namespace": one.namespace, "name": one.name, "repo": repo, "chart": chart, **facts}
    if door_id == "create-namespace":
        about["namespace"] = facts["missing"]
    return Door(door_id, _LABELS[door_id], about, text)


def plain(reason: str, one: Seen) -> Plain:
    """What ``reason`` of the HelmRequest ``one`` means."""
    for row in _ROWS:
        found = row.pattern.search(reason)
        if found:
            return _told(row, found, one)
    return Plain("other", phrase(N_("captain could not do it: {reason}"), reason=shown(reason, _LONGEST)))


def _told(row: _Row, found: re.Match[str], one: Seen) -> Plain:
    repo, _, chart = one.chart.partition("/")
    facts = {key: shown(text or "", _LONGEST) for key, text in found.groupdict().items()}
    about = {"chart": chart, "repo": repo, "version": one.version, "namespace": one.namespace, "name": one.name,
             "release": one.release_name, "limit": LONGEST_DELETABLE, **facts}  # fmt: skip
    remedy = phrase(row.remedy, **about) if row.remedy else None
    doors = tuple(door(one_id, one, **facts) for one_id in row.doors)
    return Plain(row.id, phrase(row.cause, **about), remedy, doors, row.values(found))


# -- values


_SCHEMA_LINE = re.compile(r"^- (?P<path>\S{1,300}): (?P<message>.{1,500})$", re.MULTILINE)
_SUBCHART = re.compile(r"^(?P<chart>[\w.-]{1,100}):$", re.MULTILINE)


def _of_schema(found: re.Match[str]) -> tuple[tuple[str, str], ...]:
    """The paths that Helm names; ``(root)`` is the whole. Those of a subchart stand below its name."""
    told: list[tuple[str, str]] = []
    prefix, charts = "", 0
    for line in found.string[found.end() :].split("\n"):
        if chart := _SUBCHART.fullmatch(line):
            prefix, charts = (f"{chart['chart']}." if charts else ""), charts + 1
        elif problem := _SCHEMA_LINE.fullmatch(line):
            path = problem["path"].removeprefix("(root)").lstrip(".")
            told.append((shown(f"{prefix}{path}".rstrip(".") or "(root)", 300), shown(problem["message"], _LONGEST)))
    return tuple(told[:_MANY])


_FIELD = re.compile(r": (?P<path>[a-z][\w.\[\]\"/-]{2,200}): (?P<message>[^&]{1,400})")


def _of_object(found: re.Match[str]) -> tuple[tuple[str, str], ...]:
    return tuple((shown(one["path"], 200), shown(one["message"].strip())) for one in _FIELD.finditer(found.string))[
        :_MANY
    ]


def _row(
    row_id: str,
    pattern: str,
    cause: str,
    remedy: str = "",
    *doors: DoorId,
    values: Callable[[re.Match[str]], tuple[tuple[str, str], ...]] = lambda _: (),
) -> _Row:
    return _Row(row_id, re.compile(pattern), cause, remedy, doors, values)


# The patterns run over at most 64 Ki characters that others wrote: no nested repeats.
_ROWS: tuple[_Row, ...] = (
    _row(
        "chart-unknown",
        r'charts\.app\.alauda\.io "(?P<missing>[^"]+)" not found',
        N_("captain does not know the chart {chart}: it is not among those that it has read from {repo}."),
        N_(
            "captain reads a repository about every two minutes. If the chart is new there, let it read now; if it "
            "left its repository, publish the source through Chartroom, which keeps what is installed."
        ),
        "sync", "publish", "source",
    ),
    _row(
        "repo-unknown",
        r'chartrepos\.app\.alauda\.io "(?P<missing>[^"]+)" not found',
        N_("captain has no ChartRepo {missing}, so it does not know where {chart} is."),
        N_("Publish the source to captain, and captain goes on by itself."),
        "publish", "source",
    ),
    _row(
        "version-unknown",
        r"cannot find version (?P<wanted>.{1,200}) for chart (?P<missing>\S{1,300})",
        N_("captain knows {chart}, but not its version {wanted}."),
        N_(
            "captain reads a repository about every two minutes: if the version is new, let it read now. Else choose "
            "a version that is there; captain takes exact ones only, written as the repository does."
        ),
        "sync", "upgrade", "source",
    ),
    _row(
        "chart-name",
        r"cannot parse chart name",
        N_("The HelmRequest does not say which chart it wants in a way that captain understands."),
        N_("spec.chart is to be “repository/chart”, with one slash."),
    ),
    _row(
        "schema",
        r"values don't meet the specifications of the schema\(s\) in the following chart\(s\):\n?",
        N_("The chart does not take these values."),
        N_("Correct them; captain tries again as soon as they change."),
        "values", values=_of_schema,
    ),
    _row(
        "template",
        r"execution error at \((?P<place>[^)]{1,300})\): (?P<told>[^\n]{1,600})",
        N_("The chart refuses the values: {told} ({place})"),
        N_("Give the value that it asks for."),
        "values",
    ),
    _row(
        "template-broken",
        r"(?:parse error at|YAML parse error on|template: )\(?(?P<place>[^\s):]{1,300})[):]{0,2}(?P<told>[^\n]{0,600})",
        N_("The chart's template {place} does not work with these values: {told}"),
        N_("Look at the values that it uses; if they are right, the chart has a mistake: try another version."),
        "values", "upgrade",
    ),
    _row(
        "kube-version",
        r"chart requires kubeVersion: (?P<wanted>.{1,200}?) which is incompatible with Kubernetes (?P<have>\S{1,60})",
        N_("The chart wants Kubernetes {wanted}; the cluster has {have}."),
        N_("Choose another version of the chart."),
        "upgrade",
    ),
    _row(
        "exists",
        r"(?:rendered manifests contain a resource that already exists|invalid ownership metadata)[^:]*: "
        r"(?P<kind>[\w.]{1,100}) \"(?P<object>[^\"]{1,300})\"",
        N_("{kind} “{object}” is in the cluster already and belongs to something else."),
        N_(
            "Choose another name. Or, if it is the rest of an earlier install, let captain take it over: it then "
            "changes it, and removes it when the app is uninstalled."
        ),
        "force-adopt", "install-again",
    ),
    _row(
        "hook-exists",
        r"failed (?P<event>[\w-]{1,40}):.{0,200}? \"(?P<object>[^\"]{1,300})\" already exists",
        N_("{object}, which a hook of the chart is to make ({event}), is in the cluster already."),
        N_(
            "It is the rest of an earlier install, or of another app. Delete it if nobody uses it (a CRD takes all "
            "objects of its kind with it); or switch that hook off in the values, if the chart can."
        ),
        "values",
    ),
    _row(
        "hook-time",
        r"failed (?P<event>[\w-]{1,40}): timed out waiting for the condition",
        N_("A hook of the chart ({event}) was not done within three minutes."),
        N_(
            "Look at what it does: kubectl get jobs,pods -n {namespace}. While captain waits for it, it works on "
            "nothing else in this cluster."
        ),
    ),
    _row(
        "hook-failed",
        r"failed (?P<event>(?:pre|post)-[\w-]{1,40}|crd-install): (?P<told>[^\n]{1,600})",
        N_("A hook of the chart ({event}) failed: {told}"),
        N_("Look at what it does: kubectl get jobs,pods -n {namespace}."),
    ),
    _row(
        "webhook",
        r"admission webhook \"(?P<webhook>[^\"]{1,300})\" denied the request:? ?(?P<told>[^\n]{0,600})",
        N_("A policy of the cluster ({webhook}) refuses what the chart makes: {told}"),
        N_("Change the values so that it fits the policy, or ask who runs the cluster."),
        "values",
    ),
    _row(
        "quota",
        r"exceeded quota: (?P<told>[^\n]{1,600})",
        N_("The namespace's quota does not allow it: {told}"),
        N_("Ask for less in the values, remove something, or have the quota raised."),
        "values",
    ),
    _row(
        "immutable",
        r"(?P<object>[\w.]{1,100} \"[^\"]{1,300}\") is invalid: .{0,2000}?field is immutable",
        N_("{object} cannot be changed in that way: Kubernetes fixes some fields for ever."),
        N_(
            "Put the values back that it had; or delete that one object and let captain do it again, which makes it "
            "anew (what it holds may be lost)."
        ),
        "values", "resync",
    ),
    _row(
        "object-invalid",
        r"(?P<object>[\w.]{1,100} \"[^\"]{1,300}\") is invalid: ",
        N_("The cluster does not take {object} as the chart makes it from the values."),
        N_("Correct the value that ends up there."),
        "values", values=_of_object,
    ),
    _row(
        "kind-unknown",
        r"(?:no matches for kind|unable to recognize.{0,200}no matches for kind) \"(?P<kind>[^\"]{1,200})\" in version "
        r"\"(?P<group>[^\"]{1,200})\"",
        N_("The cluster does not know the kind {kind} of {group}, which the chart uses."),
        N_(
            "Install what brings its CRD first (an operator, often a chart of its own), or switch that part off in the "
            "values. An old chart may name a version that Kubernetes has dropped: choose a newer one."
        ),
        "values", "upgrade",
    ),
    _row(
        "namespace-missing",
        r"namespaces \"(?P<missing>[^\"]{1,300})\" not found",
        N_("The namespace {missing} is not there, and captain does not make it."),
        N_("Create it; captain then goes on by itself."),
        "create-namespace",
    ),
    _row(
        "values-source",
        r"(?P<kind>configmaps|secrets) \"(?P<missing>[^\"]{1,300})\" not found",
        N_("The values are to come from {missing} ({kind}), and that is not in the namespace {namespace}."),
        N_("Make it there, or send the values anew. captain does not notice by itself that it was made: it tries again "
           "after a while."),
        "values",
    ),
    _row(
        "values-key",
        r"key (?P<key>\S{1,300}) missing in (?P<kind>secret|configmap) (?P<missing>\S{1,300})",
        N_("The values are to come from the key {key} of {missing} ({kind}), which has no such key."),
        N_("Add it there, or send the values anew."),
        "values",
    ),
    _row(
        "values-yaml",
        r"error (?:converting YAML to JSON|unmarshaling JSON): (?P<told>[^\n]{1,600})",
        N_("What the values are to come from (valuesFrom) is no YAML mapping: {told}"),
        N_("Correct the Secret or ConfigMap, or send the values anew."),
        "values",
    ),
    _row(
        "name-long",
        r"release name \"(?P<long>[^\"]{1,300})\" exceeds max length",
        N_("The release name is too long: captain takes at most {limit} characters."),
        N_("Install it under a shorter name. captain can remove this one only once spec.releaseName is short."),
        "install-again",
    ),
    _row(
        "pending-release",
        r"another operation \(install/upgrade/rollback\) is in progress",
        N_("captain was interrupted in the middle, and Helm still takes that try for running."),
        N_(
            "Delete the newest Release record, if its status begins with “pending”; captain then begins anew."
        ),
        "copy",
    ),
    _row(
        "name-used",
        r"cannot re-use a name that is still in use",
        N_("There is a release {release} in {namespace} already."),
        N_("Choose another name."),
        "install-again",
    ),
    _row(
        "rights",
        r"is forbidden: User \"(?P<user>[^\"]{1,300})\" cannot (?P<told>[^\n]{1,400})",
        N_("captain itself may not do it in this cluster: it cannot {told}"),
        N_("captain is meant to have all rights: ask who runs it."),
    ),
    _row(
        "cluster-unknown",
        r"clusters\.clusterregistry\.k8s\.io \"(?P<missing>[^\"]{1,300})\" not found",
        N_("captain knows no cluster {missing}, which spec.clusterName names."),
        N_("Correct spec.clusterName, or have that cluster registered with captain."),
    ),
    _row(
        "clusters-absent",
        r"could not find the requested resource \(get clusters\.clusterregistry\.k8s\.io",
        N_("captain serves only its own cluster here; the HelmRequest names another one (spec.clusterName)."),
        N_("Leave spec.clusterName out; connect the other cluster to Chartroom instead."),
    ),
    _row(
        "dependency-missing",
        r"helmrequests\.app\.alauda\.io \"(?P<other>[^\"]{1,300})\" not found",
        N_("It depends on the HelmRequest {other}, which is not there."),
        N_("Install {other} in the same namespace, or take it out of spec.dependencies."),
    ),
    _row(
        "dependency-waiting",
        r"dependency (?P<other>\S{1,300}) of \S{1,300} is not synced",
        N_("It depends on the HelmRequest {other}, which is not installed yet."),
        N_("See why {other} is not; captain goes on by itself afterwards."),
        "app",
    ),
    _row(
        "login",
        r"failed to fetch (?P<url>\S{1,500}) : 40[13] ",
        N_("captain is not let in where the chart's archive lies ({url})."),
        N_("See the user name and password that captain has for it."),
        "source",
    ),
    _row(
        "archive-absent",
        r"failed to fetch (?P<url>\S{1,500}) : 404 ",
        N_("The chart's archive is not where the index says ({url})."),
        N_("If it left its repository, publish the source through Chartroom, which keeps what is installed."),
        "publish", "source",
    ),
    _row(
        "archive-broken",
        r"expected a gzipped archive|not a gzipped archive|gzip: invalid header|appear to be a gzipped archive",
        N_("What captain got for the chart is no archive; a page of a server that wants a login, perhaps."),
        N_("Look at the source's address."),
        "source",
    ),
    _row(
        "login-missing",
        r"can not find username or password in the secret (?P<missing>\S{1,300})",
        N_("The Secret {missing} is to hold the login for the chart's archive, and has no username or password."),
        N_("Put both keys into it."),
    ),
    _row(
        "url",
        r"does not start with HTTP or HTTPS",
        N_("The address in spec.source.http is not one that captain can use."),
        N_("It has to begin with http:// or https://."),
    ),
    _row(
        "oci",
        r"tag explicitly required|ref may only contain a single colon|layer with mediatype application/tar\+gzip",
        N_("captain cannot take the chart from the registry as spec.source.oci describes it."),
        N_(
            "The repository is written without “oci://” and without a tag, the tag is spec.version; and captain reads "
            "only charts that were pushed with the old media type (application/tar+gzip)."
        ),
    ),
    _row(
        "network",
        r"dial tcp[^\n]{0,200}?(?P<told>connection refused|no such host|i/o timeout|no route to host)|"
        r"(?P<told2>x509: [^\n]{1,300}|context deadline exceeded|TLS handshake timeout)",
        N_("captain could not reach something that it needs: {told}{told2}"),
        N_("It tries again by itself. If it stays so, look at the source and at the network of captain's cluster."),
        "source",
    ),
    _row(
        "too-large",
        r"request is too large|RequestEntityTooLarge|Request entity too large",
        N_("The release is larger than the cluster can keep in one record (about 1.5 MB)."),
        N_("The chart itself is too large for captain; values that are large belong into a ConfigMap."),
        "values",
    ),
)  # fmt: skip
