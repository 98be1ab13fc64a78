"""The fake Harbor answers as a real one did: its answers are laid beside recordings, where this machine has them."""

import base64
import http.client
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.data import DATA
from tests.fake_harbor import EVERYTHING, LISTING, PULLING, Answer, FakeHarbor, fake_harbor
from tests.repository import archive

RECORDS = Path(os.environ.get("CHARTROOM_TEST_DATA") or DATA).parent / "harbor-record"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

RECORDED = """
    01-ping 01-systeminfo-admin 01-systeminfo-anon 01-systeminfo-robot 01-api-version 02-projects-admin
    02-projects-admin-p1s2 02-projects-admin-p2s2 02-projects-admin-p9 02-projects-anon 02-projects-badtoken
    02-projects-lister 02-projects-name 02-projects-pull 02-projects-robot-wrongpw 02-projects-size-1
    02-projects-size0 02-projects-size101 02-projects-sys 02-projects-wrongpw 03-project-absent-admin
    03-project-absent-anon 03-project-absent-lister 03-project-library-anon 03-project-team-a-anon
    03-project-team-a-lister 03-project-team-a-listread 03-project-team-a-pull 04-repo-one 04-repo-one-admin
    04-repo-one-dev 04-repo-one-lister 04-repo-one-nested-plain 04-repo-one-nested1 04-repos-absent-admin
    04-repos-absent-anon 04-repos-byid 04-repos-library-anon 04-repos-library-p1s3 04-repos-library-p2s3
    04-repos-library-q-bad 04-repos-library-q-badsyntax 04-repos-library-q-exact 04-repos-team-a-anon
    04-repos-team-a-lister 04-repos-team-a-out 04-repos-team-a-pull 04-repos-team-a-sys 05-arts-absent
    05-arts-absent-admin 05-arts-argo 05-arts-argo-q-mt 05-arts-argo-q-mt2 05-arts-argo-q-tags
    05-arts-argo-q-tagstar 05-arts-argo-q-type 05-arts-argocd-default 05-arts-argocd-notag 05-arts-argocd-p1
    05-arts-argo-q-tagnil 05-arts-broken 05-arts-nested-0 05-arts-nested-1 05-arts-nested-2 05-arts-teama-anon
    05-arts-teama-lister 05-arts-teama-nested 05-arts-teama-pull 06-art-absent 06-art-bytag 06-art-plus
    06-art-pull-teama 07-add-anon-values-teama 07-add-broken 07-add-dependencies 07-add-files
    07-add-lister-values 07-add-listread-values 07-add-readme.md 07-add-values.yaml 08-artifacts-project
    08-partifacts-admin 08-partifacts-at 08-partifacts-badtime 08-partifacts-mt 08-partifacts-mt2
    08-partifacts-teama-anon 08-partifacts-teama-lister 08-partifacts-type 08-partifacts-unknownkey
    10-token-anon-private 10-token-anon-public 10-token-badpw 10-token-badservice 10-v2-root-admin
    10-v2-root-anon 10-v2-root-badpw 10-v2-root-lister 10-v2-tags-anon-private 10-v2-tags-anon-public
    10-v2-tags-basic-lister 10-v2-tags-basic-out 10-v2-tags-basic-pull 11-manifest-private-anon
    11-manifest-private-out 12-catalog-anon 12-catalog-lister 13-path_api_nosuch 13-path_api_v2.0_nosuch
    13-path_chartrepo_library_index.yaml 13-path_harbor_projects 13-path_index.yaml 14-artlist-repos
    14-artlist-partifacts 14-robot-disabled 14-robot-disabled-public 14-users-current-lister 15-head-list
    15-robot-expired 15-robot-expired-v2 15-arts-artnav 16-all-pagesize-1-page2 17-lister-lib-arts
    17-out-lib-arts 17-pull-lib-arts 17-pull-parts 17-artlist-add
"""
RECORDED_OLD = """
    30-27-index-admin 30-27-index-anon 30-27-index-private-anon 30-27-index-private-admin
    30-27-index-badpw-public 30-27-index-badpw-private 30-27-index-absent-admin 30-27-index-absent-anon
    30-27-index-head 30-27-trailing 30-27-chart-anon 30-27-chart-absent 30-27-partifacts 31-27-v2-challenge
    31-27-token 17-27-systeminfo-anon
"""


@dataclass(frozen=True)
class Recording:
    """A request that was made of a real Harbor, and its answer."""

    method: str
    target: str
    who: str
    told: str
    answer: Answer


