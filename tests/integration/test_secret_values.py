"""Secret values go to a Secret beside the HelmRequest and nowhere else: planted ones are looked for everywhere."""

import json
import logging
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_web.install.secret_values import secret_name
from tests.kube_api import Asked, Fault, KubeApi, Reply, html, refusal
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CANARY, SECOND = "canary-of-values-7fd1", "canary-in-a-list-93aa"
VALUES = f"""\
# the shop's cache
replicas: 2
auth:
  password: {CANARY} # never shown
users:
- name: reader
  password: {SECOND}
"""
INSTALL = {
    "source": "shop",
    "chart": "redis",
    "namespace": "apps",
    "name": "cache",
    "values_yaml": VALUES,
    "request_id": "click-1",
}
APP = "/api/v1/installs/home/apps/cache"
PAGES = ["/apps", "/apps/home/apps/cache", "/", "/activity", "/charts/shop/redis/1.0.0/install", "/feeds/all.atom"]
ANSWERS = ["/api/v1/installs", APP, f"{APP}/history", "/api/v1/charts?q=canary", "/api/v1/changes", "/metrics"]


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    repository({"redis": ("1.0.0", "0.9.0")}).serve(site)
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=[cluster]) as running:
        running.sync()
        yield running


def install(running: Web, status: int = 201, query: str = "", **changes: Any) -> Any:
    return running.send("POST", f"/api/v1/installs{query}", {**INSTALL, **changes}, status)


def held(kube: KubeApi) -> dict[str, Any]:
    """The values of the one Secret."""
    ((_, secret),) = kube.secrets.items()
    return dict(yaml.safe_load(b64decode(secret["data"]["values.yaml"])))


