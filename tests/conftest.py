"""What every test begins with."""

import pytest

from indexer.http.gate import Gates


@pytest.fixture(autouse=True)
def _unknown_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server asked to wait yet: a port of loopback soon belongs to another test's server."""
    monkeypatch.setattr("indexer.http.client.GATES", Gates())
