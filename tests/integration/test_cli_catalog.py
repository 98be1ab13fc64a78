"""The command line over sources and charts, as another process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command import chartroom, environment, write_config
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

CHARTS = {"redis": ("2.0.0", "1.9.0"), "blog": ("0.1.0",)}


@pytest.fixture
def config(tmp_path: Path, site: Site) -> Path:
    repository(CHARTS).serve(site)
    return write_config(tmp_path / "room", [{"name": "shop", "url": site.url}])


def run_json(config: Path, *words: str, code: int = 0) -> Any:
    done = chartroom(config, *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_sync_tells_what_it_did_and_the_search_knows_it(config: Path) -> None:
    done = chartroom(config, "sync")
    assert done.returncode == 0
    assert done.stdout.startswith("shop: changed: 3 added")
    assert done.stderr == ""
    found = chartroom(config, "search", "redis")
    assert found.returncode == 0
    assert "shop/redis" in found.stdout
    assert "2.0.0" in found.stdout
    assert "shop/blog" not in found.stdout


def test_a_search_names_the_other_sources_and_what_it_searched_instead(config: Path, site: Site) -> None:
    write_config(config.parent, [{"name": "shop", "url": site.url}, {"name": "twin", "url": f"{site.url}/"}])
    chartroom(config, "sync")
    found = chartroom(config, "search", "rediss")
    assert "ALSO IN" in found.stdout.splitlines()[0]
    assert "shop/redis" in found.stdout
    assert "twin/redis" in found.stdout
    assert "these are for “redis”" in found.stderr
    exactly = chartroom(config, "search", "rediss", "--exact")
    assert exactly.stdout == "No chart has these words.\n"
    assert run_json(config, "search", "rediss")["corrected"] == "redis"


def test_a_sync_says_the_same_as_json(config: Path, site: Site) -> None:
    (first,) = run_json(config, "sync", "shop")
    assert (first["source"], first["outcome"], first["added"]) == ("shop", "changed", 3)
    assert {"updated", "removed", "repushed", "problems", "error", "seconds", "bytes"} <= first.keys()
    (again,) = run_json(config, "sync")
    assert (again["outcome"], again["added"], again["error"]) == ("unchanged", 0, None)
    site.behave("/index.yaml", "status", status=500)
    (broken,) = run_json(config, "sync", code=3)
    assert (broken["outcome"], broken["error"]["id"]) == ("failed", "server-failed")
    assert {"id", "cause", "remedy"} == broken["error"].keys()


def test_one_source_that_fails_does_not_keep_the_others(config: Path, site: Site) -> None:
    write_config(config.parent, [{"name": "dead", "url": f"{site.url}/dead"}, {"name": "shop", "url": site.url}])
    done = chartroom(config, "sync")
    assert done.returncode == 3
    assert "dead: failed" in done.stdout
    assert "shop: changed" in done.stdout
    assert "404" in done.stderr


def test_D13_a_sync_that_holds_removals_is_well_and_says_so(config: Path, site: Site) -> None:
    repository({f"chart-{number}": ("1.0.0",) for number in range(10)}).serve(site)
    chartroom(config, "sync", "--no-archives")
    repository({"chart-0": ("1.0.0",)}).serve(site)
    held = chartroom(config, "sync", "--no-archives")
    assert held.returncode == 0
    assert "shop: held" in held.stdout
    (accepted,) = run_json(config, "sync", "--accept-removals", "--full")
    assert (accepted["outcome"], accepted["removed"]) == ("changed", 9)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("sync", "absent"), 2, "There is no source named “absent”"),
        (("sync", "--colour"), 2, "--colour"),
        (("show", "redis"), 2, "SOURCE/NAME"),
        (("show", "shop/absent"), 1, "no chart named “absent”"),
        (("search", "x" * 300), 2, "300 characters"),
        (("uninstall", "cache", "-n", "apps"), 1, "cluster"),
        (("bake", "cache"), 2, "No such command"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(config: Path, words: tuple[str, ...], code: int, told: str) -> None:
    done = chartroom(config, *words)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_configuration_with_mistakes_names_all_of_them(tmp_path: Path) -> None:
    config = write_config(tmp_path, [{"name": "Upper", "url": "x"}], colour="red")
    done = chartroom(config, "search", "redis")
    assert done.returncode == 2
    assert "colour: there is no such option" in done.stderr
    assert "sources.0.name" in done.stderr


def test_the_configuration_may_be_named_behind_the_verb(config: Path) -> None:
    words = [sys.executable, "-m", "catalog_web", "source", "list", "--config", str(config)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0
    assert "shop" in done.stdout


def test_json_is_what_the_api_answers(config: Path) -> None:
    chartroom(config, "sync")
    told = {
        "/api/v1/charts?q=redis&limit=1": run_json(config, "search", "redis", "--limit", "1"),
        "/api/v1/charts/shop/redis": run_json(config, "show", "shop/redis"),
        "/api/v1/charts/shop/redis/versions/1.9.0": run_json(config, "show", "shop/redis", "1.9.0"),
        "/api/v1/sources": run_json(config, "source", "list"),
    }
    missing = run_json(config, "show", "shop/redis", "7.0.0", code=1)
    with web(config.parent, json.loads(config.read_text())["sources"]) as running:
        for path, said in told.items():
            answered = running.get(path)
            assert {**said, "took_ms": 0} == {**answered, "took_ms": 0}
        assert running.get("/api/v1/charts/shop/redis/versions/7.0.0", 404) == missing


def test_a_chart_and_its_files_are_shown(config: Path) -> None:
    chartroom(config, "sync")
    shown = chartroom(config, "show", "shop/redis")
    assert "What redis does" in shown.stdout
    assert "2.0.0, 1.9.0" in shown.stdout
    values = chartroom(config, "show", "shop/redis", "1.9.0", "--values")
    assert values.stdout == "# how many\nreplicas: 1 # of redis\n"
    assert chartroom(config, "show", "shop/redis", "--readme").stdout.startswith("# redis")
    schema = chartroom(config, "show", "shop/redis", "--schema")
    assert (schema.returncode, schema.stdout) == (1, "")
    assert "has no schema" in schema.stderr


# -- sources


def test_a_source_is_added_listed_and_removed(config: Path, tmp_path: Path, site: Site) -> None:
    (tmp_path / "password").write_text("canary-90ab\n")
    site.protect("reader", "canary-90ab")
    words = ("--username", "reader", "--password-file", str(tmp_path / "password"), "--interval", "2h")
    added = run_json(config, "source", "add", "private", site.url, *words)
    assert (added["name"], added["interval"], added["configured"]) == ("private", 7200, False)
    (synced,) = run_json(config, "sync", "private")
    assert synced["added"] == 3
    listed = chartroom(config, "source", "list")
    assert "canary" not in listed.stdout
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["NAME", "private", "shop"]
    again = chartroom(config, "source", "add", "private", site.url)
    assert (again.returncode, "already a source" in again.stderr) == (1, True)
    assert chartroom(config, "source", "remove", "private").returncode == 0
    assert [one["name"] for one in run_json(config, "source", "list")["items"]] == ["shop"]
    declared = chartroom(config, "source", "remove", "shop")
    assert (declared.returncode, "configuration file" in declared.stderr) == (1, True)


def test_an_operator_may_register_a_folder(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    for name, data in repository({"local": ("1.0.0",)}).archives.items():
        (folder / name).write_bytes(data)
    chartroom(config, "source", "add", "here", str(folder))
    (synced,) = run_json(config, "sync", "here")
    assert synced["added"] == 1


@pytest.mark.parametrize("text", ["", "[]", "repositories: 3", "a: [", "repositories: [1]"])
def test_a_file_that_is_not_helms_is_a_usage_error(config: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "repositories.yaml"
    file.write_text(text)
    done = chartroom(config, "source", "import", str(file))
    assert (done.returncode, done.stdout) == (2, "")


# -- upkeep


def test_deleting_the_search_index_loses_nothing(config: Path) -> None:
    import shutil

    chartroom(config, "sync")
    shutil.rmtree(config.parent / "data" / "search")
    assert "shop/redis" in chartroom(config, "search", "redis").stdout
    assert chartroom(config, "reindex").returncode == 0
    assert "shop/redis" in chartroom(config, "search", "redis").stdout


def test_the_doctor_tells_what_is_well_and_what_is_not(config: Path, site: Site) -> None:
    chartroom(config, "sync")
    well = chartroom(config, "doctor")
    assert well.returncode == 0
    assert [line.split()[0] for line in well.stdout.splitlines()] == ["ok"] * 7
    assert "clusters: none is configured; to install charts, name one with its kubeconfig" in well.stdout
    site.behave("/index.yaml", "status", status=401)
    chartroom(config, "sync")
    ill = run_json(config, "doctor", code=3)
    (problem,) = [one for one in ill if one["state"] == "problem"]
    assert problem["what"] == "source shop"
    assert "401" in problem["cause"]
    assert problem["cause"].startswith("failing for less than a minute (since 20")
    assert ", next try 20" in problem["cause"]
    assert "password" in problem["remedy"]


def test_the_doctor_looks_at_a_broken_configuration_too(tmp_path: Path) -> None:
    config = write_config(tmp_path, colour="red")
    done = chartroom(config, "doctor")
    assert done.returncode == 3
    assert done.stdout.startswith("problem  configuration")


def test_a_sync_loads_no_web_and_help_loads_nothing_heavy(config: Path) -> None:
    script = "import sys; from catalog_web.cli import main; main({words}, standalone_mode=False); print(*sys.modules)"
    for words, absent in (
        (["--config", str(config), "sync"], {"flask", "kubernetes", "waitress"}),
        (["--help"], {"flask", "kubernetes", "sqlalchemy", "whoosh", "requests", "pydantic", "yaml"}),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script.format(words=words)],
            capture_output=True, text=True, env=environment(), check=True,
        )  # fmt: skip
        assert not absent & set(done.stdout.split())


def test_a_name_that_is_no_text_is_refused_in_words(config: Path) -> None:
    done = chartroom(config, "show", os.fsdecode(b"\xff/\xff"))
    assert done.returncode == 2
    assert "names no chart" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_without_its_beginning_is_told_what_it_lacks(tmp_path: Path) -> None:
    done = chartroom(write_config(tmp_path / "room"), "source", "add", "shop", "registry.example.org:5000")
    assert done.returncode == 2
    assert "with https://, http:// or oci://" in done.stderr
