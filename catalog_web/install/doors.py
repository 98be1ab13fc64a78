"""Ways out of what was found: something to press, to open or to copy. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from indexer.errors import fill

DoorId = Literal[
    "role", "create-namespace", "publish", "sync", "upgrade", "source", "values", "resync", "force-adopt", "resume",
    "install-again", "app", "copy",
]  # fmt: skip
"""``role``: YAML for the one who runs the cluster. ``create-namespace``: make it now. ``publish``: let captain know the
source. ``sync``: let captain read the repository now. ``upgrade``: of the app that has the name. ``source``: look at
the source's page. ``values``: correct the values. ``resync``: let captain do it again now. ``force-adopt``: let captain
take over objects that exist. ``resume``: take captain's no-sync off. ``install-again``: under another name. ``app``:
look at another app. ``copy``: a command."""


@dataclass(frozen=True, slots=True)
class Door:
    """A way out: something to press, to open or to copy. The label is a template over ``params``, which also say what
    it is about (``cluster``, ``namespace``, ``name``, ``repo``, ``source``)."""

    id: DoorId
    label_text: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    text: str = ""
    """What to copy; empty where it is to be pressed or opened."""

    @property
    def label(self) -> str:
        """In English."""
        return fill(self.label_text, self.params)
