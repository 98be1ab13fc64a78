"""What all options share: how they are checked, and how their mistakes read. All mistakes at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from indexer.errors import ConfigError

NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""A source's or cluster's name."""
REPO_NAME = r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
"""A ChartRepo's name: what Kubernetes calls a DNS subdomain."""
_RESERVED = frozenset({"new", "test", "import"})
"""Names that addresses below /sources use themselves."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_OWN_WORDS = {
    "extra_forbidden": "there is no such option",
    "missing": "it must be given",
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "string_too_long": "it is longer than {max_length} characters",
    "string_too_short": "it must not be empty",
    "string_type": "it must be text; put it in quotes",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "literal_error": "it must be one of {expected}",
    "model_type": "it must hold options as “name: value”",
    "tuple_type": "it must be a list",
    "too_long": "it has more than {max_length} entries",
}
"""What pydantic finds, in the words of the file's reader."""

Model = TypeVar("Model", bound=BaseModel)


class Table(BaseModel):
    """Options: nothing unknown, nothing half right."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def seconds(value: Any) -> Any:
    """Turn ``30m``, ``90s``, ``2h`` or ``1d`` into seconds; numbers are seconds already."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", value.strip()) if isinstance(value, str) else None
    if match:
        return int(match[1]) * _UNITS[match[2] or "s"]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("write it as seconds, or as 90s, 30m, 2h, 1d")


def duration_text(duration: int) -> str:
    """Seconds as ``seconds`` takes them, in the largest unit that is exact: ``30m``."""
    for unit, size in reversed(_UNITS.items()):
        if duration and duration % size == 0:
            return f"{duration // size}{unit}"
    return f"{duration}s"


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError("a name has at most 63 lower-case letters a–z, digits and inner hyphens")
    if value in _RESERVED:
        raise ValueError(f"the name {value} is taken by a page of Chartroom; choose another")
    return value


_SECONDS = BeforeValidator(seconds)
Duration = Annotated[int, _SECONDS]
Name = Annotated[str, AfterValidator(_name)]


def is_duration(option: FieldInfo) -> bool:
    """Whether an option is a length of time, or may be one."""
    return _SECONDS in option.metadata or Duration in get_args(option.annotation)


def validated(model: type[Model], values: Mapping[str, Any], across: Iterable[str], where: str) -> Model:
    """Check each option by itself, add what options say of each other, and tell all of it. Raises ConfigError."""
    mistakes = list(across)
    try:
        options = model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(where, (*map(_sentence, error.errors()), *mistakes)) from None
    if mistakes:
        raise ConfigError(where, tuple(mistakes))
    return options


def _sentence(error: Any) -> str:
    """The mistake with its path, and never what was typed: it may be a secret in the wrong place."""
    path = ".".join(str(part) for part in error["loc"])
    message = _OWN_WORDS.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    message = message.format(**error.get("ctx", {})) if error["type"] in _OWN_WORDS else message
    return f"{path}: {message}" if path else message
