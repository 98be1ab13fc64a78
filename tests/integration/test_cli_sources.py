"""Sources on the command line: added, edited, imported, and no secret ever among the words of a command."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import pair
from tests.command import chartroom, command_line, environment, write_config
from tests.repository import repository
from tests.upstream import Site

CANARY = "canary-3e81"
URL = "https://charts.example.org/stable"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path / "room")


def run(config: Path, *words: str, code: int = 0) -> Any:
    done = chartroom(config, "source", *words, "--json")
    assert done.returncode == code, done.stderr
    assert CANARY not in done.stdout + done.stderr
    return json.loads(done.stdout)


def with_input(config: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    line = command_line(config, "source", *words)
    return subprocess.run(line, input=text, capture_output=True, text=True, env=environment(), check=False, timeout=60)


def repositories(folder: Path, *entries: Mapping[str, Any]) -> str:
    file = folder / "repositories.yaml"
    file.write_text(json.dumps({"apiVersion": "", "repositories": entries}))
    return str(file)


def test_every_setting_is_given_on_the_command_line_and_edited_one_by_one(config: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(CANARY)
    (tmp_path / "ca.pem").write_text(pair().certificate)
    words = ["--kind", "harbor", "--title", "Shop", "--username", "robot$ci", "--interval", "2h", "--timeout", "90s"]
    words += ["--password-file", str(tmp_path / "password"), "--ca-file", str(tmp_path / "ca.pem")]
    words += ["--include", "nginx-*", "--include", "redis", "--exclude", "old-*", "--versions", ">=1 <3"]
    words += ["--projects", "team-*", "--no-prereleases", "--content", "none", "--proxy", "direct"]
    words += ["--credential-origin", "https://cdn.example.org", "--description", "All charts"]
    made = run(config, "add", "shop", "https://harbor.example.org", *words)
    assert (made["kind"], made["title"], made["interval"], made["is_private"]) == ("harbor", "Shop", 7200, True)
    settings = made["settings"]
    assert (settings["include"], settings["exclude"]) == (["nginx-*", "redis"], ["old-*"])
    assert (settings["versions"], settings["prereleases"], settings["projects"]) == (">=1 <3", False, ["team-*"])
    assert (settings["timeout"], settings["proxy"], settings["content"]) == (90, "direct", "none")
    edited = run(config, "edit", "shop", "--include", "", "--prereleases", "--disable")
    assert (edited["settings"]["include"], edited["settings"]["prereleases"], edited["enabled"]) == ([], True, False)
    unchanged = ("exclude", "versions", "projects", "proxy", "credential_origins")
    assert {one: edited["settings"][one] for one in unchanged} == {one: settings[one] for one in unchanged}
    assert chartroom(config, "source", "edit", "absent", "--title", "x").returncode == 1


def test_a_password_comes_on_standard_input_and_is_kept_encrypted(config: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    site.protect("reader", CANARY)
    done = with_input(config, f"{CANARY}\n", "add", "shop", site.url, "--username", "reader", "--password-stdin")
    assert (done.returncode, CANARY in done.stdout + done.stderr) == (0, False)
    assert chartroom(config, "sync", "shop").returncode == 0
    data = config.parent / "data"
    assert not any(CANARY.encode() in file.read_bytes() for file in data.rglob("*") if file.is_file())
    none = with_input(config, "", "add", "two", site.url, "--username", "reader", "--password-stdin")
    assert (none.returncode, "no password on standard input" in none.stderr) == (2, True)


def test_sources_of_every_kind_are_listed(config: Path, tmp_path: Path) -> None:
    for name, url, *words in (
        ("one", URL),
        ("two", "oci://registry.example.org/charts"),
        ("three", "https://harbor.example.org", "--kind", "harbor"),
        ("four", str(tmp_path)),
    ):
        run(config, "add", name, url, *words)
    lines = chartroom(config, "source", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["NAME", "KIND", "STATE"]
    kinds = {line.split()[0]: line.split()[1] for line in lines[1:]}
    assert kinds == {"one": "index", "two": "oci", "three": "harbor", "four": "directory"}


def test_what_cannot_work_is_told_at_once(config: Path, tmp_path: Path) -> None:
    (tmp_path / "junk.pem").write_text(CANARY)
    done = chartroom(config, "source", "add", "shop", URL, "--ca-file", str(tmp_path / "junk.pem"), "--versions", "x y")
    assert (done.returncode, CANARY in done.stderr) == (2, False)
    assert "versions: " in done.stderr
    done = chartroom(config, "source", "add", "shop", URL, "--ca-file", str(tmp_path / "junk.pem"))
    assert "ca_file: there is no certificate in it" in done.stderr


# -- helm's own list


def test_helms_own_list_of_repositories_is_taken_over_with_its_credentials(config: Path, tmp_path: Path) -> None:
    for name, text in (("ca", pair().certificate), ("cert", pair().certificate), ("key", pair().key)):
        (tmp_path / name).write_text(text)
    tls = {f"{name}File": str(tmp_path / name) for name in ("ca", "cert", "key")}
    file = repositories(
        tmp_path,
        {"name": "Stable_Charts", "url": URL, "caFile": "", "username": "", "insecure_skip_tls_verify": False},
        {"name": "private", "url": "https://inner.example.org", "username": "u", "password": CANARY},
        {"name": "typed", "url": f"https://u:{CANARY}@typed.example.org"},
        {"name": "mutual", "url": "https://mutual.example.org", **tls},
        {"name": "loose", "url": "https://loose.example.org", "insecure_skip_tls_verify": True},
    )
    told = run(config, "import", file)
    assert [(one["name"], one["state"]) for one in told] == [
        ("stable-charts", "added"), ("private", "added"), ("typed", "added"), ("mutual", "added"), ("loose", "added"),
    ]  # fmt: skip
    found = {one["name"]: one for one in run(config, "list")["items"]}
    assert [name for name, one in found.items() if one["is_private"]] == ["mutual", "private", "typed"]
    assert (found["private"]["secrets"], found["typed"]["url"]) == (["password"], "https://typed.example.org")
    assert found["loose"]["settings"]["insecure_skip_verify"] is True
    assert {one["state"] for one in run(config, "import", file)} == {"present"}


def test_what_cannot_be_taken_over_is_told_and_not_half_imported(config: Path, tmp_path: Path) -> None:
    (tmp_path / "junk").write_text(CANARY)
    file = repositories(
        tmp_path,
        {"name": "bad", "url": "ftp://example.org"},
        {"name": "nowhere"},
        {"name": "half", "url": URL, "username": "u"},
        {"name": "junk", "url": URL, "caFile": str(tmp_path / "junk")},
        {"name": "all", "url": URL, "username": "u", "password": CANARY, "pass_credentials_all": True},
        {"name": "newer", "url": URL, "quantum": True},
        {"name": "-", "url": URL},
        {"name": "fine", "url": URL, "pass_credentials_all": True},
    )
    told = {one["name"]: (one["state"], one["reason"]) for one in run(config, "import", file, code=3)}
    assert [name for name, (state, _) in told.items() if state == "added"] == ["fine"]
    for name, reason in (
        ("half", "username and password_file belong together"),
        ("junk", "ca_file: there is no certificate in it"),
        ("all", "pass_credentials_all"),
        ("newer", "quantum"),
    ):
        assert reason in told[name][1]
    assert [one["name"] for one in run(config, "list")["items"]] == ["fine"]


def test_names_that_become_the_same_are_told_apart(config: Path, tmp_path: Path) -> None:
    file = repositories(tmp_path, {"name": "Shop", "url": URL}, {"name": "shop", "url": "https://other.example.org"})
    assert [one["name"] for one in run(config, "import", file)] == ["shop", "shop-2"]
    assert {one["state"] for one in run(config, "import", file)} == {"present"}


def test_a_filter_that_leaves_nothing_says_so(config: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    run(config, "add", "shop", site.url, "--exclude", "*")
    assert chartroom(config, "sync", "shop").returncode == 0
    told = chartroom(config, "doctor").stdout
    assert "problem  source shop: is read well, but its filter leaves no chart" in told
    edited = chartroom(config, "source", "edit", "shop", "--exclude", "")
    assert "Changed shop: 0 charts" in edited.stdout
    chartroom(config, "sync", "shop")
    assert "ok       source shop: 1 chart," in chartroom(config, "doctor").stdout