def recording(name: str) -> Recording:
    file = RECORDS / f"{name}.http"
    if not file.is_file():
        print("not run: no data")
        pytest.skip("not run: no data")
    first, _, rest = file.read_text().partition("\n\n")
    head, _, body = rest.partition("\n\n")
    asked = re.match(r"> (\S+) https?://[^/]+(\S*)   \(as (\S+)\)(.*)", first)
    assert asked
    lines = head.splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    status = int(lines[0].split()[1])
    method, target, who, told = asked.groups()
    answer = Answer(status, body.strip().encode(), headers, headers.get("content-type", ""))
    return Recording(method, target, who, told, answer)


def fill(harbor: FakeHarbor) -> None:
    for name, public in (("bulk", False), ("library", True), ("team-a", False), ("team-b", False)):
        harbor.project(name, public=public)
    harbor.user("admin", "pw")
    harbor.user("dev", "pw", {"team-a": LISTING})
    for name, rights in (
        ("lister", LISTING),
        ("listread", EVERYTHING - {"artifact-addition:read"}),
        ("pull", PULLING),
        ("artlist", frozenset({"artifact:list"})),
        ("exp", LISTING),
        ("gone", LISTING),
    ):
        harbor.robot(f"robot$team-a+{name}", "pw", {"team-a": rights}).disabled = name in ("exp", "gone")
    harbor.robot("robot$sys", "pw", {"*": EVERYTHING - {"catalog:read"}})
    harbor.robot("robot$out", "pw", {"elsewhere": PULLING})
    for version in ("0.16.9", "0.16.10", "1.0.0"):
        digest = harbor.push("library/argo", archive("argo", version), annotations={"a": "b"}, config=chart(version))
    harbor.push_image("library/argo", "v9-image")
    harbor.push_index("library/argo", "idx", digest)
    harbor.push("library/argo-cd", archive("argo-cd", "3.3.4"), config=chart("3.3.4", "argo-cd"))
    for version in ("3.3.4", "3.3.5", "3.4.0"):
        harbor.push("library/argo-cd", archive("argo-cd", version, "anew"), config=chart(version, "argo-cd"))
    for version in ("1.4.0", "1.4.1", "1.4.2+build.7"):
        made = chart(version, "argo-events")
        harbor.push("library/sub/argo-events", archive("argo-events", version), config=made, annotations={"a": "b"})
    for version in ("5.5.4", "5.5.5"):
        harbor.push("library/sub/loki", archive("loki", version), config=chart(version, "loki"))
    harbor.push("library/broken", b"no archive", config=chart("0.0.1", "broken"), annotations={"a": "b"})
    for version in ("0.5.1", "0.5.2"):
        made = chart(version, "argo-rollouts")
        harbor.push("team-a/argo-rollouts", archive("argo-rollouts", version), config=made, annotations={"a": "b"})
    made = chart("0.1.0", "argocd-notifications")
    harbor.push("team-a/infra/deep/argocd-notifications", archive("x", "0.1.0"), config=made, annotations={"a": "b"})
    harbor.push_image("team-a/app", "1.0")
    harbor.keep("library", archive("argo-events", "1.4.1"))
    harbor.keep("team-a", archive("argo-rollouts", "0.5.2"))
    harbor.push("team-b/argo-rollouts", archive("argo-rollouts", "0.5.2"))


def chart(version: str, name: str = "argo") -> dict[str, Any]:
    needed = [{"name": "redis", "version": "1", "repository": "https://example.org", "condition": "redis.enabled"}]
    return {
        "apiVersion": "v2",
        "appVersion": "1",
        "name": name,
        "version": version,
        "description": "What it does",
        "home": "https://example.org",
        "icon": "https://example.org/icon.png",
        "dependencies": needed,
    }


@pytest.fixture(scope="module")
def new() -> Iterator[FakeHarbor]:
    with fake_harbor() as harbor:
        fill(harbor)
        yield harbor


@pytest.fixture(scope="module")
def old() -> Iterator[FakeHarbor]:
    with fake_harbor("v2.7.4-27", museum=True) as harbor:
        fill(harbor)
        yield harbor


def ask(harbor: FakeHarbor, one: Recording) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(harbor.url).netloc, timeout=10)
    try:
        connection.request(one.method, one.target, headers=headers(harbor, one))
        got = connection.getresponse()
        told = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, got.read().strip(), told, told.get("content-type", ""))
    finally:
        connection.close()


