"""Installing by the form in a real browser: settings, secrets, searching, the editor, presets, several clusters."""

import pytest
import yaml
from playwright.sync_api import expect

from tests.browser.accessibility import axe
from tests.browser.conftest import Visit
from tests.browser.room import Room
from tests.browser.visitor import NARROW, Visitor

pytestmark = pytest.mark.browser

PATH = "/charts/sample/postgres-lite/1.2.1/install"


def place(visitor: Visitor, name: str, namespace: str = "apps") -> None:
    """Where to, under which name; the check follows by itself."""
    visitor.page.get_by_label("Namespace", exact=True).fill(namespace)
    visitor.page.get_by_label("Release name").fill(name)
    visitor.page.get_by_label("Why").focus()
    visitor.sees("This would be sent")


def test_a_chart_is_installed_by_its_form_and_its_password_goes_to_a_secret(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    place(visitor, "by-form")
    page.locator('[name="v.auth.database"]').fill("orders")
    page.locator('[name="secret.auth.password"]').fill("c4nary-pass")
    page.get_by_label("Why").fill("the shop needs it")
    visitor.picture("install-filled")
    visitor.check()
    visitor.sees("Kept in a Secret and not shown: auth.password")
    expect(page.locator("main")).not_to_contain_text("c4nary-pass")
    visitor.button("Install postgres-lite 1.2.1").click()
    visitor.heading("by-form")
    spec = room.helmrequest("by-form")["spec"]
    assert spec["values"] == {"auth": {"database": "orders"}}
    assert spec["valuesFrom"][0]["secretKeyRef"]["key"] == "values.yaml"


def test_the_place_is_checked_while_it_is_typed(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    visitor.mark()
    place(visitor, "live-check")
    page.get_by_label("Release name").fill("Not A Name")
    page.get_by_label("Why").focus()
    visitor.sees("cannot be a release name")
    visitor.stayed()


def test_a_setting_is_found_by_typing_and_what_was_typed_before_stays(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    visitor.mark()
    page.locator('[name="v.auth.database"]').fill("orders")
    box = page.get_by_role("searchbox", name="Find a setting")
    box.press_sequentially("keep")
    expect(page.locator('[name="v.auth.database"]')).to_have_count(0)
    expect(page.locator('[name="v.backup.keepDays"]')).to_be_visible()
    expect(box).to_be_focused()
    visitor.button("Show all").click()
    expect(page.locator('[name="v.auth.database"]')).to_have_value("orders")
    visitor.stayed()


def test_form_yaml_and_compare_show_one_truth_without_loading_the_page(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    visitor.mark()
    page.locator('[name="v.auth.database"]').fill("orders")
    visitor.button("YAML").click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("# why: the shop\n")
    visitor.button("Compare").click()
    expect(page.locator("#values").get_by_role("row", name="auth.database")).to_contain_text("orders")
    visitor.button("YAML").click()
    text = page.locator("#values_yaml").input_value()
    assert "# why: the shop" in text
    assert yaml.safe_load(text) == {"auth": {"database": "orders"}}
    visitor.button("Form").click()
    expect(page.locator('[name="v.auth.database"]')).to_have_value("orders")
    visitor.stayed()


def test_the_editor_completes_keys_and_marks_the_line_that_is_wrong(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(f"{PATH}?view=yaml")
    page.locator(".cm-content").click()
    page.keyboard.type("au")
    option = page.get_by_role("option").filter(has_text="auth")
    expect(option).to_be_visible()
    option.click()
    expect(page.locator(".cm-content")).to_contain_text("auth:")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text("auth:\n  username: NOT LOWER\n")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    visitor.picture("install-editor")


def test_a_mistake_is_told_beside_its_field(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    place(visitor, "mistaken")
    page.locator('[name="v.auth.username"]').fill("NOT LOWER")
    visitor.check()
    visitor.sees("1 value cannot be used")
    field = page.locator('[name="v.auth.username"]')
    expect(field).to_have_attribute("aria-invalid", "true")
    page.get_by_role("link", name="auth.username").click()
    expect(field).to_be_in_viewport()
    visitor.picture("install-mistake")


def test_a_password_is_generated_and_stays_out_of_sight(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    page.locator('button[value="generate:auth.password"]').click()
    visitor.sees("A password was made for auth.password")
    assert len(page.locator('[name="secret.auth.password"]').input_value()) >= 8


def test_values_are_kept_as_a_preset_and_begun_with(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    page.locator('[name="v.auth.database"]').fill("orders")
    page.locator("#save-preset > summary").click()
    page.locator("#preset_name").fill("shop")
    page.locator("#preset_note").fill("as the shop runs it")
    visitor.button("Keep as a preset").click()
    visitor.sees("Kept as the preset shop #1.")
    visitor.open("/charts/sample/postgres-lite/presets")
    visitor.sees("fits")
    visitor.picture("presets-kept")
    visitor.open(PATH)
    visitor.button("Use it").click()
    expect(page.locator('[name="v.auth.database"]')).to_have_value("orders")
    visitor.open("/charts/sample/postgres-lite/presets")
    visitor.button("Delete shop").click()
    visitor.sees("The preset was deleted.")


def test_one_form_installs_to_two_clusters_with_what_differs(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    page.get_by_label("shaky").check()
    place(visitor, "twice")
    page.locator('[name="override/shaky"]').fill("auth: {database: other}\n")
    visitor.check()
    visitor.sees("shaky: This would be sent")
    visitor.picture("install-two-clusters")
    # the two names lead to one cluster, so the second install finds the name taken
    visitor.button("Install postgres-lite 1.2.1 to 2 clusters").click()
    visitor.sees("What came of it")
    expect(page.locator(".lines li")).to_have_count(2)
    visitor.picture("install-lines")


def test_the_readme_and_the_defaults_are_read_beside_the_form(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open(PATH)
    expect(page.locator("#chart-readme")).to_be_visible()
    expect(page.locator("#chart-defaults")).to_be_hidden()
    page.locator("[data-shows=chart-defaults]").click()
    expect(page.locator("#chart-defaults")).to_be_visible()
    expect(page.locator("#chart-readme")).to_be_hidden()


def test_without_scripts_the_form_is_filled_in_searched_and_sent(visit: Visit, room: Room) -> None:
    visitor = visit(javascript=False)
    page = visitor.open(PATH)
    page.get_by_label("Namespace", exact=True).fill("apps")
    page.get_by_label("Release name").fill("no-scripts")
    page.locator('[name="v.auth.database"]').fill("orders")
    visitor.button("Compare").click()
    visitor.sees("orders")
    visitor.button("Form").click()
    visitor.check()
    visitor.button("Install postgres-lite 1.2.1").click()
    visitor.heading("no-scripts")
    assert room.helmrequest("no-scripts")["spec"]["values"] == {"auth": {"database": "orders"}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_filled_form_with_its_review_has_no_barrier_and_fits_a_telephone(
    visit: Visit, room: Room, scheme: str
) -> None:
    visitor = visit(width=NARROW, scheme=scheme)
    page = visitor.open(PATH)
    page.get_by_label("shaky").check()
    place(visitor, "narrow-form")
    page.locator('[name="v.auth.username"]').fill("NOT LOWER")
    visitor.check()
    visitor.sees("1 value cannot be used")
    page.evaluate("document.querySelectorAll('#install details:not([name])').forEach((one) => (one.open = true))")
    visitor.fits()
    assert axe(page) == []
    visitor.picture("install-narrow")
