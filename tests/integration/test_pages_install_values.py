"""The values of an install: Form, YAML and Compare over one text, and secrets beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.install_room import CHART, PATH, Room, install_room, text_of

CANARY = "c4nary-pass"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with install_room(tmp_path) as opened:
        yield opened


# -- form


def test_the_form_shows_every_setting_with_its_default_and_its_help(room: Room) -> None:
    page = room.open()
    fields = page.form("/install").fields
    assert fields["v.replicas"] == "1"
    assert fields["v.image.repository"] == "demo"
    assert fields["v.hosts[0].name"] == "a.example"
    assert fields["v.annotations.team"] == "blue"
    assert fields["v.logLevel"] == "info"
    assert "How many pods run." in page.text
    assert text_of(page) == ""


def test_sending_the_form_as_it_was_shown_sets_nothing(room: Room) -> None:
    assert text_of(room.press(room.open(), "view:yaml")) == ""


def test_what_is_filled_in_becomes_yaml_of_its_own_type(room: Room) -> None:
    page = room.fill(room.open(), "view:yaml", {"v.replicas": "3", "v.logLevel": "warn", "v.image.tag": "1.10"})
    assert text_of(page) == 'replicas: 3\nimage:\n  tag: "1.10"\nlogLevel: warn\n'


def test_comments_and_the_order_of_what_was_written_survive_the_form(room: Room) -> None:
    written = "# mine\nlogLevel: warn   # loud\n\nreplicas: 2\n"
    page = room.press(room.open("view=yaml"), "view:form", values_yaml=written)
    page = room.fill(page, "view:yaml", {"v.replicas": "4"})
    assert text_of(page) == "# mine\nlogLevel: warn   # loud\n\nreplicas: 4\n"


def test_what_differs_is_marked_and_can_be_reset(room: Room) -> None:
    page = room.fill(room.open(), "look", {"v.replicas": "3"})
    assert "1 changed" in page.text
    assert any(one["value"] == "reset:replicas" for one in page.all("button", name="step"))
    assert text_of(room.press(page, "reset:replicas")) == ""


def test_items_of_a_list_are_added_and_removed(room: Room) -> None:
    page = room.press(room.open(), "add:hosts")
    page = room.fill(page, "look", {"v.hosts[1].name": "b.example"})
    assert yaml.safe_load(text_of(page)) == {"hosts": [{"name": "a.example"}, {"name": "b.example"}]}
    assert yaml.safe_load(text_of(room.press(page, "remove:hosts[0]"))) == {"hosts": [{"name": "b.example"}]}


def test_keys_of_a_map_are_added_changed_and_taken_away(room: Room) -> None:
    page = room.fill(room.open(), "add:annotations", {"new.annotations": "example.org/owner"})
    page = room.fill(page, "look", {r"v.annotations.example\.org/owner": "ann", "v.annotations.team": "red"})
    assert yaml.safe_load(text_of(page)) == {"annotations": {"example.org/owner": "ann", "team": "red"}}
    # a default goes by a null alone
    assert "team: null" in text_of(room.press(page, "remove:annotations.team"))


def test_a_search_shows_the_settings_that_are_meant_and_keeps_what_was_typed(room: Room) -> None:
    page = room.fill(room.open(), "find", {"find": "image", "v.replicas": "5"})
    assert "v.image.tag" in page.form("/install").fields
    assert "v.replicas" not in page.form("/install").fields
    assert "2 settings have “image”" in page.text
    assert "replicas: 5" in text_of(page)
    assert room.press(page, "unfind").form("/install").fields["v.replicas"] == "5"


def test_a_mistake_stands_at_its_field_and_at_its_line_in_the_editor(room: Room) -> None:
    page = room.fill(room.open(), "look", {"v.replicas": "20"})
    wrong = page.all("input", name="v.replicas")[0]
    assert wrong["aria-invalid"] == "true"
    assert wrong["value"] == "20"
    page = room.press(page, "view:yaml")
    told = json.loads(page.all("textarea", id="values_yaml")[0]["data-problems"])
    assert [one["line"] for one in told] == [1]
    assert "replicas" in told[0]["message"]


def test_values_that_the_schema_refuses_are_not_sent_and_the_name_of_the_field_is_told(room: Room) -> None:
    page = room.fill(room.open("namespace=apps"), "check", {"v.replicas": "20"})
    assert "1 value cannot be used" in page.text
    assert "Install demo 1.0.0" not in [one.get("value") for one in page.all("button")]
    room.fill(page, "send", {"v.replicas": "20"})
    assert room.kube.objects == {}


def test_yaml_that_cannot_be_read_stays_in_the_editor_with_the_line_that_is_wrong(room: Room) -> None:
    written = "a: 1\nb: [\n"
    page = room.press(room.open("view=yaml"), "view:form", values_yaml=written)
    assert text_of(page) == written
    assert page.all("textarea", id="values_yaml")
    assert "The values cannot be read" in page.text


def test_choosing_another_version_does_not_take_its_old_defaults_for_what_was_meant(tmp_path: Path) -> None:
    with install_room(tmp_path) as room:
        page = room.open()
        page = room.fill(page, "look", {"v.logLevel": "warn", "fields_of": "1.0.0", "version": "1.0.0"})
        assert text_of(page) == "logLevel: warn\n"


def test_a_chart_without_a_schema_gets_its_form_from_its_values(tmp_path: Path) -> None:
    with install_room(tmp_path, {"values.yaml": CHART["values.yaml"]}) as room:
        page = room.open()
        assert "The chart has no schema" in page.text
        assert "How many pods run." in page.text
        assert text_of(room.fill(page, "view:yaml", {"v.replicas": "2"})) == "replicas: 2\n"


def test_a_chart_without_values_says_so_and_takes_yaml(tmp_path: Path) -> None:
    with install_room(tmp_path, {"templates/a.yaml": "a: 1\n"}) as room:
        page = room.open()
        assert "This chart says nothing of its values" in page.text
        assert text_of(room.press(room.press(page, "view:yaml"), "check", values_yaml="a: 1\n")) == "a: 1\n"


# -- compare


def test_compare_tells_what_differs_and_on_request_all(room: Room) -> None:
    page = room.fill(room.open(), "view:compare", {"v.replicas": "3"})
    assert "replicas 1 3" in page.text
    assert "as the default" not in page.text
    page = room.press(page, "all:on")
    assert 'logLevel "info" as the default' in page.text
    assert text_of(room.press(page, "reset:replicas")) == ""


def test_compare_says_when_nothing_differs(room: Room) -> None:
    assert "Nothing differs" in room.press(room.open(), "view:compare").text


# -- secrets


def test_G6_a_password_is_masked_and_stands_in_no_text_of_the_page(room: Room) -> None:
    page = room.fill(room.open(), "look", {"secret.auth.password": CANARY})
    field = page.all("input", name="secret.auth.password")[0]
    assert field["type"] == "password"
    for view in ("view:yaml", "view:compare", "check"):
        page = room.press(page, view, namespace="apps")
        assert [one["value"] for one in page.all("input") if CANARY in one.get("value", "")] == [CANARY]
        assert page.html.count(CANARY) == 1
        assert CANARY not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_G6_a_password_that_is_typed_as_yaml_is_moved_out_of_the_text(room: Room) -> None:
    page = room.press(
        room.open("view=yaml"), "view:yaml", values_yaml=f"auth:\n  username: bob\n  password: {CANARY}\n"
    )
    assert text_of(page) == "auth:\n  username: bob\n"
    assert "Moved out of the text, to be kept in a Secret: auth.password" in page.text
    assert page.form("/install").fields["secret.auth.password"] == CANARY


def test_G6_what_the_schema_says_of_a_password_does_not_quote_it(room: Room) -> None:
    page = room.fill(room.open(), "look", {"secret.auth.password": CANARY + "-and-far-too-long"})
    assert "This secret is not what the chart’s schema asks for." in page.text
    assert CANARY not in page.text


def test_a_password_can_be_made_and_is_not_shown(room: Room) -> None:
    page = room.press(room.open(), "generate:auth.password")
    made = page.form("/install").fields["secret.auth.password"]
    assert len(made) >= 8
    assert made not in page.text
    assert "A password was made for auth.password" in page.text


def test_any_text_can_be_kept_in_a_secret_and_is_forgotten_when_it_shall_be_plain_again(room: Room) -> None:
    page = room.fill(room.open(), "look", {"v.image.tag": CANARY, "keep": "image.tag"})
    assert CANARY not in text_of(page)
    assert page.form("/install").fields["secret.image.tag"] == CANARY
    page = room.press(page, "show:image.tag")
    assert CANARY not in page.html
    assert page.form("/install").fields["v.image.tag"] == ""


def test_what_is_secret_goes_to_the_secret_and_not_into_the_helmrequest(room: Room) -> None:
    page = room.fill(room.open("namespace=apps"), "check", {"secret.auth.password": CANARY, "v.replicas": "2"})
    room.browser.followed(page.form("/install"), PATH, step="send")
    sent = json.dumps(room.kube.objects["apps", "demo"])
    assert CANARY not in sent
    assert "valuesFrom" in sent
    assert room.kube.objects["apps", "demo"]["spec"]["values"] == {"replicas": 2}


# -- what the editor asks


def test_the_editor_is_told_the_keys_with_their_help_and_choices(room: Room) -> None:
    answer = room.browser.running.ask("GET", "/charts/local/demo/1.0.0/values.keys.json")
    keys = json.loads(answer.get_data())["keys"]
    assert keys["replicas"]["help"] == "How many pods run."
    assert keys["logLevel"]["values"] == ["debug", "info", "warn"]
    assert "hosts[].name" in keys


def test_the_editor_is_told_what_is_wrong_with_what_is_typed(room: Room) -> None:
    answer = room.browser.running.ask(
        "POST",
        "/charts/local/demo/1.0.0/values.problems.json",
        json={"values_yaml": "logLevel: info\nreplicas: none\n"},
    )
    assert [one["line"] for one in json.loads(answer.get_data())["problems"]] == [2]


@pytest.mark.parametrize("body", [b"[" * 200_000, b"null", b'{"values_yaml": 3}', b"", b'{"values_yaml": NaN}'])
def test_I3_a_body_that_is_no_text_of_values_is_refused(room: Room, body: bytes) -> None:
    answer = room.browser.running.ask(
        "POST",
        "/charts/local/demo/1.0.0/values.problems.json",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400


# -- hostile


def test_G5_a_path_that_helm_would_refuse_is_refused_in_the_form_with_the_reason(room: Room) -> None:
    deep = "".join(f"{'  ' * at}k:\n" for at in range(40)) + "  " * 40 + "x: 1\n"
    page = room.press(room.open("view=yaml"), "check", values_yaml=deep, namespace="apps")
    assert "goes deeper than 30 levels" in page.text
    assert room.kube.objects == {}
    told = room.press(room.open(), "reset:a[99999]").text
    assert "not between 0 and" in told


def test_I1_fields_that_no_form_has_are_not_looked_at(room: Room) -> None:
    foreign = {"v.nothing.here": "1", "is_admin": "on", "person": "root", "secret.": "x", "kept": "..", "v.": "y"}
    page = room.fill(room.open("namespace=apps"), "check", foreign)
    assert text_of(page) == ""
    room.browser.followed(page.form("/install"), PATH, step="send", **foreign)
    assert "values" not in room.kube.objects["apps", "demo"]["spec"]


@pytest.mark.parametrize(
    "step", ["view:evil", "open:<script>", "reset:", "add:", "remove:..", "generate:[", "door:x:y"]
)
def test_a_button_that_no_page_has_changes_nothing(room: Room, step: str) -> None:
    page = room.press(room.open("namespace=apps"), step)
    assert text_of(page) == ""
    assert "<script>alert" not in page.html


def test_hostile_names_and_texts_of_a_chart_are_text(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script>'
    files = {"values.yaml": f"# {evil}\n'{evil}': '{evil}'\nok: 1\n"}
    with install_room(tmp_path, files) as room:
        page = room.open()
        assert "<script>alert" not in page.html
        assert evil in page.text
