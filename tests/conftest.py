"""What every test begins with."""

import pytest
from hypothesis import HealthCheck, settings

from indexer.http.gate import Gates
from tests import postgres

# How long an example takes is a matter of what else the machine does: nothing here asserts a time.
settings.register_profile("chartroom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The examples of a gate are the same each time, so that it speaks of the change and not of its luck.
settings.register_profile("same-each-time", settings.get_profile("chartroom"), derandomize=True)
settings.load_profile("chartroom")


@pytest.fixture(autouse=True)
def _unknown_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server asked to wait yet: a port of loopback soon belongs to another test's server."""
    monkeypatch.setattr("indexer.http.client.GATES", Gates())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what is about SQLite itself."""
    if postgres.is_chosen():
        for item in items:
            for mark in item.iter_markers("sqlite_only"):
                item.add_marker(pytest.mark.skip(reason=f"about SQLite: {mark.args[0]}"))


def pytest_sessionfinish() -> None:
    """End the suite's PostgreSQL, where one was started."""
    postgres.end_suite_cluster()
