"""Finding out what stands at an address."""

import pytest

from indexer.errors import fill
from indexer.http import Access, Basic
from indexer.sources.detect import detect
from tests.fake_harbor import LISTING, Answer, fake_harbor
from tests.upstream import Site

ROBOT = Access(Basic("robot$x", lambda: "secret"))


@pytest.mark.parametrize(
    ("version", "access", "told"),
    [
        ("v2.15.2-1", Access(), "a Harbor"),
        ("v2.15.2-1", ROBOT, "a Harbor v2.15.2-1"),
        ("v2.7.4-27", Access(), "a Harbor v2.7.4-27"),
        ("v1.10.17-1", Access(), "a Harbor v1.10.17-1"),
    ],
)
def test_a_harbor_of_any_age_is_known(version: str, access: Access, told: str) -> None:
    with fake_harbor(version, museum=True) as harbor:
        harbor.robot("robot$x", "secret", {"*": LISTING})
        found = detect(f"{harbor.url}/chartrepo/team-a/index.yaml", access)
        assert found
        assert (found.kind, found.url, found.projects) == ("harbor", harbor.url, ("team-a",))
        assert fill(**found.what) == told


def test_a_wrong_password_does_not_hide_a_harbor() -> None:
    with fake_harbor() as harbor:
        found = detect(harbor.url, ROBOT)
        assert found and (found.kind, found.projects, found.version) == ("harbor", (), "")


def test_another_registry_is_told_with_its_address(site: Site) -> None:
    site.put("/v2/", "{}", headers={"Docker-Distribution-Api-Version": "registry/2.0"})
    found = detect(f"{site.url}/team/charts/index.yaml", Access())
    assert found
    assert (found.kind, found.url) == ("oci", f"oci://{site.url.removeprefix('http://')}/team/charts")


def test_a_page_for_people_is_nothing_that_is_known(site: Site) -> None:
    for path in ("/api/v2.0/ping", "/api/v2.0/systeminfo", "/api/systeminfo", "/v2/"):
        site.put(path, "<!DOCTYPE html><html></html>", content_type="text/html")
    assert detect(site.url, Access()) is None


def test_a_server_that_does_not_answer_is_nothing_that_is_known() -> None:
    assert detect("http://127.0.0.1:9/", Access()) is None


def test_a_harbor_whose_systeminfo_is_odd_is_still_one() -> None:
    with fake_harbor() as harbor:
        harbor.instead["/api/v2.0/systeminfo"] = Answer(200, b"[" * 10_000)
        found = detect(harbor.url, Access())
        assert found and found.kind == "harbor"
