"""Pages have no barrier that axe-core calls serious or critical, in light and in dark."""

import pytest

from tests.browser.accessibility import axe
from tests.browser.conftest import Visit
from tests.browser.room import Room
from tests.browser.visitor import NARROW, WIDE

pytestmark = pytest.mark.browser

CHART = "/charts/sample/status-page"
PAGES = (
    "/",
    "/?q=web&source=sample&keyword=web&kube=1.30&deprecated=false",
    "/?q=postgers",
    "/?q=zzqqxx&source=sample",
    "/search-help",
    "/searches",
    CHART,
    f"{CHART}?tab=values",
    "/charts/sample/postgres-lite?tab=schema",
    f"{CHART}?tab=templates",
    f"{CHART}?tab=versions",
    f"{CHART}?tab=images",
    f"{CHART}?tab=compare",
    "/charts/sample/sleep-schedule?tab=crds",
    "/charts/sample/notes-api?tab=dependencies",
    "/charts/sample/postgres-lite/1.2.1/install",
    "/charts/sample/postgres-lite/1.2.1/install?view=yaml",
    "/charts/sample/postgres-lite/1.2.1/install?view=compare",
    "/charts/sample/postgres-lite/presets",
    "/installs",
    "/apps",
    "/activity",
    "/admin/catalog",
    "/clusters",
    "/sources",
    "/sources/sample",
    "/sources/new",
)


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")], ids=str)
def test_no_page_has_a_serious_barrier(visit: Visit, room: Room, width: int, scheme: str) -> None:
    visitor = visit(width=width, scheme=scheme)
    found: dict[str, list[str]] = {}
    for path in PAGES:
        found[path] = axe(visitor.open(path))
    assert not any(found.values()), "\n".join(f"{path}: {line}" for path, lines in found.items() for line in lines)


def test_an_open_list_of_suggestions_has_none_either(visit: Visit, room: Room) -> None:
    page = visit().open("/")
    page.get_by_role("combobox", name="Search charts").press_sequentially("post")
    page.get_by_role("option").first.wait_for()
    assert axe(page) == []
