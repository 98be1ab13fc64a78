"""An archive of which the process that reads it is killed: it costs itself alone."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.command import chartroom, command_line, environment, write_config
from tests.integration.conftest import open_room
from tests.repository import archive, index
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.waiting import until

CHARTS = {"heavy": ("1.0.0",), "apple": ("1.0.0",), "pear": ("1.0.0",)}


def heavy() -> bytes:
    """An archive whose reading takes a second, so that it can be killed meanwhile."""
    text = b"".join(f"line {number}\n".encode() for number in range(90_000))
    chart = b"apiVersion: v2\nname: heavy\nversion: 1.0.0\n"
    return packed(tar([("heavy/Chart.yaml", chart), *((f"heavy/templates/{one}.yaml", text) for one in range(90))]))


def kill_while_reading(config: Path, digest: str) -> None:
    """What happens where the machine has too little memory for it."""
    folder = config.parent / "data" / "archives" / "reading"
    left = set(folder.glob(f"{digest}.*"))
    words = command_line(config, "sync")
    with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: set(folder.glob(f"{digest}.*")) - left or process.poll() is not None)
        process.kill()


def test_M6_an_archive_that_ends_the_process_twice_is_left_out_and_all_others_are_read(
    tmp_path: Path, site: Site
) -> None:
    archives = {f"{name}-1.0.0.tgz": heavy() if name == "heavy" else archive(name, "1.0.0") for name in CHARTS}
    site.put("/index.yaml", index(CHARTS, archives))
    for name, data in archives.items():
        site.put(f"/{name}", data, content_type="application/gzip")
    config = write_config(tmp_path, [{"name": "shop", "url": site.url}])
    for _ in range(2):
        kill_while_reading(config, sha256(archives["heavy-1.0.0.tgz"]).hexdigest())
    ended = chartroom(config, "sync", "--json")
    assert ended.returncode == 0, ended.stderr
    (told,) = json.loads(ended.stdout)
    assert [(one["chart"], "killed 2 times" in one["cause"]) for one in told["problems"]] == [("heavy", True)]
    room = open_room(tmp_path / "data")
    read = room.store.contents.searchable([("shop", name) for name in CHARTS], 1000)
    assert {name for _, name in read} == {"apple", "pear"}
    assert set(room.found("heavy")) == {"heavy"}
    room.store.close()
