"""What may be shown of what a release really got: the values without secrets, the manifest without their texts. Pure.

Helm merges the values of Secrets into those of the HelmRequest before it keeps them, and templates write them wherever
they like. So a value is hidden where its key says so, where Chartroom put it into a Secret, or where the HelmRequest
takes values from a Secret and does not name this one itself; and then its text is hidden in the manifest as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from catalog_web.install.manifests import HIDDEN, read_manifests
from catalog_web.install.reading import mapping, mappings, spec
from catalog_web.install.release_record import ReleaseRecord
from catalog_web.values.paths import Path, dotted, value_at
from catalog_web.values.secret_names import is_secret_name

MAX_DEPTH = 60
"""Levels of values that are looked at; what lies deeper is hidden."""
MAX_SECRETS = 500
"""Texts that are looked for in a manifest; of one with more, nothing is shown."""
_SHORTEST = 5
"""Characters of a secret's line that is looked for in a manifest; shorter ones are parts of other words."""


def secret_refs(helmrequest: object) -> bool:
    """Whether a HelmRequest takes values from Secrets."""
    return any("secretKeyRef" in one for one in mappings(spec(helmrequest).get("valuesFrom")))


def shown_values(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str] = ()) -> Mapping[str, Any]:
    """The values of ``record`` with `HIDDEN` where a secret stands. ``secret_paths`` are dotted."""
    hidden = dict(_secrets(record, helmrequest, secret_paths))
    return mapping(_replaced(record.values, hidden, ()))


def shown_manifest(record: ReleaseRecord, namespace: str, helmrequest: object, secret_paths: Iterable[str] = ()) -> str:
    """The manifest of ``record`` with `HIDDEN` for what Secrets hold and for every secret value that is found in it.

    ``namespace`` is that of the release.
    """
    hide = secret_texts(record, helmrequest, secret_paths)
    if hide is None:
        return f"# {HIDDEN}\n"
    found = read_manifests(record.manifest, namespace, hide)
    return "---\n".join(f"# Source: {one.template}\n{one.text}" if one.template else one.text for one in found)


def secret_texts(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str] = ()) -> frozenset[str] | None:
    """What to look for in a text so that no secret of ``record`` is in it; None where that is too much, and so nothing
    may be shown. Never show one."""
    secrets = (value for _, value in _secrets(record, helmrequest, secret_paths))
    hide = frozenset(islice(_lines(secrets), MAX_SECRETS + 1))
    return hide if len(hide) <= MAX_SECRETS else None


def _secrets(record: ReleaseRecord, helmrequest: object, secret_paths: Iterable[str]) -> Iterator[tuple[Path, str]]:
    inline = mapping(spec(helmrequest).get("values"))
    foreign, named = secret_refs(helmrequest), frozenset(secret_paths)
    for path, value in _leaves(record.values, ()):
        says_so = _sounds_secret(path) or not named.isdisjoint(_at_or_above(path))
        if says_so or (foreign and value_at(inline, path) != value):
            yield path, str(value)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every text and number with its path; what is too deep is left out."""
    below: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        below = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    elif value not in (None, "") and not isinstance(value, bool):
        yield path, value
    for key, one in below:
        if len(path) < MAX_DEPTH:
            yield from _leaves(one, (*path, key))


def _sounds_secret(path: Path) -> bool:
    return is_secret_name(next((one for one in reversed(path) if isinstance(one, str)), ""))


def _at_or_above(path: Path) -> Iterator[str]:
    """The path and all that it lies in, as text: what is below a secret is part of it."""
    return (dotted(path[:depth]) for depth in range(1, len(path) + 1))


def _replaced(value: Any, hidden: Mapping[Path, str], path: Path) -> Any:
    if path in hidden or len(path) > MAX_DEPTH:
        return HIDDEN
    if isinstance(value, dict):
        return {key: _replaced(one, hidden, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, hidden, (*path, index)) for index, one in enumerate(value)]
    return value


def _lines(secrets: Iterable[str]) -> Iterator[str]:
    """``secrets`` whole and, as YAML may move them in, line by line."""
    for secret in secrets:
        yield from (one for one in {secret, *secret.split("\n")} if len(one.strip()) >= _SHORTEST)
