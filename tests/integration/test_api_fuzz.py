"""The API against its own description: whatever is sent to an operation, the answer is one that it announces."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog_web.api.operations import Operation, table
from catalog_web.auth import ANONYMOUS
from tests.kube_api import kube_api
from tests.people import HEADER, READS, SENDS, People
from tests.repository import repository
from tests.upstream import upstream
from tests.web import Web, web

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Schemathesis' client leaves files open that an answer was sent from."""
EXAMPLES = int(os.environ.get("CHARTROOM_API_EXAMPLES", "2"))
"""Of each operation for each person; for an administrator, who gets furthest, four times as many."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DIALLING = {"/api/v1/sources", "/api/v1/sources/test"}
"""What is sent there names servers, which would be asked for."""
KNOWN = {
    "source": ["shop", "absent"], "name": ["redis", "shop"], "version": ["7.0.0"], "cluster": ["home"],
    "namespace": ["apps"], "file": ["redis-7.0.0"], "chart": ["redis"], "preset": ["small"], "repo": ["shop"],
}  # fmt: skip
"""What there is, so that not all of it is answered with 404."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A source, a chart, an app on a cluster; a viewer, a developer, an administrator, and nobody."""
    folder = tmp_path_factory.mktemp("fuzzed")
    with upstream() as site, kube_api() as kube:
        kube.put("redis", spec={"chart": "shop/redis", "version": "7.0.0"})
        repository({"redis": ("7.0.0", "6.0.0")}).serve(site)
        clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(folder))}]
        with web(folder / "room", [{"name": "shop", "url": site.url}], clusters=clusters) as running:
            running.sync()
            people = People().install(running.app)
            people.add("viewer", READS)
            people.add("developer", SENDS)
            people.known["nobody"] = ANONYMOUS
            yield running


@pytest.fixture(scope="module")
def described(shop: Web) -> Any:
    """The API's own description."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", shop.app)


def operations() -> list[Operation]:
    return sorted(table().values(), key=lambda one: (one.path, one.method))


@pytest.mark.parametrize("person", ["nobody", "viewer", "developer", "admin"])
@pytest.mark.parametrize("operation", operations(), ids=lambda one: f"{one.method} {one.path}")
def test_every_answer_is_one_that_the_description_announces(described: Any, operation: Operation, person: str) -> None:
    numbers = itertools.count()

    @settings(
        max_examples=EXAMPLES * (4 if person == "admin" else 1),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(case=described[operation.path][operation.method].as_strategy())
    def attempt(case: Any) -> None:
        if operation.path in DIALLING and operation.method != "GET":
            case.body = {"url": "http://127.0.0.1:1", "name": "x", "is_admin": True}
        number = next(numbers)
        for name in case.path_parameters or {}:
            if number % 2 and name in KNOWN:
                case.path_parameters[name] = KNOWN[name][number // 2 % len(KNOWN[name])]
        case.call_and_validate(headers={HEADER: person}, checks=CHECKS)

    attempt()
