"""``chartroom source test``: the ladder on a terminal, as JSON, and as an exit code."""

import json
from pathlib import Path

import pytest

from tests.certificates import HERE, signed
from tests.command import chartroom, write_config
from tests.repository import repository
from tests.tls_servers import secured, server_context
from tests.upstream import Site


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Path:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    return write_config(tmp_path / "room", [{"name": "shop", "url": site.url}])


@pytest.mark.parametrize("by_name", [True, False])
def test_a_good_source_by_name_or_address_ends_with_0(config: Path, site: Site, by_name: bool) -> None:
    done = chartroom(config, "source", "test", "shop" if by_name else site.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ ok      charts" in done.stdout
    assert "Charts: 1, versions: 2." in done.stdout


def test_a_failing_one_ends_with_3_and_says_what_to_do(config: Path, site: Site) -> None:
    server = signed("charts", names=HERE, is_authority=True, ends=1000)
    with secured(site, server_context(server)) as tls:
        done = chartroom(config, "source", "test", tls.url)
        (config.parent / "ca.pem").write_text(server.pem)
        believed = chartroom(config, "source", "test", tls.url, "--ca-file", str(config.parent / "ca.pem"))
    assert done.returncode == 3
    assert "✗ fail    tls" in done.stdout
    assert "– skipped http" in done.stdout
    assert server.pem.strip() in done.stdout
    assert believed.returncode == 0


def test_the_json_is_what_the_api_answers(config: Path) -> None:
    done = chartroom(config, "source", "test", "http://127.0.0.1:9/", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 3
    assert [one["state"] for one in answer["rungs"]][:2] == ["warn", "fail"]


def test_an_unknown_name_is_a_problem_and_no_ladder(config: Path) -> None:
    done = chartroom(config, "source", "test", "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no source named “nothing”" in done.stderr


def test_a_folder_is_tested_as_well(config: Path, tmp_path: Path) -> None:
    done = chartroom(config, "source", "test", str(tmp_path))
    assert done.returncode == 0
    assert "There is no chart in the folder." in done.stdout
