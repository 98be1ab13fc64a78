"""Accounts and tokens on the server's own command line, and the key of the first administrator at the start."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.command import chartroom, command_line, environment, write_config


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, sign_in=["local"])


def said(config: Path, *words: str, code: int = 0) -> str:
    done = chartroom(config, *words)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_an_account_is_added_listed_disabled_and_enabled(config: Path) -> None:
    assert re.search(r"\n +[\w-]{43}\n", said(config, "user", "add", "ada", "--role", "admin", "--group", "staff"))
    listed = json.loads(said(config, "user", "list", "--json"))
    assert [(one["name"], one["kind"], one["groups"]) for one in listed["items"]] == [("ada", "local", ["staff"])]
    said(config, "user", "disable", "ada")
    assert "disabled" in said(config, "user", "list")
    said(config, "user", "enable", "ada")
    assert re.search(r"[\w-]{43}", said(config, "user", "password", "ada"))
    assert "already another account" in said(config, "user", "add", "ada", code=1)
    assert "There is no account" in said(config, "user", "disable", "bob", code=1)


def test_a_token_of_a_service_account_is_made_listed_and_revoked(config: Path) -> None:
    said(config, "user", "add", "ci", "--service", "--role", "viewer")
    token = said(config, "token", "create", "ci", "--name", "pipeline", "--days", "30").strip()
    assert re.fullmatch(r"chartroom_[\w-]{43}", token)
    listed = json.loads(said(config, "token", "list", "ci", "--json"))["items"]
    assert [(one["name"], one["scopes"]) for one in listed] == [("pipeline", ["read"])]
    assert token not in str(listed)
    said(config, "token", "revoke", "ci", listed[0]["id"])
    assert json.loads(said(config, "token", "list", "ci", "--json"))["items"] == []
    said(config, "user", "add", "bob")
    assert "of a person" in said(config, "token", "create", "bob", "--name", "x", code=1)


def test_the_start_tells_how_the_first_administrator_is_made_and_only_then(config: Path) -> None:
    assert re.search(r"/sign-in/first within an hour and type this one-time key:\n +[\w-]{43}\n", start(config))
    said(config, "user", "add", "ada", "--role", "admin")
    assert "one-time key" not in start(config)


def test_with_a_sign_in_it_listens_where_others_can_reach_it(tmp_path: Path) -> None:
    assert "/sign-in/first" in start(write_config(tmp_path, sign_in=["local"], listen="0.0.0.0:0"))


def start(config: Path) -> str:
    """What ``web`` says on stderr until it is ready; its pages ask who one is."""
    command = command_line(config, "web")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().partition(" at ")[2].strip().replace("0.0.0.0", "127.0.0.1")
        try:
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{url}/api/v1/sources", timeout=10)
            caught.value.close()
            assert caught.value.code == 401
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=60)
        return errors
