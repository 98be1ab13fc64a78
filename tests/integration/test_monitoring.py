"""The alerts and the dashboard ask for what is there, and the guide says what each alert means."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.web import Web, web

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "config" / "alerts" / "chartroom.yaml"
DASHBOARD = ROOT / "config" / "grafana" / "chartroom.json"
GUIDE = ROOT / "docs" / "operator-guide.md"
NAMES = r"\b((?:chartroom|process)_[a-z0-9_]+)"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path) as running:
        running.services.meters.waiting(lambda: 0)
        yield running


def alerts() -> list[Any]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def questions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    return [*asked, *(one["expr"] for one in alerts())]


def told(room: Web) -> set[str]:
    """Every name under which a sample may stand, also of families that are empty now."""
    found: set[str] = set()
    text = ""
    while "chartroom_store_up 1" not in text:  # a store that is slow is not waited for
        text = room.ask("GET", "/metrics").get_data(as_text=True)
    for name, kind in re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text):
        found |= {f"{name}{end}" for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return found


def test_every_metric_that_is_asked_for_is_there(room: Web) -> None:
    asked = {name for question in questions() for name in re.findall(NAMES, question)}
    assert len(asked) > 25
    assert asked <= told(room)


def test_every_metric_that_the_guide_names_is_there(room: Web) -> None:
    section = GUIDE.read_text().partition("## Watching it")[2].partition("\n## ")[0]
    there = told(room) | {name.removesuffix("_count") for name in told(room)}
    assert set(re.findall(NAMES, section)) <= there


def test_every_metric_of_its_own_is_on_the_dashboard_or_in_an_alert_or_in_the_guide(room: Web) -> None:
    shown = " ".join([*questions(), GUIDE.read_text().replace("`…_", "`chartroom_source_")])
    own = {one for one in told(room) if one.startswith("chartroom_")}
    bare = {re.sub(r"_(bucket|sum|count)$", "", one) for one in own}
    assert {one for one in bare if one not in shown} == set()


@pytest.mark.parametrize("alert", alerts(), ids=lambda one: one["alert"])
def test_each_alert_says_what_happens_and_leads_to_what_to_do(alert: Any) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
    assert alert["annotations"]["runbook_url"] == f"docs/operator-guide.md#{alert['alert'].lower()}"
    section = GUIDE.read_text().partition(f"\n### {alert['alert']}\n")[2].partition("\n### ")[0]
    assert "*Do:*" in section


def test_the_guide_tells_of_no_alert_that_is_not_there() -> None:
    section = GUIDE.read_text().partition("\n## Alerts\n")[2]
    assert set(re.findall(r"(?m)^### (\w+)$", section)) == {one["alert"] for one in alerts()}


def test_what_every_process_tells_of_the_store_is_never_added_up() -> None:
    shared = r"sum(?: by \([^)]*\))? ?\((?:rate|increase)?\(?chartroom_(?:source|sources|deliveries|installs|sessions)"
    assert not [question for question in questions() if re.search(shared, question)]


def test_panels_of_the_dashboard_stand_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
