"""Which Harbor it is, and what can be asked of it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.parse.text import shown

_NUMBER = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class Release:
    """``told``: as Harbor writes it, such as ``v2.15.2-080b0220``; empty where it does not tell, as it does since 2.8
    to those whom it does not know."""

    told: str = ""

    @property
    def number(self) -> tuple[int, ...]:
        """Such as (2, 15, 2); empty where it is not known."""
        found = _NUMBER.match(self.told)
        return tuple(int(part or 0) for part in found.groups()) if found else ()

    @property
    def lists_projects_whole(self) -> bool:
        """Whether the artifacts of a project are one list; only somebody who is known may read it."""
        return not self.number or self.number >= (2, 12)

    @property
    def dates_tags(self) -> bool:
        """Whether ``update_time`` of a repository moves when it is pushed to or its tags change."""
        return self.number >= (2, 15, 2)

    @property
    def may_have_museum(self) -> bool:
        """Whether a ChartMuseum may stand behind it, under ``/chartrepo``."""
        return bool(self.number) and self.number < (2, 8)

    @property
    def is_old(self) -> bool:
        """1.x: another API, and charts in its ChartMuseum alone."""
        return bool(self.number) and self.number < (2,)


def release_of(systeminfo: Mapping[str, Any]) -> Release:
    """What ``systeminfo`` tells."""
    told = systeminfo.get("harbor_version")
    return Release(shown(told) if isinstance(told, str) else "")
