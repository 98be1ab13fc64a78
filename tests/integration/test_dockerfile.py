"""The Dockerfile, as far as it goes without an engine: its build steps run here, and what they install serves."""

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.command import environment, write_config

ROOT = Path(__file__).parents[2]
PLACES = ("/opt/", "/wheels", "/sample-repo")
READY = re.compile(r"Chartroom is ready at (\S+)")


def build_steps(folder: Path) -> list[str]:
    """The RUN lines of the first stage, with the places that they write to moved below ``folder``."""
    stage = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1]
    steps = re.findall(r"(?m)^RUN ((?:.*\\\n)*.*)", stage)
    moved = re.compile(rf"(?<![\w/.-])({'|'.join(map(re.escape, PLACES))})")
    return [moved.sub(lambda found: f"{folder}{found[1]}", one) for one in steps]


@pytest.mark.parts
def test_the_image_s_build_steps_make_a_chartroom_that_serves(tmp_path: Path) -> None:
    source = tmp_path / "src"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    path = {"PATH": f"{Path(sys.executable).parent}:{environment()['PATH']}"}
    for step in build_steps(tmp_path):
        subprocess.run(step, shell=True, cwd=source, check=True, env=environment() | path, stdout=subprocess.DEVNULL)
    config = write_config(tmp_path / "etc", [{"name": "sample", "url": str(tmp_path / "sample-repo")}])
    words = [str(tmp_path / "opt/chartroom/bin/chartroom"), "--config", str(config), "serve"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        ready = READY.match(child.stdout.readline())
        assert ready
        asked = urllib.request.Request(ready[1], headers={"Accept-Language": "zh-CN"})
        with urllib.request.urlopen(asked) as page:
            text = page.read().decode()
        child.terminate()
        assert child.wait(20) == 0
    assert re.search(r'<script src="[^"]*app\.js', text)
    assert 'lang="zh' in text


def test_the_image_runs_as_nobody_in_particular_and_names_its_bases_as_arguments() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"(?m)^USER \d+$", text)
    assert set(re.findall(r"(?m)^FROM (\S+)", text)) == {"${BASE}", "${GO}"}


def test_nothing_that_builds_or_installs_comes_into_the_image() -> None:
    stage = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert not re.search(r"\b(pip|npm|apt|apk|gcc|git|curl|wget)\b", "\n".join(re.findall(r"(?m)^RUN .*", stage)))
    assert "/opt/build" not in stage
    assert "pip uninstall --yes pip" in (ROOT / "Dockerfile").read_text()


def test_only_the_data_folder_is_written_in_the_image() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"(?m)^VOLUME (\S+)", text) == ["/data"]
    assert "CHARTROOM_DATA_DIR=/data" in text
    assert "PYTHONDONTWRITEBYTECODE=1" in text
