"""The values that a person wants: the text that may be seen, and apart from it what may not. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_web.values.difference import only_differing
from catalog_web.values.editing import drop, put, read
from catalog_web.values.fields import Form
from catalog_web.values.paths import ABSENT, Path, parse_path, value_at
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import secret_fields
from catalog_web.values.state import scalar
from catalog_web.values.writing import block

_MOST_DROPS = 40
"""Values that are taken out of a text one by one: each is read anew, and a copy of all defaults has thousands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants."""

    text: str
    """YAML without secrets, as typed."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was typed, by dotted path; never empty."""
    stored: tuple[str, ...] = ()
    """Dotted paths whose values the app's Secret has already."""
    visible_secrets: tuple[str, ...] = ()
    """Dotted paths of what is secret and stands in the text all the same: lists, for which there is no masked field."""

    @property
    def secret_paths(self) -> tuple[str, ...]:
        """Dotted paths of what goes to the Secret out of ``whole``."""
        return (*self.secrets, *self.visible_secrets)

    @property
    def kept_secrets(self) -> tuple[str, ...]:
        """Dotted paths whose values stay as the app's Secret has them."""
        return tuple(one for one in self.stored if one not in self.secrets)

    @property
    def whole(self) -> str:
        """The text with the secrets in it: what is sent is made of this. It is never shown."""
        return self.laid_over("")

    def laid_over(self, override: str) -> str:
        """``whole`` with the values of another text on top. Raises UsageError for what cannot be read."""
        text = self.text
        for path, value in _leaves((), parse_values(override)):
            text = put(text, path, value)
        for name, secret in self.secrets.items():
            text = put(text, parse_path(name), secret)
        return text

    def differing(self, defaults: Mapping[str, Any], override: str = "") -> str:
        """``laid_over`` without what says the same as the chart's ``defaults``. Raises UsageError.

        Comments stay, unless so much goes that the text is written anew.
        """
        text = self.laid_over(override)
        values = read(text)
        kept = only_differing(values, defaults)
        gone = [path for path, _ in _leaves((), values) if value_at(kept, path) is ABSENT]
        if len(gone) > _MOST_DROPS:
            return block(kept) if kept else ""
        for path in gone:
            text = drop(text, path)
        return text

    def parted(self, form: Form, globs: Collection[str], kept: Collection[str]) -> tuple["Wanted", tuple[str, ...]]:
        """The same with what is secret taken out of the text, and the dotted paths of what was moved.

        ``kept``: dotted paths that the person calls secret. What was typed in a masked field wins. Raises UsageError
        where the text cannot be read.
        """
        values = read(self.text)
        named = (one for one in kept if value_at(values, parse_path(one)) not in (ABSENT, None, ""))
        paths = dict.fromkeys((*secret_fields(form, values, globs), *named))
        moved = {one: value_at(values, parse_path(one)) for one in paths}
        plain = {one: scalar(value) for one, value in moved.items() if not isinstance(value, dict | list)}
        text = self.text
        for one in plain:
            text = drop(text, parse_path(one))
        visible = tuple(one for one in paths if one not in plain)
        return replace(self, text=text, secrets={**plain, **self.secrets}, visible_secrets=visible), tuple(plain)


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value at its path, an empty mapping as one; of the whole nothing where it is empty."""
    if isinstance(value, Mapping) and (value or not path):
        for key, below in value.items():
            yield from _leaves((*path, key), below)
    else:
        yield path, value
