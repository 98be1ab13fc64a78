"""The command line that asks a server: the same answers as at the store, with the rights of a token."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from tests.command import environment
from tests.kube_api import KubeApi
from tests.people import token_of
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

INSTALL = ("install", "shop/redis", "--version", "1.0.0", "--name", "cache", "-n", "apps", "--set", "replicas=3")


@dataclass(frozen=True)
class Far:
    """A server with sign-in, and the command line of somebody elsewhere."""

    web: Web
    kube: KubeApi
    url: str
    folder: Path

    def token(self, name: str, scope: str = "admin", role: str = "admin") -> str:
        """A token of a person with this role."""
        return token_of(self.web, name, scope, role=role)["Authorization"].removeprefix("Bearer ")

    def run(self, *words: str, token: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """``chartroom WORDS`` in an empty folder, with nothing but the server and the token."""
        asked = {"CHARTROOM_SERVER": self.url, **({"CHARTROOM_TOKEN": token} if token else {}), **variables}
        return subprocess.run(
            [sys.executable, "-m", "catalog_web", *words],
            capture_output=True,
            text=True,
            env={**environment(), "PYTHONPATH": str(Path.cwd()), **asked},
            cwd=self.folder,
            timeout=120,
            check=False,
        )


@contextmanager
def serving(running: Web) -> Iterator[str]:
    """The application on a port of loopback."""
    server = make_server("127.0.0.1", 0, running.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def far(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Far]:
    repository({"redis": ("2.0.0", "1.0.0"), "nginx": ("1.0.0",)}).serve(site)
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    sources = [{"name": "shop", "url": site.url}]
    with web(tmp_path / "room", sources, clusters=[cluster], sign_in=["local"]) as running, serving(running) as url:
        running.sync()
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        yield Far(running, kube, url, folder)


def test_a_server_is_searched_and_a_chart_is_shown(far: Far) -> None:
    token = far.token("ann", "read", role="viewer")
    found = far.run("search", "redis", "--json", token=token)
    assert found.returncode == 0, found.stderr
    assert [one["name"] for one in json.loads(found.stdout)["items"]] == ["redis"]
    assert "shop/redis" in far.run("search", "redis", token=token).stdout
    shown = far.run("show", "shop/redis", token=token)
    assert "2.0.0, 1.0.0" in shown.stdout
    assert far.run("show", "shop/redis", "1.0.0", "--values", token=token).stdout.startswith("# how many")
    missing = far.run("show", "shop/none", token=token)
    assert missing.returncode == 1 and "has no chart named" in missing.stderr


def test_an_app_goes_its_whole_way(far: Far) -> None:
    token = far.token("ann")
    drafted = far.run(*INSTALL, "--dry-run", token=token)
    assert drafted.returncode == 0 and "replicas: 3" in drafted.stdout and far.kube.objects == {}
    helm = far.run(*INSTALL, "--as", "helm", token=token)
    assert helm.returncode == 0 and "helm upgrade --install cache" in helm.stdout, helm.stderr
    made = far.run(*INSTALL, token=token)
    assert made.returncode == 0 and made.stdout.startswith("home/apps/cache:"), made.stderr
    far.kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})
    listed = far.run("apps", "--json", token=token)
    assert listed.returncode == 0, listed.stderr
    assert [one["name"] for one in json.loads(listed.stdout)["items"]] == ["cache"]
    raised = far.run("upgrade", "cache", "-n", "apps", "--set", "replicas=5", token=token)
    assert raised.returncode == 0, raised.stderr
    assert far.kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 5}
    history = far.run("history", "cache", "-n", "apps", token=token)
    assert "upgrade" in history.stdout and "ann" in history.stdout
    assert far.run("rollback", "cache", "1", "-n", "apps", token=token).returncode == 0
    assert far.kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"
    gone = far.run("uninstall", "cache", "-n", "apps", token=token)
    assert gone.returncode == 0, gone.stderr


def test_sources_are_listed_added_tested_synced_and_removed(far: Far, site: Site) -> None:
    token = far.token("ann")
    assert "shop" in far.run("source", "list", token=token).stdout
    tested = far.run("source", "test", "shop", "--json", token=token)
    assert tested.returncode == 0 and json.loads(tested.stdout)["rungs"], tested.stderr
    refused = far.run("source", "add", "other", site.url, token=token)
    assert refused.returncode in (1, 2) and "Error:" in refused.stderr  # loopback is for the server's own file
    added = far.run("source", "add", "other", "https://charts.example.org/x", "--disable", token=token)
    assert added.returncode == 0 and "Added other" in added.stdout, added.stderr
    assert far.run("source", "remove", "other", "--yes", token=token).returncode == 0
    assert "other" not in far.run("source", "list", token=token).stdout
    assert far.run("sync", "none", token=token).returncode == 2
    assert far.run("sync", "--full", token=token).returncode == 2


def test_what_the_person_may_not_is_refused_with_what_to_do(far: Far) -> None:
    token = far.token("vic", "read", role="viewer")
    refused = far.run(*INSTALL, token=token)
    assert refused.returncode == 1
    assert "Error:" in refused.stderr and "administrator" in refused.stderr
    told = json.loads(far.run("source", "add", "x", "https://charts.example.org", "--json", token=token).stdout)
    assert (told["status"], told["id"]) == (403, "forbidden")


def test_K1_a_token_that_is_none_is_refused_and_never_told(far: Far) -> None:
    canary = "chartroom_canary-of-a-token-0123456789abcdef"
    for words in (("search", "redis"), ("apps",), ("source", "list", "--json")):
        refused = far.run(*words, token=canary)
        assert refused.returncode == 1
        assert canary not in refused.stdout + refused.stderr


def test_the_token_may_stand_in_a_file(far: Far) -> None:
    file = far.folder / "token"
    file.write_text(far.token("ann", "read", role="viewer") + "\n")
    assert far.run("search", "redis", token=" ", CHARTROOM_TOKEN_FILE=str(file)).returncode == 0
    missing = far.run("search", "redis", token=" ", CHARTROOM_TOKEN_FILE=str(far.folder / "none"))
    assert missing.returncode == 2 and "CHARTROOM_TOKEN_FILE" in missing.stderr


def test_a_token_is_sent_over_https_alone_but_to_this_machine(far: Far) -> None:
    refused = far.run("search", "redis", token="secret-canary", CHARTROOM_SERVER="http://charts.example.org")
    assert refused.returncode == 2 and "https" in refused.stderr and "secret-canary" not in refused.stderr


@pytest.mark.parametrize("words", [("doctor",), ("reindex",), ("source", "hook", "shop"), ("source", "edit", "shop")])
def test_what_cannot_be_done_from_afar_says_so(far: Far, words: tuple[str, ...]) -> None:
    refused = far.run(*words, token="x")
    assert refused.returncode == 2 and "cannot be done through CHARTROOM_SERVER" in refused.stderr, refused.stderr


def test_what_is_no_chartroom_is_told(far: Far, site: Site) -> None:
    told = far.run("search", "redis", token="x", CHARTROOM_SERVER=site.url.rstrip("/"))
    assert told.returncode == 1 and "is no Chartroom" in told.stderr, told.stderr


def test_a_server_without_tls_is_told_as_that(far: Far) -> None:
    told = far.run("search", "redis", token="x", CHARTROOM_SERVER=far.url.replace("http:", "https:"))
    assert told.returncode == 1
    assert "answers without TLS" in told.stderr and "Is it http://?" in told.stderr and "firewall" not in told.stderr


def test_a_wanted_approval_is_told_with_its_request(far: Far) -> None:
    sources = far.web.services.store.sources
    sources.configure([replace(sources.get("shop").source, approval=True)], datetime.now(UTC))
    asked = far.run(*INSTALL, token=far.token("dev", "install", role="developer"))
    assert asked.returncode == 0, asked.stderr
    [request] = far.web.services.store.approvals.of("dev", 9)
    assert "decides about it first" in asked.stdout
    assert f"Your request {request.id} waits. Follow it at /apps/requests/{request.id}" in asked.stderr
    assert far.kube.objects == {}


def test_who_waits_for_an_install_that_waits_for_an_approval_is_not_told_that_it_is_there(far: Far) -> None:
    sources = far.web.services.store.sources
    sources.configure([replace(sources.get("shop").source, approval=True)], datetime.now(UTC))
    token = far.token("dev", "install", role="developer")
    asked = far.run(*INSTALL, "--wait", token=token)
    assert asked.returncode == 6 and "waits. Follow it at" in asked.stderr
    asked = far.run(*INSTALL, "--wait", "--json", token=token)
    assert asked.returncode == 6 and json.loads(asked.stdout)["state"] == "waiting"
    far.run(*INSTALL, token=far.token("ann"))
    far.kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})
    raised = far.run("upgrade", "cache", "-n", "apps", "--version", "2.0.0", "--wait", token=token)
    assert raised.returncode == 6, raised.stderr
