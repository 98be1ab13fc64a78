"""Presets: beginning with one, keeping one, the list with how each fits, and the same by the API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.install_room import CHART, Room, install_room, text_of

LIST = "/charts/local/demo/presets"
API = "/api/v1/presets/local/demo"
KEEP = {"preset_name": "small", "preset_note": "for  tests"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with install_room(tmp_path) as opened:
        yield opened


def test_values_are_kept_under_a_name_and_used_again(room: Room) -> None:
    page = room.fill(room.open(), "save-preset", {**KEEP, "v.replicas": "2"})
    assert "Kept as the preset small #1." in page.text
    page = room.fill(page, "save-preset", {**KEEP, "v.replicas": "3"})
    assert "Kept as the preset small #2." in page.text
    fresh = room.fill(room.open(), "preset", {"preset": "small"})
    assert text_of(fresh) == "replicas: 3\n"
    assert text_of(room.open("preset=small%401")) == "replicas: 2\n"


def test_a_preset_takes_the_place_of_what_was_typed_and_that_can_be_undone(room: Room) -> None:
    page = room.fill(room.open(), "preset", {"preset": "file:values-production.yaml", "v.replicas": "7"})
    assert text_of(page) == CHART["values-production.yaml"]
    assert "Your values are those of file:values-production.yaml now." in page.text
    assert text_of(room.press(page, "undo")) == "replicas: 7\n"


def test_G6_a_preset_holds_no_secret_and_says_so(room: Room) -> None:
    typed = {**KEEP, "v.replicas": "2", "secret.auth.password": "c4nary-pass"}
    page = room.fill(room.open(), "save-preset", typed)
    assert "Its secrets are not part of it." in page.text
    kept = room.browser.running.services.store.presets.get("local", "demo", "small")
    assert kept.values_yaml == "replicas: 2\n"
    room.browser.running.send(
        "POST", API, {"name": "other", "values_yaml": "auth:\n  username: bob\n  password: c4nary-pass\n"}, 201
    )
    kept = room.browser.running.services.store.presets.get("local", "demo", "other")
    assert (kept.values_yaml, kept.secret_paths) == ("auth:\n  username: bob\n", ("auth.password",))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"preset_name": "Not A Name", "v.replicas": "2"}, "at most 63 lower-case letters"),
        ({"preset_name": "", "v.replicas": "2"}, "at most 63 lower-case letters"),
        ({"preset_name": "empty"}, "There is nothing to keep"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(room: Room, changes: dict[str, str], told: str) -> None:
    page = room.fill(room.open(), "save-preset", changes, 400)
    assert told in page.text
    assert page.all("input", name="preset_name")[0]["aria-invalid"] == "true"


def test_the_list_tells_how_each_goes_with_the_version(room: Room) -> None:
    store = room.browser.running
    for name, values in (
        ("fits", "replicas: 2\n"),
        ("gone", "replicas: 2\nimages: {pull: x}\nimage: {registry: y}\n"),
        ("refused", "replicas: 20\n"),
    ):
        store.send("POST", API, {"name": name, "values_yaml": values}, 201)
    page = room.browser.get(LIST)
    assert "fits 1.0.0" in page.text
    assert "2 keys are gone" in page.text
    assert "images.pull" in page.text or "images" in page.text
    assert "the schema refuses it" in page.text
    assert "values-production.yaml" in page.text
    shown = room.browser.get(f"{LIST}?preset=fits")
    assert "replicas: 2" in shown.text


def test_a_preset_is_deleted_from_the_list(room: Room) -> None:
    room.fill(room.open(), "save-preset", {**KEEP, "v.replicas": "2"})
    page = room.browser.followed(room.browser.get(LIST).form("/small/delete"), LIST)
    assert "The preset was deleted." in page.text
    assert "/small/delete" not in page.html


def test_a_chart_without_presets_says_how_to_keep_one(tmp_path: Path) -> None:
    with install_room(tmp_path, {"values.yaml": "a: 1\n"}) as room:
        assert "No preset is kept for this chart" in room.browser.get(LIST).text


def test_a_preset_that_is_gone_is_a_page_that_says_so(room: Room) -> None:
    assert room.browser.running.ask("GET", "/charts/local/demo/1.0.0/install?preset=none").status_code == 404
    answer = room.browser.running.ask("GET", "/charts/local/demo/1.0.0/install?preset=file:../../etc/passwd")
    assert answer.status_code == 404


# -- API


def test_the_api_keeps_lists_and_deletes(room: Room) -> None:
    running = room.browser.running
    first = running.send("POST", API, {"name": "small", "note": "n", "values_yaml": "replicas: 2\n"}, 201)
    assert (first["number"], first["note"], first["person"]) == (1, "n", "local")
    running.send("POST", API, {"name": "small", "values_yaml": "replicas: 3\n"}, 201)
    listed = running.get(API)
    assert [(one["name"], one["number"], one["fit"]["state"]) for one in listed["items"]] == [("small", 2, "fits")]
    assert [one["number"] for one in running.get(f"{API}/small")["items"]] == [2, 1]
    running.send("DELETE", f"{API}/small", status=204)
    running.get(f"{API}/small", 404)
    running.send("DELETE", f"{API}/small", status=404)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "UPPER", "values_yaml": "a: 1\n"},
        {"name": "x", "values_yaml": "a: [\n"},
        {"name": "x", "values_yaml": "- a\n"},
        {"name": "x", "values_yaml": "a: 1\n", "person": "root"},
        {"name": "x", "values_yaml": "a: 1\n", "number": 7},
        {"name": "x"},
        {"name": 3, "values_yaml": "a: 1\n"},
    ],
)
def test_I1_I3_the_api_refuses_what_is_no_preset(room: Room, body: dict[str, object]) -> None:
    answer = room.browser.running.ask("POST", API, data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert room.browser.running.get(API)["total"] == 0


def test_I4_a_form_larger_than_any_that_is_meant_is_refused_unread(room: Room) -> None:
    form = room.open().form("/install")
    assert room.browser.send(form, "/", **{"v.replicas": "9" * 50 * 1024 * 1024}).status_code == 413
    many = {f"v.x{number}": "1" for number in range(1_001)}
    assert room.browser.send(form, "/", **many).status_code in (200, 413)
