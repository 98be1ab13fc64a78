"""What Chart.yaml and the images say: fields, dependencies, container images."""

from collections.abc import Mapping, Sequence

from indexer.compare.result import DependencyChange, FactChange, FactName, ImageChange, Whole
from indexer.image_reference import read_reference
from indexer.model import ChartImage, ChartMetadata, Dependency

MAX_CHANGES = 500


def compare_facts(old: ChartMetadata, new: ChartMetadata) -> tuple[FactChange, ...]:
    """Fields of Chart.yaml that are not as they were."""
    pairs: dict[FactName, tuple[str, str]] = {
        "appVersion": (old.app_version, new.app_version),
        "kubeVersion": (old.kube_version, new.kube_version),
        "type": (old.type or "application", new.type or "application"),
        "deprecated": (_word(old.deprecated), _word(new.deprecated)),
    }
    return tuple(FactChange(name, was, now) for name, (was, now) in pairs.items() if was != now)


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def compare_dependencies(old: Sequence[Dependency], new: Sequence[Dependency]) -> tuple[DependencyChange, ...]:
    """Dependencies that are not as they were, by alias, else name; of two with one name the last counts."""
    before, after = _by_name(old), _by_name(new)
    found = [_dependency(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return tuple(one for one in found if one)[:MAX_CHANGES]


def _by_name(dependencies: Sequence[Dependency]) -> dict[str, Dependency]:
    return {one.alias or one.name: one for one in dependencies}


def _dependency(name: str, old: Dependency | None, new: Dependency | None) -> DependencyChange | None:
    if old is None or new is None:
        was, now = (old.version if old else ""), (new.version if new else "")
        return DependencyChange(name, "removed" if new is None else "added", was, now)
    moved = (old.repository, new.repository) if old.repository != new.repository else ("", "")
    if old.version == new.version and not any(moved):
        return None
    return DependencyChange(name, "changed", old.version, new.version, moved)


def compare_images(old: Sequence[ChartImage], new: Sequence[ChartImage]) -> tuple[ImageChange, ...]:
    """Images that are not as they were, by registry and repository."""
    before, after = _by_repository(old), _by_repository(new)
    names = sorted(before.keys() | after.keys())
    found = [_images(name, before.get(name, {}), after.get(name, {})) for name in names]
    return tuple(one for one in found if one)[:MAX_CHANGES]


def _images(name: str, old: Mapping[str, bool], new: Mapping[str, bool]) -> ImageChange | None:
    """``old`` and ``new`` hold for each tag whether it is certain."""
    if old.keys() == new.keys():
        return None
    whole: Whole = "removed" if not new else "added" if not old else "changed"
    certain = all((*old.values(), *new.values()))
    return ImageChange(name, whole, tuple(sorted(old)), tuple(sorted(new)), certain)


def _by_repository(images: Sequence[ChartImage]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for one in images:
        repository, tag = _parts(one.reference)
        tags = found.setdefault(repository, {})
        tags[tag] = tags.get(tag, False) or one.certain
    return found


def _parts(text: str) -> tuple[str, str]:
    """Registry and repository in full, and the tag or digest; what is no reference stands for itself."""
    found = read_reference(text)
    if found is None:
        return text, ""
    return found.full_repository, "@".join(one for one in (found.tag, found.digest) if one)
