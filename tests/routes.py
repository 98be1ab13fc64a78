"""Every route of the application with an address that leads to something, for tests that go through all of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask

from catalog_web.auth import Rule, rule_of

_READING = {"GET", "HEAD", "OPTIONS"}
_VARIABLE = re.compile(r"(?:(\w+)/)?<(?:\w+:)?(\w+)>")
ABSENT = "1"
"""What a variable stands for that nobody says anything of: a number and a name of nothing."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one route."""

    method: str
    path: str
    endpoint: str
    rule: Rule

    @property
    def name(self) -> str:
        """As a test is called by it."""
        return f"{self.method} {self.path}"

    @property
    def takes_json(self) -> bool:
        """Whether it is asked by a program."""
        return self.endpoint.startswith("api.")

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in _READING


def every_route(app: Flask, parts: Mapping[str, str]) -> Iterator[Route]:
    """All of ``app``, where ``parts`` are what a variable of the path stands for: by the part of the path before it and
    its name (``sources/name``), else by its name alone."""
    for one in app.url_map.iter_rules():
        rule = rule_of(app, one.endpoint)
        assert rule is not None, one.rule
        path = _filled(one.rule, parts)
        for method in sorted((one.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, path, one.endpoint, rule)


def _filled(rule: str, parts: Mapping[str, str]) -> str:
    """The path of ``rule``; one variable may stand behind another."""
    while found := _VARIABLE.search(rule):
        before, name = found.groups()
        value = parts.get(f"{before}/{name}", parts.get(name, ABSENT))
        rule = rule[: found.start()] + (f"{before}/" if before else "") + value + rule[found.end() :]
    return rule
