"""A source as captain's ChartRepo and Secret, and back: what is made, what is seen, what has to be mended."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from catalog_web.captain import chartrepo, limits, objects, status
from catalog_web.captain.chartrepo import Wanted
from catalog_web.captain.errors import ForeignChartRepo
from catalog_web.captain.publish import RETRY_AFTER, default_mode, is_due
from catalog_web.captain.status import Told
from indexer.errors import ClusterUnreachable, Conflict
from indexer.model import Publication, Source
from tests.kube_api import merged

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP = Source("shop", "https://charts.example.org/stable", username="reader", password_file="/run/password")
WANTED = Wanted("shop", "shop", "https://charts.example.org/stable", "reader", "s3cret")
LABELS = {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": "shop"}


def made(wanted: Wanted = WANTED, version: str = "v1beta1") -> dict[str, Any]:
    """As a cluster gives it back."""
    thing = chartrepo.chart_repo(wanted, "captain", version)
    return merged(thing, {"metadata": {"uid": "u-1", "annotations": {chartrepo.LAST_SYNC: "2026-11-25T11:59:00Z"}}})


def made_secret(wanted: Wanted = WANTED) -> Any:
    return merged(chartrepo.secret(wanted, "captain"), {"metadata": {"uid": "u-2"}})


def test_a_source_becomes_a_chart_repo_with_our_label_in_both_versions() -> None:
    newest = chartrepo.chart_repo(WANTED, "captain", "v1beta1")
    assert newest == {
        "apiVersion": "app.alauda.io/v1beta1",
        "kind": "ChartRepo",
        "metadata": {"name": "shop", "namespace": "captain", "labels": LABELS},
        "spec": {
            "type": "Chart",
            "url": "https://charts.example.org/stable",
            "secret": {"name": "chartroom-shop", "namespace": "captain"},
        },
    }
    older = chartrepo.chart_repo(WANTED, "captain", "v1alpha1")
    assert older["apiVersion"] == "app.alauda.io/v1alpha1"
    assert "type" not in older["spec"]  # v1alpha1 knows no type


def test_without_a_login_no_secret_is_named() -> None:
    open_ = replace(WANTED, username="", password="")
    assert "secret" not in chartrepo.chart_repo(open_, "captain", "v1beta1")["spec"]


def test_the_secret_has_the_two_keys_that_captain_reads() -> None:
    secret = chartrepo.secret(WANTED, "captain")
    assert secret["metadata"] == {"name": "chartroom-shop", "namespace": "captain", "labels": LABELS}
    assert chartrepo.texts_of(secret) == {"username": "reader", "password": "s3cret"}
    assert "s3cret" not in repr(WANTED)


@pytest.mark.parametrize("version", ["v1beta1", "v1alpha1"])
def test_what_is_as_wanted_is_left_alone(version: str) -> None:
    assert chartrepo.repo_patch(made(version=version), WANTED, "captain", sync=False) is None
    assert chartrepo.secret_patch(made_secret(), WANTED, "captain") is None


@pytest.mark.parametrize(
    "drift",
    [
        {"spec": {"url": "http://elsewhere.example.org"}},
        {"spec": {"type": "Git"}},
        {"spec": {"secret": {"name": "another"}}},
        {"spec": {"secret": None}},
        {"metadata": {"labels": {"chartroom.dev/source": None}}},
    ],
)
def test_what_somebody_changed_is_put_back_and_captain_reads_it_at_once(drift: dict[str, Any]) -> None:
    present = merged(made(), drift)
    patch = chartrepo.repo_patch(present, WANTED, "captain", sync=False)
    assert patch is not None
    assert patch["metadata"]["uid"] == "u-1"
    mended = merged(present, patch)
    assert mended["spec"] == made()["spec"]
    assert mended["metadata"]["labels"] == LABELS
    assert chartrepo.LAST_SYNC not in mended["metadata"]["annotations"]


def test_other_peoples_labels_and_annotations_stay() -> None:
    present = merged(
        made(), {"metadata": {"labels": {"team": "a"}, "annotations": {"x": "y"}}, "spec": {"url": "http://x"}}
    )
    mended = merged(present, chartrepo.repo_patch(present, WANTED, "captain", sync=False))
    assert mended["metadata"]["labels"]["team"] == "a"
    assert mended["metadata"]["annotations"] == {"x": "y"}


def test_a_changed_password_is_put_back_and_what_does_not_belong_there_goes() -> None:
    present = merged(made_secret(), {"data": {"password": "bm9wZQ==", "extra": "eA=="}})
    patch = chartrepo.secret_patch(present, WANTED, "captain")
    assert patch is not None
    assert chartrepo.texts_of(merged(present, patch)) == {"username": "reader", "password": "s3cret"}


def test_a_sync_is_forced_by_taking_captains_note_away() -> None:
    patch = chartrepo.repo_patch(made(), WANTED, "captain", sync=True)
    assert patch == {"metadata": {"uid": "u-1", "annotations": {"cpaas.io/last-sync-at": None}}}


def test_what_a_chart_repo_says_is_read_whatever_its_shape() -> None:
    one = chartrepo.seen(merged(made(), {"status": {"phase": "Failed", "reason": "404 Not\nFound"}}))
    assert (one.name, one.uid, one.phase, one.reason, one.ours, one.source) == (
        "shop", "u-1", "Failed", "404 Not Found", True, "shop",
    )  # fmt: skip
    assert one.last_sync == datetime(2026, 11, 25, 11, 59, tzinfo=UTC)
    for odd in (
        {},
        {"spec": None, "status": "x", "metadata": []},
        {"metadata": {"annotations": {chartrepo.LAST_SYNC: "?"}}},
    ):
        assert chartrepo.seen(odd).ours is False


def test_a_password_in_an_address_is_not_in_what_captain_says_of_it() -> None:
    thing = {
        "spec": {"url": "http://reader:s3cret@charts.example.org"},
        "status": {"phase": "Failed", "reason": 'Get "http://reader:s3cret@charts.example.org/index.yaml": refused'},
    }
    one = chartrepo.seen(thing)
    assert "s3cret" not in one.reason
    assert "s3cret" not in repr(one)


def test_a_secret_that_is_not_text_gives_nothing() -> None:
    thing = {"data": {"password": "/w==", "username": "?", "other": 3, "good": b64encode(b"x").decode()}}
    assert chartrepo.texts_of(thing) == {"good": "x"}


def test_captain_appends_index_yaml_by_itself() -> None:
    assert chartrepo.direct_url("https://x.example/a/index.yaml") == "https://x.example/a"
    assert chartrepo.direct_url("https://x.example/a/") == "https://x.example/a"


# -- where captain cannot follow


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"kind": "harbor", "parent": "h", "project": "p"}, "no-index"),
        ({"kind": "oci", "url": "oci://registry.example.org/charts"}, "oci"),
        ({"kind": "directory", "url": "/srv/charts"}, "directory"),
        ({"url": "https://x.example/?token=1"}, "query"),
        ({"token_file": "/run/token", "username": "", "password_file": ""}, "token"),
        ({"stored_secrets": ("token",)}, "token"),
        ({"client_cert_file": "/run/tls.crt"}, "client-certificate"),
        ({"client_cert": "PEM"}, "client-certificate"),
        ({"proxy": "http://proxy.example:3128"}, "proxy"),
    ],
)
def test_captain_cannot_follow_everywhere_and_it_is_said_why(settings: dict[str, Any], reason: str) -> None:
    source = replace(SHOP, **settings)
    assert reason in [one.id for one in limits.why_not_direct(source)]
    assert all(one.cause for one in limits.why_not_direct(source))
    assert default_mode(source) == "helm"


def test_captain_follows_an_index_with_a_password_or_without_and_through_no_proxy() -> None:
    assert limits.why_not_direct(SHOP) == limits.why_not_direct(replace(SHOP, proxy="direct")) == ()
    assert default_mode(replace(SHOP, username="", password_file="", ca="PEM")) == "direct"


def test_what_does_not_stop_captain_is_said_as_well() -> None:
    def ids(source: Source, url: str, mode: Any = "direct") -> list[str]:
        return [one.id for one in limits.limits(source, mode, url, "captain")]

    always = ["one-namespace", "exact-versions"]
    assert ids(SHOP, SHOP.url) == ["tls-unverified", *always]
    assert ids(replace(SHOP, exclude=("x*",)), SHOP.url) == ["tls-unverified", "filters", *always]
    assert ids(SHOP, "http://localhost:1/helm/shop", "helm") == ["plain", "loopback", *always]
    assert ids(Source("a", "http://x.example"), "http://x.example") == always
    told = limits.limits(SHOP, "direct", SHOP.url, "captain")[0].cause
    assert "never verifies TLS" in told
    assert "charts.example.org" in told


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("failed to fetch http://127.0.0.1:28080/index.yaml : 401 Unauthorized", "user name and password"),
        ('secrets "absent" not found', "Secret"),
        ("failed to fetch http://127.0.0.1:28081/nowhere/index.yaml : 404 Not Found", "index.yaml"),
        ('Get "http://127.0.0.1:28099/index.yaml": dial tcp 127.0.0.1:28099: connect: connection refused', "network"),
        ('Get "not%20a%20url/index.yaml": unsupported protocol scheme ""', "not one"),
        ("no source specified for git repo", "no Helm repository index"),
        ("dial tcp: lookup captain-chartmuseum on 10.96.0.10:53: no such host", "coredns"),
        ("something else", "tries again"),
    ],
)
def test_each_reason_that_captain_was_seen_to_give_has_a_remedy(reason: str, words: str) -> None:
    assert words in limits.remedy(reason, "direct")


def test_a_refused_password_of_chartrooms_own_is_mended_by_publishing_again() -> None:
    assert "once more" in limits.remedy("failed to fetch x : 401 Unauthorized", "helm")


# -- how it fares


ROW = Publication("home", "shop", "direct")
TOLD = Told(fingerprint="p", change=7, checked=NOW, repo="shop", url=SHOP.url, phase="Synced", last_sync=NOW)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (TOLD, "published"),
        (replace(TOLD, last_sync=None), "published"),
        (replace(TOLD, phase="", last_sync=None), "waiting"),
        (replace(TOLD, phase="Failed", reason="404 Not Found"), "failing"),
        (replace(TOLD, error=Conflict(what="Taken.", hint="Choose.")), "refused"),
        (replace(TOLD, error=ClusterUnreachable(cluster="home", detail="refused")), "unknown"),
    ],
)
def test_captains_word_and_ours_make_one_state(told: Told, state: str) -> None:
    shown = status.published(ROW, told, ())
    assert (shown.state, shown.phase) == (state, told.phase)
    assert shown.cause
    assert "{" not in shown.cause + shown.remedy
    assert status.told_of(status.kept(told)).phase == told.phase


def test_one_that_is_being_taken_back_says_so_even_when_it_fails() -> None:
    gone = replace(ROW, wanted=False)
    error = ClusterUnreachable(cluster="home", detail="refused")
    assert status.published(gone, replace(TOLD, error=error), ()).state == "leaving"


def test_what_came_of_a_try_survives_the_store() -> None:
    told = replace(TOLD, error=ForeignChartRepo(kind="ChartRepo", name="shop", cluster="a", namespace="b", whose="x"))
    back = status.told_of(status.kept(told))
    assert back.error is not None
    assert told.error is not None
    assert (back.error.id, back.error.cause) == (told.error.id, told.error.cause)
    assert replace(back, error=None) == replace(told, error=None)
    assert status.told_of({}) == Told()


@pytest.mark.parametrize(
    ("told", "after", "due"),
    [
        (Told(), 0, True),
        (TOLD, 60, False),
        (TOLD, 301, True),
        (TOLD, -60, True),  # the clock was put back
        (replace(TOLD, fingerprint="other"), 1, True),
        (replace(TOLD, change=6), 1, True),
        (replace(TOLD, error=Conflict(what="", hint="")), 30, False),
        (replace(TOLD, error=Conflict(what="", hint="")), RETRY_AFTER.seconds, True),
    ],
)
def test_what_changed_is_told_at_once_and_drift_is_looked_for_every_five_minutes(
    told: Told, after: int, due: bool
) -> None:
    assert is_due(told, "p", 7, NOW + timedelta(seconds=after)) is due


# -- rights


def test_a_refusal_comes_with_the_role_that_it_takes() -> None:
    text = objects.role_for("captain", 'chartrepos is forbidden: User "system:serviceaccount:tools:chartroom" cannot')
    role, binding = yaml.safe_load_all(text)
    assert {(one["resources"][0], tuple(one["verbs"])) for one in role["rules"]} == {
        ("chartrepos", ("get", "list", "watch", "create", "patch", "delete")),
        ("secrets", ("get", "create", "patch", "delete")),
    }
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "chartroom", "namespace": "tools"}]
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "captain"


def test_a_person_or_nobody_known_gets_a_role_as_well() -> None:
    named = list(yaml.safe_load_all(objects.role_for("captain", 'User "catalog: [x" cannot get')))
    assert named[1]["subjects"][0]["name"] == "catalog: [x"
    assert list(yaml.safe_load_all(objects.role_for("captain", "")))[1]["subjects"][0]["name"] == "chartroom"