def on_disk(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


def really(asked: Asked) -> bool:
    """Creating the HelmRequest, not as a dry run."""
    return asked.method == "POST" and asked.path.endswith("/helmrequests") and "dryRun" not in asked.query


def of_secret(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/secrets")


def once(answer: Reply, when: Any) -> Fault:
    """The first request that `when` is true of arrives, and gets another answer."""
    seen: list[Asked] = []

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        if seen or not when(asked):
            return None
        seen.append(asked)
        return answer

    return fault


def test_what_is_secret_goes_to_a_secret_that_the_helmrequest_names(shop: Web, kube: KubeApi) -> None:
    install(shop)
    thing = kube.objects["apps", "cache"]
    ((namespace, name),) = kube.secrets
    assert namespace == "apps"
    assert thing["spec"]["values"] == {"replicas": 2}
    assert thing["spec"]["valuesFrom"] == [{"secretKeyRef": {"name": name, "key": "values.yaml"}}]
    assert held(kube) == {"auth": {"password": CANARY}, "users": [{"name": "reader", "password": SECOND}]}
    secret = kube.secrets["apps", name]
    assert secret["immutable"] is True
    assert secret["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "chartroom"
    assert secret["metadata"]["labels"]["chartroom.dev/app"] == "cache"


def test_the_secret_is_there_before_the_helmrequest(shop: Web, kube: KubeApi) -> None:
    install(shop)
    written = [one.path.rpartition("/")[2] for one in kube.asked("POST") if "dryRun" not in one.query]
    assert written == ["secrets", "helmrequests"]


def test_G6_a_planted_secret_is_on_no_page_in_no_answer_log_event_or_file(
    shop: Web, kube: KubeApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = [json.dumps(install(shop, 200, "?dry_run=true")), json.dumps(install(shop))]
    told += [shop.ask("GET", path).get_data(as_text=True) for path in (*ANSWERS, *PAGES)]
    told.append(json.dumps(install(shop)))  # a second click
    told.append(json.dumps(install(shop, 409, values_yaml=VALUES.replace("2", "3"))))  # … with another content
    told.append(json.dumps(install(shop, 409, request_id="other")))  # the name is taken by now
    told.append(json.dumps(shop.send("DELETE", APP, None, 202)))
    told += [shop.ask("GET", path).get_data(as_text=True) for path in (*ANSWERS, *PAGES)]
    told += [record.getMessage() for record in caplog.records]
    told.append(json.dumps([one.body for one in kube.log if "/secrets" not in one.path]))
    told.append(json.dumps([one.path for one in kube.log]))
    shop.services.store.close()
    told.append(on_disk(tmp_path / "room").decode(errors="replace"))
    for canary in (CANARY, SECOND):
        assert not [one[:200] for one in told if canary in one]


def test_G6_the_history_keeps_everything_else_as_it_was_typed(shop: Web) -> None:
    install(shop)
    (sent,) = shop.services.store.revisions.history("home", "apps", "cache")
    assert sent.secret_paths == ("auth.password", "users")
    assert "# the shop's cache\nreplicas: 2\n" in sent.values_yaml
    assert sent.secret.startswith("cache-values-")
    assert sent.manifest["spec"]["values"] == {"replicas": 2}


def test_G6_a_webhook_that_quotes_what_it_refuses_is_not_repeated(shop: Web, kube: KubeApi) -> None:
    kube.faults.append(once(refusal(422, "Invalid", f"values.yaml: {CANARY} is too simple", kind="secrets"), of_secret))
    problem = json.dumps(install(shop, 422))
    assert CANARY not in problem
    assert "is too simple" in problem
    assert kube.objects == {}


def test_the_caller_says_what_is_secret(shop: Web, kube: KubeApi) -> None:
    install(shop, values_yaml="plain: 1\nodd: quiet\n", secret_paths=["odd"])
    assert held(kube) == {"odd": "quiet"}
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"plain": 1}


def test_or_that_nothing_is(shop: Web, kube: KubeApi) -> None:
    install(shop, secret_paths=[])
    assert kube.secrets == {}
    assert kube.objects["apps", "cache"]["spec"]["values"]["auth"] == {"password": CANARY}


# -- what goes wrong


@pytest.mark.parametrize("answer", [refusal(403, "Forbidden", "no"), refusal(422, "Invalid", "no")])
def test_after_a_refusal_of_the_helmrequest_its_secret_is_gone(shop: Web, kube: KubeApi, answer: Reply) -> None:
    def refuse(asked: Asked, _reply: Reply) -> Reply | None:
        if not really(asked):
            return None
        kube.objects.clear()
        return answer

    kube.faults.append(refuse)
    install(shop, json.loads(answer.body)["code"])
    assert kube.secrets == {}
    assert shop.services.store.revisions.history("home", "apps", "cache") == ()


def test_after_a_refusal_of_the_secret_nothing_is_sent_or_kept(shop: Web, kube: KubeApi) -> None:
    kube.forbidden = {"secrets"}
    assert install(shop, 403)["id"] == "cluster-refused"
    assert kube.objects == {}
    assert shop.services.store.revisions.history("home", "apps", "cache") == ()


def test_L1_a_lost_answer_about_the_secret_finds_it_and_goes_on(shop: Web, kube: KubeApi) -> None:
    kube.faults.append(once(html(504), of_secret))
    again = install(shop, 502)
    assert again["id"] == "cluster"
    assert install(shop)["revision"] == 1
    assert (len(kube.secrets), len(kube.objects)) == (1, 1)


def test_L1_after_a_lost_answer_about_the_helmrequest_the_secret_stays_and_the_retry_finds_both(
    shop: Web, kube: KubeApi
) -> None:
    def away(asked: Asked, _reply: Reply) -> Reply | None:
        if not really(asked) and not (asked.method == "GET" and asked.path.endswith("/cache")):
            return None
        return html(502) if kube.objects else None

    kube.faults.append(away)
    install(shop, 502)
    assert len(kube.secrets) == 1
    kube.faults.clear()
    assert install(shop)["revision"] == 1
    assert (len(kube.secrets), len(kube.objects)) == (1, 1)


def test_the_same_request_with_another_secret_is_no_second_click(shop: Web, kube: KubeApi) -> None:
    kube.faults.append(once(html(502), of_secret))
    install(shop, 502)
    problem = install(shop, 409, values_yaml=VALUES.replace(CANARY, "another"))
    assert "other secret values" in problem["cause"]
    assert kube.objects == {}


def test_a_secret_of_somebody_else_under_that_name_is_never_used(shop: Web, kube: KubeApi) -> None:
    kube.put_secret(secret_name("cache", "click-1"), "apps", **{"values.yaml": "auth: {password: theirs}"})
    install(shop, 409)
    assert kube.objects == {}
    assert list(kube.secrets) == [("apps", secret_name("cache", "click-1"))]


# -- through the page


def test_G6_installed_by_the_form_the_secret_goes_the_same_way(
    shop: Web, kube: KubeApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser, path = Browser(shop), "/charts/shop/redis/1.0.0/install"
    form = {"namespace": "apps", "name": "cache", "values_yaml": VALUES}
    checked = browser.sent(browser.get(path).form("/install"), path, step="check", **form)
    browser.followed(checked.form("/install"), path, step="send")
    assert held(kube)["auth"] == {"password": CANARY}
    assert "valuesFrom" in kube.objects["apps", "cache"]["spec"]
    told = [shop.ask("GET", one).get_data(as_text=True) for one in (*ANSWERS, *PAGES)]
    told += [record.getMessage() for record in caplog.records]
    shop.services.store.close()
    told.append(on_disk(tmp_path / "room").decode(errors="replace"))
    for canary in (CANARY, SECOND):
        assert not [one[:200] for one in told if canary in one]
