"""The form of a source: what is typed becomes settings, settings fill it, and no secret comes back."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from catalog_web import i18n
from catalog_web.pages.sources import fields
from catalog_web.pages.sources.fields import NEW, by_field, typed, values
from indexer.model import Source

SENT = {"url": "https://harbor.example.org", "name": "harbor", **{k: v for k, v in NEW.items() if v}}


def test_what_is_left_alone_is_the_default() -> None:
    said = values(typed(SENT))
    given = {name: value for name, value in said.items() if value not in (None, ())}
    assert given == {
        "url": "https://harbor.example.org",
        "name": "harbor",
        "content": "latest",
        "interval": "30m",
        "timeout": "10m",
        "max_index_bytes": 64 * 1024 * 1024,
        "enabled": True,
        "prereleases": True,
        "insecure_skip_verify": False,
        "private": False,
        "approval": False,
    }


def test_a_box_that_is_not_ticked_is_no() -> None:
    said = values(typed({name: value for name, value in SENT.items() if name != "enabled"}))
    assert said["enabled"] is False


def test_a_secret_that_was_not_typed_stays_as_it_is() -> None:
    said = values(typed({**SENT, "sign_in": "password", "username": "ada", "password": ""}))
    assert said["username"] == "ada"
    assert "password" not in said
    assert said["token"] is None


@pytest.mark.parametrize("sign_in", ["none", "token", "secret"])
def test_another_way_to_sign_in_forgets_the_password(sign_in: str) -> None:
    said = values(typed({**SENT, "sign_in": sign_in, "username": "ada", "password": "typed before the choice"}))
    assert said["username"] is None
    assert said["password"] is None


def test_a_password_keeps_its_blanks_and_a_certificate_its_lines() -> None:
    one = typed({**SENT, "sign_in": "password", "username": "ada", "password": " p w ", "ca": "a\r\nb\r\n"})
    assert one.secrets == {"password": " p w "}
    assert one.fields["ca"] == "a\nb"


def test_a_login_in_the_address_is_taken_out_of_it() -> None:
    one = typed({**SENT, "url": "https://ada:s%20ecret@charts.example.org/x"})
    assert one.fields["url"] == "https://charts.example.org/x"
    assert (one.fields["sign_in"], one.fields["username"]) == ("password", "ada")
    assert one.secrets == {"password": "s ecret"}


def test_what_was_typed_is_never_told_by_a_repr() -> None:
    one = typed({**SENT, "sign_in": "token", "token": "hunter2", "password": "hunter2", "client_key": "hunter2"})
    assert "hunter2" not in repr(one)
    assert "hunter2" not in repr(one.fields)


def test_a_list_is_typed_with_lines_commas_or_blanks() -> None:
    assert fields.entries("a, b\nc  d,") == ("a", "b", "c", "d")
    assert fields.entries("") == ()


def test_the_settings_of_a_source_fill_the_form_and_come_back() -> None:
    source = Source(
        "shop",
        "https://charts.example.org",
        kind_given=False,
        title="The shop",
        username="ada",
        stored_secrets=("password",),
        interval=7200,
        timeout=90,
        max_index_bytes=1536 * 1024,
        include=("web-*", "db"),
        prereleases=False,
        content="none",
    )
    shown = fields.fields_of(source)
    said = values(typed({**shown, "name": "shop"}))
    assert said["include"] == ("web-*", "db")
    assert said["max_index_bytes"] == 1536 * 1024
    assert (said["interval"], said["timeout"]) == ("2h", "90s")
    assert (said["kind"], said["content"], said["prereleases"]) == (None, "none", False)
    assert "password" not in said


def test_a_part_is_folded_unless_it_holds_something_or_a_mistake() -> None:
    assert fields.opened(NEW, {}) == frozenset()
    assert fields.opened({**NEW, "proxy": "direct"}, {}) == {"connection"}
    assert fields.opened(NEW, {"versions": "This is no range."}) == {"reading"}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://harbor.example.org", "harbor"),
        ("https://harbor.example.org:8443/chartrepo/team-a", "team-a"),
        ("https://charts.bitnami.com/bitnami/index.yaml", "bitnami"),
        ("oci://registry.example.org/Team_B/charts", "team-b"),
        ("https://charts.example.org", "example"),
        ("https://10.0.0.7:8080", "10-0-0-7-8080"),
        ("nonsense", ""),
    ],
)
def test_a_name_is_suggested_from_the_address(url: str, name: str) -> None:
    assert fields.suggested_name(url) == name


@given(st.text(max_size=200))
def test_whatever_stands_there_a_suggested_name_is_one_or_empty(text: str) -> None:
    import re

    from indexer.options import NAME

    name = fields.suggested_name(f"https://{text}")
    assert name == "" or re.fullmatch(NAME, name)


@pytest.fixture
def told() -> object:
    app = Flask(__name__)
    i18n.install(app)
    with app.test_request_context():
        yield app


@pytest.mark.usefixtures("told")
def test_each_mistake_stands_at_its_field() -> None:
    found = by_field(
        (
            "name: it must be given",
            "include.3: “[x” has a [ without its ]",
            "max_index_bytes: it must be a whole number",
            "username and password_file belong together: give both or neither (a password may be typed instead)",
            "something else",
        )
    )
    assert set(found) == {"name", "include", "max_index", "password", ""}
    assert found["include"] == "“[x” has a [ without its ]."
    assert found["password"] == "Give the user name and the password."
    assert found["max_index"] == "Write a number of MiB from 1 to 1024."


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("sign_in", "field"), [("password", "username"), ("token", "token"), ("secret", "secret"), ("none", "")]
)
def test_a_way_to_sign_in_that_is_chosen_has_to_be_filled_in(sign_in: str, field: str) -> None:
    assert "".join(fields.lacking(typed({**SENT, "sign_in": sign_in}), None)) == field


@pytest.mark.usefixtures("told")
def test_what_is_stored_need_not_be_typed_again() -> None:
    present = Source("shop", "https://charts.example.org", username="ada", stored_secrets=("password",))
    one = typed({**SENT, "sign_in": "password", "username": "ada"})
    assert fields.lacking(one, present) == {}
    assert set(fields.lacking(one, None)) == {"password"}
