"""Which values are secrets, and where they go."""

import re

import pytest
from values_charts import chart, object_schema

from catalog_web.values.form import form_of
from catalog_web.values.secret_names import is_secret_name
from catalog_web.values.secrets import generate, secret_fields, split, without

NOTHING = form_of(chart())


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "adminPassword",
        "ADMIN_PASSWORD",
        "postgres-password",
        "rootPass",
        "token",
        "apiToken",
        "secretKey",
        "secret_key",
        "apiKey",
        "API_KEY",
        "clientSecret",
        "accessKey",
        "privateKey",
        "secretAccessKey",
        "encryptionKey",
        "connectionString",
        "passphrase",
        "credentials",
    ],
)
def test_a_name_of_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "existingSecret",
        "existingSecretPasswordKey",
        "passwordKey",
        "secretName",
        "tokenPath",
        "passwordFile",
        "imagePullSecrets",
        "pullSecret",
        "tlsSecret",
        "secrets",
        "secretRef",
        "tokenExpiry",
        "usePasswordFiles",
        "key",
        "keys",
        "monkey",
        "bypass",
        "compass",
        "tokenReviewer",
    ],
)
def test_a_name_that_is_merely_about_one(name: str) -> None:
    assert not is_secret_name(name)


def test_secrets_are_found_by_name_schema_glob_and_content() -> None:
    form = form_of(chart("", object_schema(pin={"type": "string", "writeOnly": True})))
    values = {
        "pin": "1",
        "auth": {"password": "x", "existingSecret": "y", "token": "", "user": "u"},
        "my": {"odd": {"place": "z"}},
        "cert": "-----BEGIN RSA PRIVATE KEY-----\nabc",
    }
    assert secret_fields(form, values, ["my.*.place"]) == ("pin", "auth.password", "my.odd.place", "cert")


def test_a_secret_in_a_list_makes_the_whole_list_one() -> None:
    values = {"users": [{"name": "a", "password": "x"}], "env": [{"name": "DB_PASSWORD", "value": "x"}]}
    assert secret_fields(NOTHING, values) == ("users", "env")


def test_switches_and_empty_values_are_no_secrets() -> None:
    assert secret_fields(NOTHING, {"token": True, "password": "", "secret": None, "apiKey": {}}) == ()


def test_a_whole_mapping_can_be_called_secret() -> None:
    assert secret_fields(NOTHING, {"db": {"a": 1}}, ["db"]) == ("db",)


def test_values_are_parted_into_public_and_secret() -> None:
    public, secret = split({"a": 1, "auth": {"password": "x", "user": "u"}}, ["auth.password"])
    assert (public, secret) == ({"a": 1, "auth": {"user": "u"}}, {"auth": {"password": "x"}})


def test_G6_a_text_without_its_secrets_keeps_all_else() -> None:
    text = "# mine\nauth:\n  user: u   # who\n  password: hunter2   # do not tell\nb: 1\n"
    assert without(text, ["auth.password"]) == "# mine\nauth:\n  user: u   # who\nb: 1\n"


def test_G6_a_secret_behind_an_anchor_does_not_stay_elsewhere() -> None:
    text = "auth:\n  password: &p hunter2\nother:\n  password: *p\n"
    values = {"auth": {"password": "hunter2"}, "other": {"password": "hunter2"}}
    assert "hunter2" not in without(text, secret_fields(NOTHING, values))


def test_a_generated_password_needs_no_quotes_and_has_letters_and_digits() -> None:
    made = {generate() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z][A-Za-z0-9]{23}", one) for one in made)
    assert len(generate(1)) == 8
