"""Secrets of requests and webhooks under a new key."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.model import Approval
from indexer.store import Store
from indexer.store.people_tables import approvals
from indexer.store.sealed import renew_sealed
from indexer.vault import Vault
from tests.postgres import open_store

OLD, NEW = b"o" * 32, b"n" * 32
ASKED = Approval(
    id="a1", state="waiting", person="dan", at=datetime(2026, 11, 26, tzinfo=UTC), source="shop", chart="redis",
    version="1.0.0", cluster="home", namespace="apps", name="cache", action="install", request_id="r1", form={},
    sealed="",
)  # fmt: skip
SECRETS = {"values_yaml": "password: canary"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, (OLD,))
    opened.approvals.ask(ASKED, SECRETS)
    yield opened
    opened.close()


def test_what_waits_is_sealed_with_the_new_key_and_opens_without_the_old_one(store: Store, tmp_path: Path) -> None:
    open_store(tmp_path, (NEW, OLD)).close()
    later = open_store(tmp_path, (NEW,))
    try:
        assert later.approvals.secrets(later.approvals.get("a1")) == SECRETS
    finally:
        later.close()


def test_what_is_settled_while_keys_change_keeps_no_secret(store: Store, tmp_path: Path) -> None:
    class Slow(Vault):
        """Another process decides while this one seals."""

        def seal(self, text: str) -> str:
            assert store.approvals.move(store.approvals.get("a1"), "refused")
            return super().seal(text)

    vault = Slow((NEW, OLD), tmp_path / "no.key")
    assert renew_sealed(store.database, vault, approvals, "people") == 0
    assert store.approvals.get("a1").sealed == ""
