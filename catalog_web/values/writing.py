"""Values as YAML that every YAML reader understands alike. Pure."""

import json
import re
from typing import Any

import yaml

_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9]*([._/-][A-Za-z0-9]+)*", re.ASCII)
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_ENDLESS = 2**31


class Dumper(yaml.SafeDumper):
    """Quotes texts that any reader could take for more, and writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write one: it would only confuse a reader."""
        return True


class _Flow(Dumper):
    """Writes no line breaks at all."""


def block(value: object) -> str:
    """A mapping or list that is not empty, on lines of its own, the last one ended."""
    text: str = yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=_ENDLESS, default_flow_style=False
    )
    return text


def flow(value: object) -> str:
    """Any value on one line."""
    text: str = yaml.dump(
        value, Dumper=_Flow, sort_keys=False, allow_unicode=True, width=_ENDLESS, default_flow_style=True
    )
    return text.removesuffix("...\n").removesuffix("\n")


def is_plain(text: str) -> bool:
    """Whether ``text`` may stand without quotes, as a key or a value."""
    return _PLAIN_TEXT.fullmatch(text) is not None and text.lower() not in _YAML_WORDS


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if not isinstance(dumper, _Flow) and _has_lines(text) else "" if is_plain(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _has_lines(text: str) -> bool:
    """Whether it reads better on lines of its own. With empty lines at its end it would need a mark behind it."""
    in_lines = "\n" in text and text.strip() and not text.endswith("\n\n")
    return bool(in_lines) and text.replace("\n", "").isprintable()


def _number(dumper: Dumper, number: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", json.dumps(number))


Dumper.add_representer(str, _text)
Dumper.add_representer(float, _number)
_Flow.add_representer(str, _text)
_Flow.add_representer(float, _number)
