"""The table of mirrors: where an image is to be had instead of its own registry.

Nothing is asked over the network; it is what the operator says about the clusters' way to images.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.image_reference import Reference, read_reference
from indexer.model import ImageMirror


@dataclass(frozen=True, slots=True)
class Placed:
    """What the table says of one image."""

    mirrored: str = ""
    """The reference at its mirror; empty where there is none."""
    blocked: bool = False
    """Its own registry cannot be reached."""

    @property
    def is_out_of_reach(self) -> bool:
        """Neither the registry nor a mirror has it."""
        return self.blocked and not self.mirrored


_NOWHERE = Placed()


class Mirrors:
    """Answers for one table. Of several lines that fit the longest counts."""

    def __init__(self, table: Iterable[ImageMirror]) -> None:
        rules = [(same_registry(one.registry), one) for one in table]
        self._rules = sorted(rules, key=lambda rule: -len(rule[0]))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def place(self, reference: str) -> Placed:
        """What is said of the image ``reference``; nothing where it is no reference."""
        image = read_reference(reference)
        if image is None:
            return _NOWHERE
        for prefix, rule in self._rules:
            rest = _behind(prefix, image)
            if rest is not None:
                return Placed(_at(rule.mirror, rest, image), rule.blocked)
        return _NOWHERE


def registry_prefix(text: str) -> str:
    """Check the ``registry`` of a line. Raises ValueError with what is wrong."""
    return _checked(text, "docker.io or docker.io/bitnami")


def mirror_prefix(text: str) -> str:
    """Check the ``mirror`` of a line; empty is fine. Raises ValueError with what is wrong."""
    return _checked(text, "mirror.example.com/dockerhub") if text else ""


def same_registry(prefix: str) -> str:
    """``prefix`` in full, so that two ways to write one registry are equal."""
    image = read_reference(f"{prefix.strip('/')}/x")
    return f"{image.full_registry}/{image.repository}".removesuffix("/x") if image else prefix


def _checked(text: str, example: str) -> str:
    plain = text.strip().rstrip("/")
    image = read_reference(f"{plain}/x")
    if image is None or not image.registry:
        raise ValueError(
            f"write a registry, and what may follow it, as {example}: no scheme, no tag, no capitals behind it"
        )
    return plain


def _behind(prefix: str, image: Reference) -> str | None:
    """What of the image's repository follows ``prefix``; None where it does not begin so."""
    name = image.full_repository
    return name[len(prefix) :] if name == prefix or name.startswith(f"{prefix}/") else None


def _at(mirror: str, rest: str, image: Reference) -> str:
    """The same tag and digest at the mirror; what has neither is ``latest`` there as well."""
    if not mirror:
        return ""
    tag = f":{image.tag}" if image.tag else ""
    return f"{mirror}{rest}{tag}" + (f"@{image.digest}" if image.digest else "")
