"""The audit and the list of parts, by the real programs."""

import json
import subprocess
import sys
from pathlib import Path

from tests.command import environment

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:1"
OFFLINE = {f"{name}_PROXY": NOWHERE for name in ("HTTP", "HTTPS", "ALL")} | {"npm_config_fetch_retries": "0"}


def supply(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.supply", *words]
    env = environment() | OFFLINE | {name.lower(): value for name, value in OFFLINE.items()}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_without_a_network_the_audit_says_that_it_found_nothing_out() -> None:
    done = supply("audit")
    assert done.returncode == 3, done.stdout
    assert done.stdout.count("could not look anything up") == 2


def test_the_list_of_parts_is_the_lock_file_and_the_same_each_time(tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        assert supply("sbom", str(file)).returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    told = json.loads(files[0].read_bytes())
    lock = (ROOT / "requirements" / "run.lock").read_text()
    pinned = {line.partition(" ")[0] for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))}
    assert {f"{one['name']}=={one['version']}" for one in told["components"]} == pinned
    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["name"] == "chartroom"
    assert str(ROOT) not in files[0].read_text()
