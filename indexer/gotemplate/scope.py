"""The variables of a template, and how far what is known of them reaches."""

from typing import Optional

from indexer.gotemplate.values import UNKNOWN, Value


class Scope:
    """Variables of one block. ``unsure``: how many unknown conditions it stands under."""

    __slots__ = ("_names", "_outer", "_unsure")

    def __init__(self, outer: Optional["Scope"] = None, unsure: int = 0) -> None:
        self._outer, self._unsure = outer, unsure
        self._names: dict[str, Value] = {}

    def declare(self, name: str, value: Value) -> None:
        """A new variable of this block."""
        self._names[name] = value

    def assign(self, name: str, value: Value, unsure: int) -> None:
        """Another value for a variable of this block or of one around it.

        Under an unknown condition that its own block does not stand under it is then not known.
        """
        scope: Scope | None = self
        while scope is not None and name not in scope._names:
            scope = scope._outer
        if scope is not None:
            scope._names[name] = value if unsure <= scope._unsure else UNKNOWN

    def get(self, name: str) -> Value:
        """The value of a variable; UNKNOWN where there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope._names:
                return scope._names[name]
            scope = scope._outer
        return UNKNOWN
