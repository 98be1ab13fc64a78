"""Values as strange as anybody writes them: stored and sent byte for byte, and never in the way of the page."""

from pathlib import Path

import pytest

from tests.pages import Browser
from tests.unit.chart_archives import chart, saved
from tests.web import web

STRANGE = {
    "anchors": "base: &base {a: 1}\nb:\n  <<: *base\n",
    "a tag": "a: !!python/object:os.system x\nb: !local 1\n",
    "duplicates": "a: 1\na: 2\n",
    "tabs": "a:\n\tb: 1\n",
    "crlf": "# eins\r\na: 1\r\n\r\n",
    "no end": "a: [1, {b: ",
    "an alias bomb": "a: &a [x,x]\n" + "".join(f"{one}: &{one} [*{two},*{two}]\n" for one, two in ("ba", "cb", "dc")),
    "itself": "a: &a [*a]\n",
    "deep": "[" * 60_000,
    "two documents": "a: 1\n---\nb: 2\n",
    "5 MB": "key: value # of it\n" * 270_000,
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_G4_values_are_stored_and_sent_byte_for_byte_and_every_tab_is_shown(tmp_path: Path, text: str) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    saved(shelf, chart(("values.yaml", text.encode()), ("templates/pod.yaml", b"image: a/b:1\n")))
    with web(tmp_path / "room", [{"name": "local", "url": str(shelf), "kind": "directory"}]) as running:
        running.sync("local")
        sent = running.client.get("/charts/local/demo/1.2.3/values.yaml").get_data()
        assert sent == text.encode()
        assert running.ask("GET", "/api/v1/charts/local/demo/versions/1.2.3").get_json()["values"] == text
        browser = Browser(running)
        browser.get("/charts/local/demo?tab=values")
        assert "a/b" in browser.get("/charts/local/demo?tab=images").text