def headers(harbor: FakeHarbor, one: Recording) -> dict[str, str]:
    typed = re.search(r"-u (\S+):(\S+)", one.told)
    name = (
        typed[1].replace("\\", "")
        if typed
        else next((known for known in harbor.accounts if re.split(r"[$+]", known)[-1] == one.who), "")
    )
    found = {"Authorization": "Basic " + base64.b64encode(f"{name}:{'bad' if typed else 'pw'}".encode()).decode()}
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"} if "Accept" in one.told else {}
    return accept | (found if name else {})


def shape(value: Any) -> Any:
    """The keys and kinds of values; of a list, the shapes of its items; by type, where they have one."""
    if isinstance(value, dict):
        kept = {key: shape(one) for key, one in value.items() if key not in FREE}
        return {key: value[key] if key in ("type", "tags") and not value[key] else one for key, one in kept.items()}
    if isinstance(value, list):
        return {
            row.get("type", ""): None if "code" in row else set(row) - FREE for row in value if isinstance(row, dict)
        }
    return type(value).__name__


FREE = frozenset({
    "extra_attrs", "annotations", "current_user_role_id", "current_user_role_ids", "current_time", "has_ca_root",
    "notification_enable", "project_creation_restriction", "registry_storage_provider_name",
})  # fmt: skip
"""What depends on what was pushed, on who asks, or on the installation."""


def compare(real: Answer, fake: Answer, *, json_body: bool) -> None:
    assert fake.status == real.status
    assert kind(fake) == kind(real)
    for name in ("link", "x-total-count", "www-authenticate", "docker-distribution-api-version"):
        assert (name in fake.headers) == (name in real.headers), name
    assert realm(fake) == realm(real)
    if json_body:
        found, wanted = json.loads(fake.body), json.loads(real.body)
        if "errors" in wanted:
            assert [one["code"] for one in found["errors"]] == [one["code"] for one in wanted["errors"]]
        else:
            assert_like(shape(found), shape(wanted))


def assert_like(found: Any, wanted: Any) -> None:
    """Rows of a type that only one side holds cannot be laid beside each other."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        rows = all(isinstance(one, set) for one in (*found.values(), *wanted.values()))
        assert rows or found.keys() == wanted.keys()
        for key in found.keys() & wanted.keys():
            assert_like(found[key], wanted[key])
    else:
        assert found == wanted


def kind(answer: Answer) -> str:
    return answer.content_type.replace(" ", "").lower()


def realm(answer: Answer) -> str:
    return re.sub(r"127\.0\.0\.1:\d+", "host", answer.headers.get("www-authenticate", ""))


@pytest.mark.parametrize("name", RECORDED.split())
def test_it_answers_as_harbor_2_15_did(name: str, new: FakeHarbor) -> None:
    one = recording(name)
    said_json = one.answer.content_type.startswith("application/json") and one.answer.body[:1] in (b"{", b"[")
    compare(one.answer, ask(new, one), json_body=said_json)


@pytest.mark.parametrize("name", RECORDED_OLD.split())
def test_it_answers_as_harbor_2_7_did(name: str, old: FakeHarbor) -> None:
    one = recording(name)
    said_json = one.answer.content_type.startswith("application/json") and one.answer.body[:1] in (b"{", b"[")
    compare(one.answer, ask(old, one), json_body=said_json)


def test_a_manifest_that_is_read_counts_as_a_pull_and_one_that_is_looked_at_does_not(new: FakeHarbor) -> None:
    target, accept = "/v2/library/argo/manifests/1.0.0", "-H Accept"
    before = new.repositories["library/argo"].pulls
    ask(new, Recording("HEAD", target, "admin", accept, Answer(200)))
    assert new.repositories["library/argo"].pulls == before
    ask(new, Recording("GET", target, "admin", accept, Answer(200)))
    assert new.repositories["library/argo"].pulls == before + 1


def test_a_link_loses_the_filter_it_should_keep(new: FakeHarbor) -> None:
    query = "q=media_type%3Dapplication%2Fvnd.cncf.helm.config.v1%252Bjson&page_size=2"
    target = f"/api/v2.0/projects/library/artifacts?{query}"
    first = ask(new, Recording("GET", target, "admin", "", Answer(200)))
    following = re.search(r'<([^>]*)>; rel="next"', first.headers["link"])
    assert following
    second = ask(new, Recording("GET", following[1], "admin", "", Answer(200)))
    assert int(first.headers["x-total-count"]) > 2
    assert second.body == b"[]"
