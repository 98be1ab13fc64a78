"""What differs between two revisions of an app: in one line, and as a diff of what was asked of captain."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.install.helmrequest_diff import helmrequest_diff
from catalog_web.install.recorded import spec_of
from catalog_web.install.spec_changes import SpecChange, spec_changes
from indexer.compare.lines import Hunk
from indexer.model import Revision

_FIXED = ("namespace", "releaseName")
"""They stay as they are for an app's whole life."""
_IN_A_LINE = 2


@dataclass(frozen=True, slots=True)
class Changed:
    """What a revision changed, in one line."""

    shown: tuple[SpecChange, ...]
    more: int


def in_a_line(before: Revision | None, after: Revision) -> Changed:
    """The first changes beside the version, which stands in the heading; none of the first revision."""
    if before is None or after.is_removal:
        return Changed((), 0)
    hidden = {*before.secret_paths, *after.secret_paths}
    found = spec_changes(spec_of(before.manifest), spec_of(after.manifest), hidden)
    told = [one for one in found if one.path not in ("version", *_FIXED) and not one.path.startswith("valuesFrom")]
    return Changed(tuple(map(_short, told[:_IN_A_LINE])), max(0, len(told) - _IN_A_LINE))


def _short(change: SpecChange) -> SpecChange:
    return SpecChange(change.path.removeprefix("values."), _cut(change.before), _cut(change.after))


def _cut(text: str, length: int = 40) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def spec_diff(before: Mapping[str, Any], after: Mapping[str, Any], hidden: Collection[str] = ()) -> tuple[Hunk, ...]:
    """The differing lines of what two HelmRequests ask of captain, as YAML with the keys of values in one order, as
    clusters do not keep it; nothing in ``before``: all of it is new. ``hidden`` paths of values are not shown."""
    old = {"spec": spec_of(before)} if before else None
    return helmrequest_diff(old, {"spec": spec_of(after)}, hidden).hunks
