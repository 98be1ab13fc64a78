"""Charts in a folder of their own, for tests that say what stands in each file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.unit.chart_archives import packed, tar
from tests.web import Web, web

Files = Mapping[str, str | bytes]


def packed_chart(files: Files, name: str = "demo", version: str = "1.0.0") -> bytes:
    """An archive of ``files``, with a Chart.yaml where they bring none."""
    chart = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n"}
    whole = {**chart, **files}
    return packed(
        tar([(f"{name}/{path}", text.encode() if isinstance(text, str) else text) for path, text in whole.items()])
    )


@contextmanager
def folder_of(tmp_path: Path, files: Files, others: Mapping[str, Files] | None = None, **options: Any) -> Iterator[Web]:
    """A Chartroom over a folder with the chart ``demo`` 1.0.0, and the first versions of ``others``."""
    folder = tmp_path / "charts"
    folder.mkdir()
    (folder / "demo-1.0.0.tgz").write_bytes(packed_chart(files))
    for name, theirs in (others or {}).items():
        (folder / f"{name}-1.0.0.tgz").write_bytes(packed_chart(theirs, name))
    with web(tmp_path / "room", [{"name": "local", "url": str(folder), "kind": "directory"}], **options) as opened:
        opened.sync("local")
        yield opened
