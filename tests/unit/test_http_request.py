"""The request that will be sent is shown as it goes out, without the token."""

import json
import shlex

from catalog_web.install.cluster import Asker, Server
from catalog_web.install.http_request import http_request
from tests.unit.test_exports import REQUEST

HOME = Server("https://10.0.0.1:6443")
SERVER = Server("https://admin:s3cret@10.0.0.1:6443/k8s/?token=s3cret")
PRESENT = {**REQUEST, "metadata": {**REQUEST["metadata"], "resourceVersion": "7"}}


def test_a_new_one_is_posted_to_its_namespace() -> None:
    shown = http_request(REQUEST, HOME)
    assert shown.method == "POST"
    assert shown.url == (
        "https://10.0.0.1:6443/apis/app.alauda.io/v1alpha1/namespaces/apps/helmrequests"
        "?fieldManager=chartroom&fieldValidation=Strict"
    )
    assert json.loads(shown.body) == REQUEST


def test_one_with_a_resource_version_replaces_what_is_there() -> None:
    shown = http_request(PRESENT, HOME)
    assert shown.method == "PUT"
    assert "/namespaces/apps/helmrequests/cache?" in shown.url


def test_it_shows_where_the_token_stands_and_never_a_credential() -> None:
    shown = http_request(REQUEST, SERVER)
    assert "Authorization: Bearer …" in shown.text
    assert shown.url.startswith("https://10.0.0.1:6443/k8s/apis/")
    assert "s3cret" not in shown.text + shown.curl


def test_it_names_the_person_whom_chartroom_acts_as() -> None:
    shown = http_request(REQUEST, asker=Asker("ann", ("ops", "web"))).text
    assert "Impersonate-User: ann\nImpersonate-Group: ops\nImpersonate-Group: web\n" in shown
    assert "Impersonate" not in http_request(REQUEST).text


def test_as_curl_it_is_one_command_that_takes_the_token_from_the_shell() -> None:
    command, _, rest = http_request(PRESENT, HOME).curl.partition("<<'EOF'\n")
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["curl", "--request", "PUT"]
    assert "Authorization: Bearer $TOKEN" in words
    assert '--header "Authorization: Bearer $TOKEN"' in command
    assert json.loads(rest.removesuffix("EOF\n")) == PRESENT


def test_a_person_cannot_break_out_of_the_command() -> None:
    words = shlex.split(http_request(REQUEST, asker=Asker("$(reboot) $TOKEN\"'`")).curl.partition("--data")[0])
    assert "Impersonate-User: $(reboot) $TOKEN\"'`" in words


def test_a_server_that_is_signed_in_to_by_certificate_gets_no_token() -> None:
    shown = http_request(REQUEST, Server("https://10.0.0.1:6443", has_token=False))
    assert "Authorization" not in shown.text + shown.curl
