"""Secrets in the store: encrypted, following a change of the key, and never lost by it."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from indexer.errors import Conflict, CredentialsUnreadable, SecretsLocked, SourceNotFound
from indexer.model import Source
from indexer.notices import Hook, Subscription
from indexer.store.people_tables import subscriptions
from tests.command import chartroom, write_config
from tests.integration.conftest import Room
from tests.postgres import open_store

NOW = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
OLD, NEW = b"\x01" * 32, b"\x02" * 32
CANARY = "canary-7f3a"
WANTED = Subscription("1", "person", "ann", "webhook", "https://hooks.example.org/…", ("version-new",), created=NOW)
HOOK = Hook(f"https://hooks.example.org/{CANARY}", f"whsec_{CANARY}")


def database_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("chartroom.sqlite*"))


def closed(folder: Path, *keys: bytes) -> None:
    """A store with one source whose password is kept."""
    store = open_store(folder, keys)
    store.sources.add(Source("shop", "https://charts.example.org", username="u"), NOW, {"password": CANARY})
    store.close()


def test_a_secret_comes_back_as_it_was_kept_and_the_settings_name_it(room: Room) -> None:
    room.add("https://charts.example.org")
    for field in ("token", "password"):
        room.store.secrets.put("shop", field, f"{CANARY}-{field}")  # type: ignore[arg-type]
    room.store.secrets.put("shop", "password", CANARY)
    assert room.store.secrets.get("shop", "password") == CANARY
    assert room.store.sources.get("shop").source.stored_secrets == ("password", "token")
    assert room.store.sources.get("shop").source.is_private
    room.store.secrets.forget("shop", "token")
    assert room.store.secrets.get("shop", "token") is None
    assert room.store.secrets.fields("shop") == ("password",)
    assert room.store.sources.get("shop").source.stored_secrets == ("password",)


def test_no_secret_is_kept_for_a_source_that_is_not_there(room: Room) -> None:
    with pytest.raises(SourceNotFound):
        room.store.secrets.put("shop", "password", CANARY)


def test_secrets_change_together_with_the_settings(room: Room) -> None:
    source = Source("shop", "https://charts.example.org", username="u")
    room.store.sources.add(source, NOW, {"password": CANARY})
    room.store.sources.change(replace(source, title="Shop"), NOW, {"token": CANARY})
    assert room.store.sources.get("shop").source.stored_secrets == ("password", "token")
    room.store.sources.change(source, NOW, {"password": None})
    assert room.store.sources.get("shop").source.stored_secrets == ("token",)
    room.store.sources.remove("shop", NOW)
    room.store.sources.add(source, NOW)
    assert room.store.secrets.get("shop", "token") is None


def test_a_change_does_not_undo_another_one_that_came_in_between(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://charts.example.org"), NOW)
    read = room.store.sources.get("shop").source
    room.store.sources.change(replace(read, title="Shop"), NOW, before=read)
    with pytest.raises(Conflict, match="meanwhile"):
        room.store.sources.change(replace(read, interval=60), NOW, before=read)
    assert room.store.sources.get("shop").source.title == "Shop"


def test_a_password_that_came_in_between_goes_to_no_other_server(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://charts.example.org", username="u"), NOW)
    read = room.store.sources.get("shop").source
    room.store.secrets.put("shop", "password", CANARY)
    with pytest.raises(Conflict):
        room.store.sources.change(replace(read, url="https://evil.example.com"), NOW, before=read)
    assert room.store.sources.get("shop").source.url == "https://charts.example.org"


def test_I8_the_database_holds_no_secret_in_clear(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://charts.example.org"), NOW, {"token": CANARY})
    room.store.secrets.put("shop", "token", CANARY)
    assert CANARY.encode() not in database_bytes(room.folder)


def test_I8_where_a_webhook_is_and_what_signs_is_sealed(room: Room) -> None:
    room.store.subscriptions.add(WANTED, HOOK)
    assert room.store.subscriptions.get("1") == WANTED
    assert room.store.subscriptions.hook("1") == HOOK
    with room.store.database.read() as connection:
        assert CANARY not in str(connection.execute(select(subscriptions)).one())
    assert CANARY not in repr(HOOK)


def test_the_projects_of_a_harbor_are_read_with_its_secrets(room: Room) -> None:
    room.store.sources.add(Source("h", "https://h.example", "harbor", username="robot$x"), NOW, {"password": CANARY})
    parent = room.store.sources.get("h").source
    room.store.sources.add(replace(parent, name="h.library", parent="h", project="library"), NOW)
    assert room.store.sources.get("h.library").source.stored_secrets == ("password",)
    room.store.secrets.put("h.library", "helm", CANARY)
    assert room.store.sources.get("h.library").source.stored_secrets == ("helm", "password")
    room.store.secrets.forget("h", "password")
    assert room.store.sources.get("h.library").source.stored_secrets == ("helm",)


def test_a_declared_source_takes_its_credentials_from_where_the_file_says_alone(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://charts.example.org", username="u"), NOW, {"password": CANARY})
    declared = Source("shop", "https://charts.example.org", operator=True)
    room.store.sources.configure([declared], NOW)
    assert room.store.sources.get("shop").source == replace(declared, configured=True)
    assert room.store.secrets.get("shop", "password") is None
    room.store.secrets.put("shop", "helm", CANARY)
    room.store.sources.configure([declared], datetime.now(UTC))
    assert room.store.secrets.get("shop", "helm") == CANARY
    assert room.store.sources.get("shop").next_due == NOW


# -- keys


def test_M7_a_secret_survives_a_restart_and_a_change_of_the_key(tmp_path: Path) -> None:
    closed(tmp_path, OLD)
    for keys in ((OLD,), (NEW, OLD), (NEW,)):
        store = open_store(tmp_path, keys)
        assert store.secrets.get("shop", "password") == CANARY
        store.close()
    with pytest.raises(SecretsLocked):
        open_store(tmp_path, (OLD,))


def test_M7_a_webhook_is_found_after_a_change_of_the_key(tmp_path: Path) -> None:
    store = open_store(tmp_path, (OLD,))
    store.subscriptions.add(WANTED, HOOK)
    store.close()
    for keys in ((NEW, OLD), (NEW,)):
        store = open_store(tmp_path, keys)
        assert store.subscriptions.hook("1") == HOOK
        store.close()


def test_M7_the_key_that_was_made_can_be_replaced_by_a_configured_one(tmp_path: Path) -> None:
    closed(tmp_path)
    open_store(tmp_path, (NEW,)).close()
    (tmp_path / "secret.key").unlink()
    store = open_store(tmp_path, (NEW,))
    assert store.secrets.get("shop", "password") == CANARY
    store.close()


@pytest.mark.parametrize("keys", [(), (NEW,)])
def test_M7_without_the_right_key_the_start_is_refused_and_nothing_is_lost(
    tmp_path: Path, keys: tuple[bytes, ...]
) -> None:
    closed(tmp_path, OLD)
    with pytest.raises(SecretsLocked) as caught:
        open_store(tmp_path, keys)
    assert "1 stored secrets" in caught.value.cause
    assert "shop" in caught.value.cause
    assert "secret_key" in caught.value.remedy
    store = open_store(tmp_path, (OLD,))
    assert store.secrets.get("shop", "password") == CANARY
    store.close()


def test_M7_half_of_the_keys_change_nothing(tmp_path: Path) -> None:
    """A rotation cannot stop half-way: either all secrets are sealed anew or none is."""
    closed(tmp_path, OLD)
    store = open_store(tmp_path, (NEW, OLD), locked=True)
    store.sources.add(Source("other", "https://charts.example.org"), NOW, {"token": CANARY})
    store.close()
    before = database_bytes(tmp_path)
    with pytest.raises(SecretsLocked):
        open_store(tmp_path, (NEW,))
    assert database_bytes(tmp_path) == before
    store = open_store(tmp_path, (NEW, OLD))
    assert [store.secrets.get(*one) for one in (("shop", "password"), ("other", "token"))] == [CANARY, CANARY]
    store.close()


def test_M7_a_process_with_an_old_key_says_so_when_it_needs_the_secret(tmp_path: Path) -> None:
    closed(tmp_path, OLD)
    running = open_store(tmp_path, (OLD,))
    open_store(tmp_path, (NEW, OLD)).close()
    with pytest.raises(CredentialsUnreadable, match="start Chartroom again"):
        running.secrets.get("shop", "password")
    running.close()


def test_M7_no_new_key_takes_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    closed(tmp_path)
    running = open_store(tmp_path)
    key = (tmp_path / "secret.key").read_bytes()
    (tmp_path / "secret.key").unlink()
    with pytest.raises(SecretsLocked):
        running.secrets.put("shop", "token", CANARY)
    assert not (tmp_path / "secret.key").exists()
    with pytest.raises(CredentialsUnreadable):
        running.secrets.get("shop", "password")
    (tmp_path / "secret.key").write_bytes(key)
    running.secrets.put("shop", "token", CANARY)
    assert running.secrets.get("shop", "password") == CANARY
    running.close()


def test_secrets_whose_key_is_lost_are_forgotten_on_demand_and_no_others(tmp_path: Path) -> None:
    closed(tmp_path, OLD)
    store = open_store(tmp_path, (NEW,), locked=True)
    store.sources.add(Source("other", "https://charts.example.org"), NOW, {"token": CANARY})
    assert store.secrets.forget_locked() == ("shop",)
    assert store.sources.get("shop").source.stored_secrets == ()
    store.close()
    again = open_store(tmp_path, (NEW,))
    assert again.secrets.get("other", "token") == CANARY
    again.close()


def test_doctor_counts_the_secrets_of_webhooks_too(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data", (NEW,))
    store.subscriptions.add(WANTED, HOOK)
    store.close()
    config = write_config(tmp_path, secret_key=b64encode(NEW).decode())
    assert "stored secrets: 1 are kept" in chartroom(config, "doctor").stdout


def test_M7_the_command_line_names_the_trouble_and_the_way_out(tmp_path: Path) -> None:
    closed(tmp_path / "data", OLD)
    config = write_config(tmp_path, secret_key=b64encode(NEW).decode())
    refused = chartroom(config, "doctor")
    assert refused.returncode == 3
    assert "problem  stored secrets: 1 stored secrets cannot be opened" in refused.stdout
    both = write_config(tmp_path, secret_key=f"{b64encode(NEW).decode()} {b64encode(OLD).decode()}")
    told = chartroom(both, "doctor").stdout
    assert (
        "stored secrets: 1 are kept, all of them sealed with the first key; the other key is no longer needed" in told
    )
    lost = write_config(tmp_path, secret_key=b64encode(OLD).decode())
    assert chartroom(lost, "source", "list").returncode == 1
    assert "Forgot the secrets of shop" in chartroom(lost, "source", "forget-secrets").stdout
    assert chartroom(lost, "source", "list").returncode == 0
