"""The install page: check, look, send; and every way in which it does not work out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kube_api import Asked, KubeApi, Reply, html, refusal
from tests.pages import Browser, Page
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

PATH = "/charts/shop/redis/7.0.0/install"
AS_YAML = f"{PATH}?view=yaml"
TYPED = {"namespace": "apps", "name": "cache", "values_yaml": "replicas: 2\nauth: {enabled: true}\n"}


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Browser]:
    repository({"redis": ("7.0.0", "6.0.0")}).serve(site)
    clusters = [
        {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))},
        {"name": "away", "kubeconfig": str(kube.kubeconfig(tmp_path, url="http://127.0.0.1:1", name="away"))},
    ]
    source = {"name": "shop", "url": site.url, "captain_repo": "shop-charts"}
    with web(tmp_path / "room", [source], clusters=clusters) as running:
        running.sync()
        yield Browser(running)


def check(browser: Browser, **changes: str) -> Page:
    form = browser.get(AS_YAML).form("/install")
    return browser.sent(form, PATH, step="check", **{**TYPED, **changes})


def kept(page: Page, **wanted: str) -> bool:
    return page.form("/install").fields.items() >= {**TYPED, **wanted}.items()


def test_the_form_begins_with_a_name_the_version_and_the_defaults_beside_it(shop: Browser) -> None:
    page = shop.get(PATH)
    fields = page.form("/install").fields
    assert (fields["name"], fields["version"], fields["cluster"], fields["values_yaml"]) == (
        "redis",
        "7.0.0",
        "home",
        "",
    )
    assert "replicas: 1 # of redis" in page.text


def test_the_namespaces_of_the_cluster_are_offered(shop: Browser) -> None:
    options = shop.running.ask("GET", "/clusters/home/namespaces").get_data(as_text=True)
    assert options.split() == ["<option", 'value="apps"></option><option', 'value="default"></option>']
    assert shop.running.ask("GET", "/clusters/away/namespaces").get_data() == b""


def test_check_shows_what_would_be_sent_and_sends_nothing(shop: Browser, kube: KubeApi) -> None:
    page = check(shop)
    assert "This would be sent" in page.text
    assert "chart: shop-charts/redis" in page.text
    assert "The cluster would accept this HelmRequest." in page.text
    assert "kubectl create" in page.text
    assert kept(page)
    assert kube.objects == {}


def test_what_was_shown_is_sent_and_the_app_page_follows(shop: Browser, kube: KubeApi) -> None:
    page = shop.followed(check(shop).form("/install"), PATH, step="send")
    assert kube.objects["apps", "cache"]["spec"] == {
        "chart": "shop-charts/redis",
        "version": "7.0.0",
        "namespace": "apps",
        "releaseName": "cache",
        "values": {"replicas": 2, "auth": {"enabled": True}},
    }
    assert "captain has not taken it up" in page.text
    assert "#1 · 7.0.0" in page.text
    assert "replicas: 2" in page.text


def test_a_second_click_sends_nothing_twice(shop: Browser, kube: KubeApi) -> None:
    form = check(shop).form("/install")
    shop.followed(form, PATH, step="send")
    shop.followed(form, PATH, step="send")
    assert kube.made == 1


def test_what_was_changed_after_the_check_is_shown_before_it_is_sent(shop: Browser, kube: KubeApi) -> None:
    page = shop.sent(check(shop).form("/install"), PATH, step="send", name="other")
    assert "You changed something since the check" in page.text
    assert kube.objects == {}
    shop.followed(page.form("/install"), PATH, step="send")
    assert list(kube.objects) == [("apps", "other")]


def test_another_version_can_be_chosen_in_the_form(shop: Browser) -> None:
    page = check(shop, version="6.0.0")
    assert 'version: "6.0.0"' in page.text
    assert "Install redis 6.0.0" in page.text


def test_the_defaults_beside_the_form_are_those_of_the_version_that_is_chosen(shop: Browser) -> None:
    page = shop.get(AS_YAML)
    assert "Defaults of the chart 7.0.0" in page.text
    chosen = shop.get(f"{PATH}?version=6.0.0")  # what the form asks for when another version is chosen in it
    assert "Defaults of the chart 6.0.0" in chosen.text
    unchecked = shop.sent(page.form("/install"), PATH, step="defaults", version="6.0.0", **TYPED)
    assert "Defaults of the chart 6.0.0" in unchecked.text
    assert "This would be sent" not in unchecked.text
    assert kept(unchecked, version="6.0.0")


def test_the_answer_to_a_check_may_be_shown_again_by_the_browsers_way_back(shop: Browser) -> None:
    assert check(shop).headers["Cache-Control"] == "private, no-cache"
    assert shop.get(PATH).headers["Cache-Control"] == "private, no-store"


def test_no_manifest_and_no_command_is_offered_with_a_name_that_cannot_be(shop: Browser) -> None:
    page = check(shop, name="UPPER")
    assert "it has characters other than" in page.text
    assert "kubectl create" not in page.text
    assert "kind: HelmRequest" not in page.text


def test_nothing_that_the_chart_may_not_know_is_suggested_as_a_value(shop: Browser) -> None:
    assert shop.get(AS_YAML).all("textarea", id="values_yaml")[0]["placeholder"] == "# key: value"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Not_A_Name"}, "cannot be a release name"),
        ({"name": "n" * 54}, "cannot be a release name"),
        ({"namespace": ""}, "cannot be a namespace"),
        ({"namespace": "nowhere"}, "nowhere"),
        ({"values_yaml": "a: [1\nb: }"}, "line"),
        ({"values_yaml": "- a list"}, "The values"),
        ({"cluster": "away"}, "cannot be reached"),
    ],
)
def test_what_speaks_against_it_is_told_and_nothing_typed_is_lost(
    shop: Browser, changes: dict[str, str], told: str
) -> None:
    page = check(shop, **changes)
    assert told in page.text
    assert "Install redis 7.0.0" not in page.text
    assert kept(page, **changes)


def test_a_name_that_is_taken_is_told_before_sending(shop: Browser, kube: KubeApi) -> None:
    kube.put("cache", spec={"chart": "other/thing", "version": "1.0.0"})
    page = check(shop)
    assert "There is already a HelmRequest “cache”" in page.text
    assert page.all("input", id="name")[0]["aria-invalid"] == "true"


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        (401, "Unauthorized", "401"),
        (403, "Forbidden", "403"),
        (409, "AlreadyExists", "collides"),
        (422, "Invalid", "does not accept"),
        (500, "InternalError", "500"),
    ],
)
def test_a_refusal_while_sending_is_told_and_nothing_typed_is_lost(
    shop: Browser, kube: KubeApi, status: int, reason: str, told: str
) -> None:
    form = check(shop).form("/install")

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        if asked.method != "POST" or asked.query.get("dryRun") == ["All"]:
            return None
        kube.objects.clear()
        return refusal(status, reason, "the cluster says no", name="cache")

    kube.faults.append(fault)
    answer = shop.send(form, PATH, step="send")
    page = Page(answer)
    assert answer.status_code >= 400
    uncertain = status >= 500
    assert ("It may have been sent" if uncertain else "It was not sent") in page.text
    assert told in page.text
    assert kept(page)


def test_what_a_balancer_lost_sight_of_is_found_by_the_next_try(shop: Browser, kube: KubeApi) -> None:
    form, late = check(shop).form("/install"), dict[tuple[str, str], Any]()

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        if late or asked.method != "POST" or asked.query.get("dryRun") == ["All"]:
            return None
        late.update(kube.objects)
        kube.objects.clear()
        return html(504)

    kube.faults.append(fault)
    page = shop.sent(form, PATH, status=502, step="send")
    kube.objects.update(late)
    assert shop.send(page.form("/install"), PATH, step="send").status_code == 303
    assert len(kube.objects) == 1


def test_without_a_cluster_the_page_gives_the_manifest_and_the_command(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        browser = Browser(running)
        assert "No cluster is connected" in browser.get(PATH).text
        page = check(browser)
        assert "kubectl create -f -" in page.text
        assert "chart: shop/redis" in page.text
        sent = browser.sent(page.form("/install"), PATH, step="send")
        assert "kubectl create -f -" in sent.text


def test_values_larger_than_a_form_are_taken_and_far_larger_ones_refused(shop: Browser) -> None:
    page = check(shop, values_yaml="# " + "x" * (1024 * 1024 + 10))
    assert "more than 1,048,576 bytes" in page.text
    form = shop.get(PATH).form("/install")
    assert shop.send(form, PATH, values_yaml="x" * (6 * 1024 * 1024)).status_code == 413


def test_hostile_values_come_back_as_text(shop: Browser) -> None:
    values = "</textarea><script>alert(1)</script>: \"'\n"
    page = check(shop, values_yaml=values)
    assert page.form("/install").fields["values_yaml"] == values
    assert "<script>alert" not in page.html


def test_the_editor_gets_a_nonce_and_no_other_page_does(shop: Browser) -> None:
    page = shop.get(PATH)
    nonce = page.all("meta", name="csp-nonce")[0]["content"]
    assert f"style-src 'self' 'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
    assert "nonce" not in shop.get("/").headers["Content-Security-Policy"]


def test_no_secret_of_the_kubeconfig_reaches_a_page(shop: Browser, kube: KubeApi) -> None:
    assert "s3cret" not in json.dumps([check(shop).html, shop.get("/apps").html])
