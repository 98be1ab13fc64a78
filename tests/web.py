"""The whole application over a folder of its own, asked as a browser or a program asks it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalog_web import create_app
from catalog_web.services import Services, open_services
from indexer.config import load
from tests.command import write_config

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Web:
    """A Chartroom whose pages and API can be asked, without a scheduler."""

    app: Flask
    services: Services
    client: FlaskClient

    def sync(self, name: str = "shop") -> None:
        """Sync now, and let the search follow."""
        self.services.syncer.sync(name)
        self.services.catalog.follow()

    def get(self, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON at ``path``, which must be what the OpenAPI document says."""
        return self._json("GET", path, status, **options)

    def send(self, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        """Send ``body`` as JSON and return the JSON of the answer."""
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self._json(method, path, status, data=data, headers=headers, **options)

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """The answer as it came."""
        headers = {"Host": HOST, **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def _json(self, method: str, path: str, status: int, **options: Any) -> Any:
        answer = self.ask(method, path, **options)
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        if status == 204:
            assert answer.get_data() == b""
            return None
        self.check(method, path, answer)
        return json.loads(answer.get_data())

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Fail unless the API's own description allows this answer."""
        document = self._document()
        described = document["paths"][_template(document, path.partition("?")[0])][method.lower()]
        content = described["responses"][str(answer.status_code)]["content"]
        assert answer.mimetype in content
        schema = {**content[answer.mimetype]["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(answer.get_data()))

    def _document(self) -> Any:
        return json.loads(self.ask("GET", "/api/v1/openapi.json").get_data())


@contextmanager
def web(folder: Path, sources: Sequence[Mapping[str, Any]] = (), **options: Any) -> Iterator[Web]:
    """Open the application on ``folder`` with these ``sources`` declared in its configuration."""
    services = open_services(load(write_config(folder, sources, **options), environ={}))
    services.store.sources.configure(services.config.sources, datetime.now(UTC))
    services.catalog.follow()
    try:
        app = create_app(services)
        yield Web(app, services, app.test_client())
    finally:
        services.close()


def _template(document: Any, path: str) -> str:
    """The address of the description that ``path`` stands under; the most literal one."""
    parts = path.split("/")
    fits = [one for one in document["paths"] if _fits(one.split("/"), parts)]
    return min(fits, key=lambda one: one.count("{"))


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted.startswith("{") or wanted == part for wanted, part in zip(template, parts, strict=True)
    )
