"""Where a tool other than captain gets a chart from: a repository with an index, or a registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.model import Source

_OCI = "oci://"


@dataclass(frozen=True, slots=True)
class ChartOrigin:
    """A chart's repository as its readers name it."""

    name: str
    """What the repository is called in the tool; a DNS label, as captain's ChartRepo is called."""
    kind: Literal["index", "oci"]
    url: str
    """``index``: the folder of index.yaml. ``oci``: ``oci://host/path`` above the chart. Without credentials; empty
    where no tool but Chartroom can reach it."""
    chart: str
    """The chart's name there; in a registry the last part of its repository."""
    username: str = ""
    private: bool = False
    """It is read with credentials, which each tool needs as well."""
    own_ca: bool = False
    """Its certificate is not from one of the usual authorities."""

    @property
    def host(self) -> str:
        """``host[:port]``."""
        return self.url.partition("://")[2].partition("/")[0]

    @property
    def address(self) -> str:
        """``oci``: the chart's own address, without a tag."""
        return f"{self.url}/{self.chart}"

    @property
    def secret(self) -> str:
        """Name of the Secret with the login, where one is needed."""
        return f"{self.name}-login"


def origin_of(source: Source, chart: str, urls: Sequence[str], own_url: str = "") -> ChartOrigin:
    """Where ``chart`` of ``source`` is; ``urls`` are the addresses of its version, and ``own_url`` is the address under
    which others reach Chartroom: it serves folders, and registries of which no address of the version is known."""
    private = source.is_private
    own_ca = bool(source.ca or source.ca_file or source.insecure_skip_verify)
    packed = next((one for one in urls if one.startswith(_OCI)), "")
    if packed:
        above, last = _repository(packed)
        return ChartOrigin(source.chart_repo, "oci", above, last, source.username, private, own_ca)
    if source.kind == "index":
        url = source.shown_url.removesuffix("/index.yaml")
        return ChartOrigin(source.chart_repo, "index", url, chart, source.username, private, own_ca)
    return ChartOrigin(source.chart_repo, "index", f"{own_url}/helm/{source.name}" if own_url else "", chart)


def _repository(address: str) -> tuple[str, str]:
    """``oci://host/path/name:tag`` as what stands above the name, and the name."""
    above, _, last = address.partition("@")[0].rpartition("/")
    return above, last.partition(":")[0]
