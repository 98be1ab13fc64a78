"""Every route of the application with an address that leads to something, for tests that go through all of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask

from catalog_web.auth import Rule, rule_of

_READING = {"GET", "HEAD", "OPTIONS"}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


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
    """All of ``app``, where ``parts`` are what a variable of the path stands for: by ``endpoint.variable``, else by the
    variable alone."""
    for one in app.url_map.iter_rules():
        rule = rule_of(app, one.endpoint)
        assert rule is not None, one.rule
        path = _PART.sub(lambda found, of=one.endpoint: parts.get(f"{of}.{found[1]}", parts[found[1]]), one.rule)
        for method in sorted((one.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, path, one.endpoint, rule)
