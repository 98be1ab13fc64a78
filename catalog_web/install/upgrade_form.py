"""What a person wants of an app that is there: another version of its chart, other values. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_web.install.cluster import Object
from catalog_web.install.helmrequest import (
    GROUP,
    LABEL_CHART,
    LABEL_REQUEST,
    LABEL_SOURCE,
    SOURCE_VERSION,
    Taking,
    label_value,
    spec_source,
)
from catalog_web.install.reading import mapping
from catalog_web.install.recorded import spec_of
from catalog_web.install.secret_values import secrets_of
from catalog_web.install.status import seen
from indexer.errors import ChartroomError, Conflict

_OWN_SECRET = re.compile(r"-values-[0-9a-f]{8}")
"""What follows the app's name in the name of a Secret for its values."""


@dataclass(frozen=True, slots=True)
class ChartTaking:
    """How captain gets the chart: through its ChartRepo, or by ``spec.source``, which only v1 knows."""

    way: Taking = "repo"
    url: str = ""
    secret: str = ""
    """Name of a Secret with user name and password for it."""

    @property
    def source(self) -> dict[str, Any]:
        """``spec.source``; empty where captain takes the chart from its ChartRepo."""
        return spec_source(self.way, self.url, self.secret)


@dataclass(frozen=True, slots=True)
class UpgradeForm:
    """One version of the chart that an app was installed from, and all of the person's own values for it. The
    namespace and the name of the release stay as they are: captain would abandon the first release."""

    cluster: str
    namespace: str
    name: str
    source: str
    chart_repo: str
    chart: str
    version: str
    values_yaml: str = field(repr=False)
    request_id: str
    person: str
    resource_version: str = ""
    """What the person looked at, a `recorded.token`; empty: what is there now."""
    secret_paths: tuple[str, ...] = ()
    """Dotted paths of ``values_yaml`` that go to a Secret."""
    kept_secrets: tuple[str, ...] = ()
    """Dotted paths whose values stay as the Secret of the present revision has them."""
    why: str = ""
    chart_digest: str = ""
    chart_type: str = ""
    has_schema: bool = False
    archive_error: ChartroomError | None = None
    taking: ChartTaking = ChartTaking()
    """Where it is not from the ChartRepo, instead of what the HelmRequest says; see `taken_as_now`."""
    decides: bool = False
    """The person decides what is installed from the source."""
    refused: ChartroomError | None = None
    """Why the person may not use this version, or this source."""


def taken_as_now(form: UpgradeForm, present: Object) -> UpgradeForm:
    """``form`` with the chart taken as ``present`` takes it, where the form names no other way: without its
    ``spec.source`` captain would look for the chart in a ChartRepo, which may not be there.

    Raises `Conflict` where the address of the new version cannot be told from that of the present one.
    """
    source = mapping(spec_of(present).get("source"))
    oci, http = mapping(source.get("oci")), mapping(source.get("http"))
    if form.taking.source or not (oci or http):
        return form
    secret = str((oci or http).get("secretRef") or "")
    if oci:
        return replace(form, taking=ChartTaking("oci", str(oci.get("repo", "")), secret))
    url = _moved(source_url(present), seen(present).version, form.version)
    return replace(form, taking=ChartTaking("http", url, secret))


def source_url(present: Object) -> str:
    """The address of the archive that captain takes the chart from; empty where it takes it in another way."""
    return str(mapping(mapping(spec_of(present).get("source")).get("http")).get("url", ""))


def _moved(url: str, version: str, wanted: str) -> str:
    """The address of another version's archive, which is named after its version as ``helm package`` does."""
    if version == wanted:
        return url
    folder, slash, file = url.rpartition("/")
    if not version or f"-{version}." not in file:
        raise Conflict(
            what=f"captain takes the chart from an address that does not name version {version or '?'}.",
            hint="Install the new version by its own address, or keep the version and change only values.",
        )
    return f"{folder}{slash}{file.replace(f'-{version}.', f'-{wanted}.')}"


def upgraded(present: Object, form: UpgradeForm, values: Mapping[str, Any]) -> Object:
    """``present`` as it is to be: all that ``form`` does not speak of stays, such as finalizers, foreign labels and
    annotations, dependencies and the release's name; values that are gone go."""
    spec = {key: value for key, value in spec_of(present).items() if key not in ("values", "source")}
    spec |= {"chart": f"{form.chart_repo}/{form.chart}", "version": form.version}
    if values:
        spec["values"] = dict(values)
    if form.taking.source:
        spec["source"] = form.taking.source
    marks = {
        LABEL_SOURCE: label_value(form.source),
        LABEL_CHART: label_value(form.chart),
        LABEL_REQUEST: form.request_id,
    }
    return rewritten(present, spec, marks)


def with_references(wanted: Object, references: Sequence[Object]) -> Object:
    """``wanted`` with these entries of ``valuesFrom`` in place of the Secrets that Chartroom made for it before; what
    others named stays."""
    before = spec_of(wanted).get("valuesFrom")
    app = seen(wanted).name
    foreign = [one for one in before if not _is_own(one, app)] if isinstance(before, list) else []
    spec = {key: value for key, value in spec_of(wanted).items() if key != "valuesFrom"}
    entries = [*foreign, *references]
    return {**wanted, "spec": {**spec, **({"valuesFrom": entries} if entries else {})}}


def _is_own(entry: object, app: str) -> bool:
    names = secrets_of({"spec": {"valuesFrom": [entry]}})
    return any(name.startswith(app) and _OWN_SECRET.fullmatch(name[len(app) :]) for name in names)


def rewritten(present: Object, spec: Mapping[str, Any], marks: Mapping[str, str]) -> Object:
    """``present`` with another spec and more labels. Without its status, which is captain's to write. A spec with a
    ``source`` is written as v1: any other version would lose it."""
    meta = dict(present.get("metadata") or {})
    labels = meta.get("labels")
    meta["labels"] = {**(labels if isinstance(labels, dict) else {}), **marks}
    kept = {key: value for key, value in present.items() if key not in ("status", "spec", "metadata")}
    version = {"apiVersion": f"{GROUP}/{SOURCE_VERSION}"} if "source" in spec else {}
    return {**kept, **version, "metadata": meta, "spec": dict(spec)}
