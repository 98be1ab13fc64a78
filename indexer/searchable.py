"""What a searcher may look for in an archive beyond its README: images, kinds of its CRDs, values with their comments.

Small enough to be kept beside the archive's content, so that a search index is built without unpacking any of it.
"""

import re
from collections.abc import Iterable, Iterator

from indexer.image_reference import read_reference
from indexer.images.manifests import IS_CRD
from indexer.model import ArchiveContent, ChartImage, Searchable
from indexer.yaml_lines import Line, read_lines

MOST_IMAGES = 100
MOST_KINDS = 200
MOST_VALUES = 300
_LONGEST_KEY = 160
_LONGEST_COMMENT = 160
_LONGEST_KIND = 63

_NAMES = re.compile(r"^( {1,8})names:[ \t]*\r?\n((?:\1[ \t-][^\n]*\n?){1,40})", re.MULTILINE)
_KIND = re.compile(r"^[ \t]+kind:[ \t]*[\"']?([A-Z][A-Za-z0-9]*)", re.MULTILINE)
_BARS = re.compile(r"[-=#~*_]{3,}")
_MARK = re.compile(r"^(?:--+|@(?:param|skip|section|extra|descriptionStart|descriptionEnd|schema|default)\b)\s*")
_UNTELLING_TEXT = """
affinity annotations args command containerSecurityContext cpu create enabled extraArgs extraEnv extraEnvVars
extraVolumeMounts extraVolumes failureThreshold fullnameOverride hostAliases image imagePullSecrets
initialDelaySeconds labels lifecycleHooks limits livenessProbe memory name nameOverride nodeSelector
periodSeconds podAnnotations podLabels podSecurityContext priorityClassName pullPolicy pullSecrets
readinessProbe registry replicaCount replicas repository requests resources runAsGroup runAsNonRoot runAsUser
schedulerName securityContext serviceAccount startupProbe successThreshold tag timeoutSeconds tolerations
topologySpreadConstraints type updateStrategy
"""
_UNTELLING = frozenset(_UNTELLING_TEXT.split())
"""Last keys that stand in nearly every chart and so tell nothing about one."""


def searchable_of(content: ArchiveContent) -> Searchable:
    """All but the README, which is kept by itself."""
    return Searchable(
        images=repositories(content.images),
        kinds=tuple(_first(_kinds(one.text for one in (*content.crds, *content.templates)), MOST_KINDS)),
        values=_telling(_pairs(read_lines(content.values))),
    )


def repositories(images: Iterable[ChartImage]) -> tuple[str, ...]:
    """Registry and repository of each image in full, each once; certain ones first."""
    ordered = sorted(images, key=lambda one: not one.certain)
    read = (read_reference(one.reference) for one in ordered)
    return tuple(_first((one.full_repository for one in read if one), MOST_IMAGES))


def floating(images: Iterable[ChartImage]) -> tuple[str, ...]:
    """References of those that name neither a digest nor a tag but ``latest``: they are others tomorrow."""
    read = ((one.reference, read_reference(one.reference)) for one in images)
    return tuple(_first((text for text, parts in read if parts and parts.floats), MOST_IMAGES))


def _kinds(texts: Iterable[str]) -> Iterator[str]:
    """The kinds that CRDs define: ``spec.names.kind``, read off the lines, as templates are no YAML yet."""
    for text in texts:
        if not IS_CRD.search(text):
            continue
        for names in _NAMES.finditer(text):
            kind = _KIND.search(names[2])
            if kind and len(kind[1]) <= _LONGEST_KIND:
                yield kind[1]


def _pairs(lines: Iterable[Line]) -> dict[str, str]:
    """Dotted keys with the comment that stands above or behind each; a key that stands twice counts once."""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in lines:
        stripped = line.text.strip()
        if line.in_block:
            continue
        if stripped.startswith("#"):
            above.append(stripped)
            continue
        if line.is_key:
            key = ".".join(line.keys)
            behind = line.text.partition(" #")[2] if not above else ""
            if len(key) <= _LONGEST_KEY and not found.get(key):
                found[key] = _comment(above or [behind])
        above = []
    return found


def _comment(lines: Iterable[str]) -> str:
    words = (_BARS.sub(" ", _MARK.sub("", line.lstrip("# \t"))) for line in lines)
    return " ".join(" ".join(words).split())[:_LONGEST_COMMENT]


def _telling(pairs: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Those with a comment and a key of their own first, shallow before deep."""

    def rank(item: tuple[int, tuple[str, str]]) -> tuple[bool, bool, int, int]:
        place, (key, comment) = item
        return key.rpartition(".")[2] in _UNTELLING, not comment, key.count("."), place

    ranked = sorted(enumerate(pairs.items()), key=rank)
    return tuple(pair for _, pair in ranked[:MOST_VALUES])


def _first(values: Iterable[str], most: int) -> list[str]:
    return list(dict.fromkeys(values))[:most]
