"""What the versions, Chart.yaml and the publisher say."""

import re
from collections.abc import Iterator

from indexer import versions
from indexer.changelog import changelog_of
from indexer.compare.result import DependencyChange, FactChange, FactName, Reason, Severity
from indexer.compare.rules.sides import Sides
from indexer.errors import N_, phrase
from indexer.parse.text import shown
from indexer.version_range import VersionRange

_MINORS = range(16, 61)
"""Kubernetes 1.16 to 1.60: those that a range is asked about."""
_FIRST_NUMBER = re.compile(r"[0-9]{1,9}")
_SHOUT = re.compile(r"\bbreaking\b", re.IGNORECASE)


def version_number(sides: Sides) -> Iterator[Reason]:
    """2.17.5 → 3.0.0: a new first number announces it. 0.3.1 → 0.4.0 may: below 1.0 anything may change."""
    old, new = versions.parse(sides.old.version), versions.parse(sides.new.version)
    if old is None or new is None:
        return
    names = {"old": sides.old.version, "new": sides.new.version}
    if new.major != old.major:
        text = N_("The version goes from {old} to {new}: another first number announces a breaking change.")
        yield Reason("major-version", "breaking", phrase(text, **names), "facts", "version")
    elif new.major == 0 and new.minor != old.minor:
        text = N_("The version goes from {old} to {new}: below 1.0 another second number may break things.")
        yield Reason("minor-below-one", "maybe", phrase(text, **names), "facts", "version")


def images(sides: Sides) -> Iterator[Reason]:
    """argoproj/argocd → quay.io/argoproj/argocd: whoever mirrors images, or blocks registries, wants to know."""
    changes = sides.found.images or ()
    gone = {_last_name(one.repository): one for one in changes if one.whole == "removed"}
    for one in changes:
        was = gone.get(_last_name(one.repository))
        if one.whole == "added" and was:
            text = N_("The image {name} comes from {new} now, it was {old}.")
            facts = {"old": shown(was.repository, 200), "new": shown(one.repository, 200)}
            sentence = phrase(text, name=shown(_last_name(one.repository)), **facts)
            yield Reason("image-moved", "information", sentence, "images", one.repository)


def _last_name(repository: str) -> str:
    return repository.rpartition("/")[2]


def app_version(sides: Sides) -> Iterator[Reason]:
    """App 2.8.4 → 3.0.0: the application itself has a new first number."""
    one = _fact(sides, "appVersion")
    old, new = (versions.parse(one.before), versions.parse(one.after)) if one else (None, None)
    if one and old and new and old.major != new.major:
        text = N_("The application goes from {old} to {new}; its own notes say what that means.")
        facts = {"old": shown(one.before), "new": shown(one.after)}
        yield Reason("app-major", "maybe", phrase(text, **facts), "facts", "appVersion")


def kubernetes(sides: Sides) -> Iterator[Reason]:
    """``>=1.22.0-0`` → ``>=1.25.0-0``: clusters of 1.22 to 1.24 are refused now."""
    one = _fact(sides, "kubeVersion")
    if one is None or not one.after:
        return
    old, new = _minors(one.before), _minors(one.after)
    lost = sorted(old - new) if old is not None and new is not None else []
    range_now = shown(one.after)
    if lost:
        span = f"1.{lost[0]}" if len(lost) == 1 else f"1.{lost[0]} – 1.{lost[-1]}"
        text = N_("It no longer runs on Kubernetes {lost}: it asks for {range} now.")
        severity: Severity = "breaking" if one.before else "maybe"
        yield Reason("kube-version", severity, phrase(text, lost=span, range=range_now), "facts", "kubeVersion")
    elif new is None:
        text = N_("It asks for another Kubernetes: {range}.")
        yield Reason("kube-version", "maybe", phrase(text, range=range_now), "facts", "kubeVersion")


def chart_type(sides: Sides) -> Iterator[Reason]:
    """application → library: it cannot be installed any more. Deprecated: nobody keeps it up."""
    one = _fact(sides, "type")
    if one:
        text = N_("Its type is {new} now, it was {old}.")
        facts = {"old": shown(one.before), "new": shown(one.after)}
        yield Reason("type", "breaking", phrase(text, **facts), "facts", "type")
    if sides.new.deprecated and not sides.old.deprecated:
        text = N_("It is deprecated now: its publisher does not keep it up any more.")
        yield Reason("deprecated", "information", phrase(text), "facts", "deprecated")


def publisher(sides: Sides) -> Iterator[Reason]:
    """``kind: removed`` or the word “breaking” in what the publisher says of the new version."""
    if versions.sort_key(sides.new.version) <= versions.sort_key(sides.old.version):
        return
    changelog = sides.new_content.changelog if sides.new_content else ""
    for note in changelog_of(sides.new.version, sides.new.annotations, changelog).notes:
        said = shown(note.description, 200)
        if _SHOUT.search(note.description):
            text = N_("Its publisher calls it breaking: “{said}”")
            yield Reason("publisher-breaking", "breaking", phrase(text, said=said), "facts", "changes")
        elif note.kind == "removed":
            text = N_("Its publisher lists as removed: “{said}”")
            yield Reason("publisher-removed", "maybe", phrase(text, said=said), "facts", "changes")
        elif note.kind in ("deprecated", "security"):
            text = N_("Its publisher says: “{said}”")
            yield Reason(f"publisher-{note.kind}", "information", phrase(text, said=said), "facts", "changes")


def dependencies(sides: Sides) -> Iterator[Reason]:
    """redis ~12 → ~14: its values may have changed as well. Gone: so are its objects."""
    for one in sides.found.dependencies:
        reason = _dependency(one)
        if reason:
            yield reason


def _dependency(one: DependencyChange) -> Reason | None:
    facts = {"name": shown(one.name), "old": shown(one.before), "new": shown(one.after)}
    if one.whole == "removed":
        text = N_("The dependency {name} is gone, and with it all that it made.")
        return Reason("dependency-removed", "breaking", phrase(text, **facts), "dependencies", one.name)
    old, new = _FIRST_NUMBER.search(one.before), _FIRST_NUMBER.search(one.after)
    if one.whole == "changed" and old and new and old[0] != new[0]:
        text = N_("The dependency {name} goes from {old} to {new}: another first number may break things.")
        return Reason("dependency-major", "maybe", phrase(text, **facts), "dependencies", one.name)
    return None


def _fact(sides: Sides, name: FactName) -> FactChange | None:
    return next((one for one in sides.found.facts if one.name == name), None)


def _minors(text: str) -> frozenset[int] | None:
    """Kubernetes 1.x that a range admits; None where it cannot be read."""
    try:
        wanted = VersionRange.parse(text or "*")
    except ValueError:
        return None
    return frozenset(one for one in _MINORS if f"1.{one}.0" in wanted or f"1.{one}.99" in wanted)
