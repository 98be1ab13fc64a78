"""What decides whether a dependency is installed, in words. Pure.

Helm's rule (its documentation, "Tags and Condition fields in dependencies"): the first path of ``condition`` that holds
true or false decides; else it stays out where all tags that are set are false; else it is installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog_web.values_outline import Outline, outline
from indexer.errors import N_, Phrase, phrase
from indexer.model import Dependency, Subchart

_MAX_PATHS = 20


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether a dependency is installed with the default values, and why."""

    on: bool
    why: Phrase
    path: str = ""
    """The value that decides; empty where none does."""
    set_here: bool = False
    """The chart's own values name that path."""


def switch(dependency: Dependency, values: Outline, subchart: Subchart | None = None) -> Switch:
    """What the default ``values`` decide; ``subchart`` brings defaults of its own, where it lies in the archive."""
    paths = [one.strip() for one in dependency.condition.split(",")[:_MAX_PATHS] if one.strip()]
    below = outline(subchart.values) if subchart and paths else None
    for path in paths:
        found = _told(path, dependency, values, below)
        if found is not None:
            text = N_("Installed by default: {path} is true.") if found else N_("Left out by default: {path} is false.")
            return Switch(found, phrase(text, path=path), path, path in values.by_path)
    return _by_tags(dependency, values) or _by_nothing(paths)


def _told(path: str, dependency: Dependency, values: Outline, below: Outline | None) -> bool | None:
    """True or false at ``path``, also in ``below``, the dependency's own values; None where there is neither."""
    own = values.by_path.get(path)
    if own is not None and isinstance(own.resolved, bool):
        return own.resolved
    first, _, rest = path.partition(".")
    if below is None or first not in (dependency.alias, dependency.name):
        return None
    default = below.by_path.get(rest)
    return default.resolved if default is not None and isinstance(default.resolved, bool) else None


def _by_tags(dependency: Dependency, values: Outline) -> Switch | None:
    told = dict(_tags(dependency, values))
    if not told:
        return None
    for tag, on in told.items():
        if on:
            return Switch(True, phrase(N_("Installed by default: the tag {tag} is on."), tag=tag), f"tags.{tag}", True)
    tag = next(iter(told))
    return Switch(False, phrase(N_("Left out by default: the tag {tag} is off."), tag=tag), f"tags.{tag}", True)


def _tags(dependency: Dependency, values: Outline) -> Iterator[tuple[str, bool]]:
    for tag in dependency.tags[:_MAX_PATHS]:
        found = values.by_path.get(f"tags.{tag}")
        if found is not None and isinstance(found.resolved, bool):
            yield tag, found.resolved


def _by_nothing(paths: list[str]) -> Switch:
    if paths:
        return Switch(True, phrase(N_("Installed unless {path} is set to false."), path=paths[0]), paths[0])
    return Switch(True, phrase(N_("Always installed.")))
