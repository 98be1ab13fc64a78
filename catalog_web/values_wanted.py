"""The values that a person wants: the text that may be seen, and apart from it what may not. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_web.values.editing import drop, put, read
from catalog_web.values.fields import Form
from catalog_web.values.paths import ABSENT, Path, parse_path, value_at
from catalog_web.values.reading import parse_values
from catalog_web.values.secrets import secret_fields
from catalog_web.values.state import scalar


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
    """What an override says, each at its path; an empty mapping says nothing."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves((*path, key), below)
    else:
        yield path, value
