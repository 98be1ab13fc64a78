"""The real helm clients read a source from Chartroom: add, search, pull, and the digest is what the index says."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysequoia import Tsk

from tests.command import chartroom, write_config
from tests.data import bitnami_index
from tests.integration.test_cli_serve import running
from tests.parts.located import located
from tests.parts.servers import free_ports
from tests.repository import repository
from tests.signing import keyring, provenance
from tests.upstream import Site, upstream

pytestmark = pytest.mark.parts

CHARTS = {"redis": ("2.0.0", "1.0.0+build.1", "latest"), "blog": ("0.1.0",)}


@pytest.fixture
def address(tmp_path: Path, site: Site) -> Iterator[str]:
    """Where the Helm repositories are."""
    repository(CHARTS).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}])
    assert chartroom(config, "sync").returncode == 0
    with running(config, "web") as (_, url):
        yield f"{url}/helm/shop"


def helm(part: str, folder: Path, *words: str) -> str:
    answer = tried(part, folder, *words)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def tried(part: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    home = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run(
        [str(located(part)), *words], cwd=folder, env=home, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_adds_searches_and_pulls(part: str, address: str, tmp_path: Path) -> None:
    folder = tmp_path / part
    folder.mkdir()
    helm(part, folder, "repo", "add", "room", address)
    listed = json.loads(helm(part, folder, "search", "repo", "room/", "--versions", "--output", "json"))
    assert sorted((one["name"], one["version"]) for one in listed) == [
        ("room/blog", "0.1.0"),
        ("room/redis", "1.0.0+build.1"),
        ("room/redis", "2.0.0"),
    ]
    wanted = repository(CHARTS).archives
    for version in ("2.0.0", "1.0.0+build.1"):
        helm(part, folder, "pull", "room/redis", "--version", version)
        pulled = (folder / f"redis-{version}.tgz").read_bytes()
        assert hashlib.sha256(pulled).digest() == hashlib.sha256(wanted[f"redis-{version}.tgz"]).digest()
    shown = helm(part, folder, "show", "chart", "room/blog")
    assert "description: What blog does" in shown


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_reads_all_versions_of_a_large_repository(part: str, tmp_path: Path, site: Site) -> None:
    site.put("/index.yaml", bitnami_index())
    config = write_config(tmp_path / "room", [{"name": "bitnami", "url": site.url, "content": "none"}])
    assert chartroom(config, "sync").returncode == 0
    folder = tmp_path / part
    folder.mkdir()
    with running(config, "web") as (_, url):
        helm(part, folder, "repo", "add", "room", f"{url}/helm/bitnami")
        listed = json.loads(helm(part, folder, "search", "repo", "room/", "--versions", "--devel", "--output", "json"))
    assert len(listed) == 35_884


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_adds_and_pulls_while_the_repository_is_down(part: str, tmp_path: Path) -> None:
    with upstream() as site:
        repository(CHARTS).serve(site)
        config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "latest"}])
        assert chartroom(config, "sync").returncode == 0
    folder = tmp_path / part
    folder.mkdir()
    with running(config, "web") as (_, url):
        helm(part, folder, "repo", "add", "room", f"{url}/helm/shop")
        helm(part, folder, "pull", "room/redis", "--version", "2.0.0")
        absent = tried(part, folder, "pull", "room/redis", "--version", "1.0.0+build.1")
    assert (folder / "redis-2.0.0.tgz").read_bytes() == repository(CHARTS).archives["redis-2.0.0.tgz"]
    assert absent.returncode != 0
    assert " 502 " in absent.stderr


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_searches_chartroom_as_a_hub(part: str, tmp_path: Path, site: Site) -> None:
    repository(CHARTS).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}])
    assert chartroom(config, "sync").returncode == 0
    folder = tmp_path / part
    folder.mkdir()
    with running(config, "web") as (_, url):
        listed = json.loads(helm(part, folder, "search", "hub", "redis", "--endpoint", url, "--output", "json"))
        table = helm(part, folder, "search", "hub", "blog", "--endpoint", url, "--list-repo-url")
        nothing = helm(part, folder, "search", "hub", "zzzzzz", "--endpoint", url)
    assert listed == [
        {
            "url": f"{url}/charts/shop/redis",
            "version": "2.0.0",
            "app_version": "",
            "description": "What redis does",
            "repository": {"url": "", "name": "shop"},
        }
    ]
    assert f"{url}/charts/shop/blog" in table
    assert "No results found" in nothing


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_adds_the_repository_that_the_hub_names(part: str, tmp_path: Path, site: Site) -> None:
    repository(CHARTS).serve(site)
    [port] = free_ports(1)
    public = f"http://127.0.0.1:{port}"
    sources = [{"name": "shop", "url": site.url, "content": "none"}]
    config = write_config(tmp_path / "room", sources, public_url=public, listen=f"127.0.0.1:{port}")
    assert chartroom(config, "sync").returncode == 0
    folder = tmp_path / part
    folder.mkdir()
    with running(config, "web") as (_, url):
        [found] = json.loads(helm(part, folder, "search", "hub", "redis", "--endpoint", url, "--output", "json"))
        assert found["url"] == f"{public}/charts/shop/redis"
        helm(part, folder, "repo", "add", "room", found["repository"]["url"])
        helm(part, folder, "pull", "room/redis", "--version", found["version"])
    assert (folder / "redis-2.0.0.tgz").exists()


@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_verifies_a_signature_that_it_pulls_from_here(part: str, tmp_path: Path, site: Site) -> None:
    key, made = Tsk.generate("Alice <alice@example.org>"), repository(CHARTS)
    made.serve(site)
    signed = provenance(key, {"redis-2.0.0.tgz": made.archives["redis-2.0.0.tgz"]})
    site.put("/redis-2.0.0.tgz.prov", signed)
    ring = str(keyring(tmp_path, key.extract_certificate()))
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}])
    assert chartroom(config, "sync").returncode == 0
    folder = tmp_path / part
    folder.mkdir()
    with running(config, "web") as (_, url):
        helm(part, folder, "repo", "add", "room", f"{url}/helm/shop")
        pulled = tried(part, folder, "pull", "room/redis", "--version", "2.0.0", "--verify", "--keyring", ring)
        unsigned = tried(part, folder, "pull", "room/blog", "--verify", "--keyring", ring)
    assert pulled.returncode == 0, pulled.stderr
    assert "Signed by: Alice" in pulled.stdout + pulled.stderr
    assert unsigned.returncode != 0
