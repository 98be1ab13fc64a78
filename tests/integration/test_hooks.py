"""Webhooks: who may call, what a call makes due, and what it costs."""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from catalog_web.api.hooks import CLOUD_EVENT
from catalog_web.hooks.calls import Calls
from catalog_web.hooks.keys import HookRefused
from catalog_web.registration import new_hook_secret
from indexer.errors import Conflict, StoreUnavailable
from indexer.model import Source, SourceState
from tests.command import chartroom, write_config
from tests.integration.test_sync import wait_until
from tests.web import Web, web

SECRET = "Bearer 7dfb6f9b8a1c"
OTHER = "an odd one, as Harbor lets you type it"


def harbor_event(kind: str = "PUSH_ARTIFACT", project: str = "library", name: str = "argo-cd") -> dict[str, Any]:
    """As Harbor 2.x sends it."""
    return {"type": kind, "occur_at": 1795418176, "operator": "admin", "event_data": data(project, name)}


def cloud_event(kind: str = "harbor.artifact.pushed") -> dict[str, Any]:
    """The same in the other format."""
    return {
        "specversion": "1.0",
        "id": "11db093f-d0e2-4a8b-9d31-5c2b5f66fbf3",
        "source": "/projects/3/webhook/policies/4",
        "type": kind,
        "datacontenttype": "application/json",
        "time": "2026-11-23T07:32:46Z",
        "data": data("library", "argo-cd"),
        "operator": "admin",
    }


def data(project: str, name: str) -> dict[str, Any]:
    digest = "sha256:" + "1f98" * 16
    url = f"harbor.example/{project}/{name}:3.3.4"
    repository = {
        "date_created": 1795418176,
        "name": name.rpartition("/")[2],
        "namespace": project,
        "repo_full_name": f"{project}/{name}",
        "repo_type": "public",
    }
    return {"resources": [{"digest": digest, "tag": "3.3.4", "resource_url": url}], "repository": repository}


def register(room: Web, source: Source) -> None:
    """Register it as one that was synced and is not due for long."""
    store = room.services.store
    store.sources.add(source, datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Web]:
    for name, text in (("secret", SECRET), ("other", OTHER)):
        (tmp_path / name).write_text(text + "\n")
    with web(tmp_path / "room") as running:
        harbor = Source("harbor", "https://harbor.example", "harbor", hook_secret_file=str(tmp_path / "secret"))
        register(running, harbor)
        project = Source(
            "harbor.library", harbor.url, "harbor", hook_secret_file=harbor.hook_secret_file, parent="harbor",
            project="library",
        )  # fmt: skip
        register(running, project)
        register(running, Source("shop", "https://shop.example", hook_secret_file=str(tmp_path / "other")))
        register(running, Source("quiet", "https://quiet.example"))
        yield running


def call(
    room: Web, body: Any, status: int = 202, *, to: str = "harbor", secret: str | None = SECRET, **headers: str
) -> Any:
    """Call the hook as a program does; the JSON of the answer."""
    sent = {} if secret is None else {"Authorization": secret}
    return room.send("POST", f"/hooks/{to}", body, status, headers={**sent, **headers})


def state(room: Web, name: str) -> SourceState:
    return room.services.store.sources.get(name)


def pending(room: Web, name: str) -> set[str]:
    return set(state(room, name).pending)


# -- what a call makes due


@pytest.mark.parametrize("kind", ["PUSH_ARTIFACT", "DELETE_ARTIFACT", "UPLOAD_CHART", "DELETE_CHART"])
def test_an_event_of_harbor_lets_its_repository_be_read(room: Web, kind: str) -> None:
    answer = call(room, harbor_event(kind))
    assert answer == {"requested": [{"source": "harbor.library", "names": ["argo-cd"]}], "note": ""}
    assert pending(room, "harbor.library") == {"argo-cd"}
    assert state(room, "harbor.library").due_reason == "webhook"
    assert pending(room, "harbor") == set()


@pytest.mark.parametrize("kind", ["harbor.artifact.pushed", "harbor.artifact.deleted"])
def test_an_event_of_harbor_may_come_as_a_cloud_event(room: Web, kind: str) -> None:
    call(room, cloud_event(kind), **{"Content-Type": f"{CLOUD_EVENT}; charset=UTF-8"})
    assert pending(room, "harbor.library") == {"argo-cd"}


def test_a_nested_repository_is_named_below_its_project(room: Web) -> None:
    call(room, harbor_event(name="nested/deeper/argo-cd"))
    assert pending(room, "harbor.library") == {"nested/deeper/argo-cd"}


@pytest.mark.parametrize("kind", ["PULL_ARTIFACT", "SCANNING_COMPLETED", "harbor.quota.exceeded", "of a later Harbor"])
def test_an_event_that_says_nothing_of_charts_is_taken_and_let_go(room: Web, kind: str) -> None:
    answer = call(room, {**harbor_event(kind), "event_data": {"replication": {"overall_status": "Success"}}})
    assert answer["requested"] == []
    assert answer["note"]
    assert pending(room, "harbor.library") == set()


def test_a_project_that_is_not_known_yet_is_looked_for(room: Web) -> None:
    answer = call(room, harbor_event(project="team-b"))
    assert answer["requested"] == [{"source": "harbor", "names": []}]
    assert state(room, "harbor").due_reason == "webhook"


def test_a_project_that_the_source_leaves_out_is_said_to_be(room: Web, tmp_path: Path) -> None:
    some = Source("some", "https://h.example", "harbor", projects=("team-*",), hook_secret_file=str(tmp_path / "some"))
    (tmp_path / "some").write_text("Bearer some")
    register(room, some)
    assert call(room, harbor_event(), secret="Bearer some") == {
        "requested": [],
        "note": "No source of this call takes what it names.",
    }
    assert call(room, harbor_event(project="team-b"), secret="Bearer some")["requested"]


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("oci://harbor.example", ["library/argo-cd"]),
        ("oci://harbor.example/library", ["argo-cd"]),
        ("oci://harbor.example/library/argo-cd", ["library/argo-cd"]),
        ("oci://harbor.example/lib", None),
        ("oci://harbor.example/team-b", None),
    ],
)
def test_a_registry_below_a_path_is_asked_for_what_lies_there(
    room: Web, tmp_path: Path, url: str, names: list[str] | None
) -> None:
    (tmp_path / "oci").write_text("Bearer oci")
    register(room, Source("oci", url, "oci", hook_secret_file=str(tmp_path / "oci")))
    requested = call(room, harbor_event(), secret="Bearer oci")["requested"]
    assert requested == ([{"source": "oci", "names": names}] if names else [])


def test_a_program_names_a_chart_or_a_whole_source(room: Web) -> None:
    assert call(room, {"source": "shop", "chart": "apple"}, to="generic", secret=OTHER)["requested"] == [
        {"source": "shop", "names": ["apple"]}
    ]
    assert call(room, {"source": "harbor.library"}, to="generic")["requested"] == [
        {"source": "harbor.library", "names": []}
    ]
    assert (pending(room, "shop"), pending(room, "harbor.library")) == ({"apple"}, {""})


def test_a_disabled_source_is_not_read(room: Web, tmp_path: Path) -> None:
    (tmp_path / "off").write_text("Bearer off")
    register(room, Source("off", "https://off.example", enabled=False, hook_secret_file=str(tmp_path / "off")))
    answer = call(room, {"source": "off"}, to="generic", secret="Bearer off")
    assert answer == {"requested": [], "note": "The source is disabled."}


def test_a_secret_of_two_sources_names_both(room: Web, tmp_path: Path) -> None:
    register(room, Source("twin", "https://twin.example", hook_secret_file=str(tmp_path / "secret")))
    assert [one["source"] for one in call(room, harbor_event())["requested"]] == ["harbor.library", "twin"]


# -- who may call


@pytest.mark.parametrize("secret", [None, "", "Bearer wrong", SECRET + " ", SECRET.lower(), SECRET[:-1], "é" * 500])
@pytest.mark.parametrize("to", ["harbor", "generic"])
def test_J3_a_wrong_or_absent_secret_is_refused_in_the_same_words(room: Web, secret: str | None, to: str) -> None:
    bodies = ({"source": "shop"}, harbor_event(), {}, [])
    told = {json.dumps(call(room, body, 401, to=to, secret=secret)) for body in bodies}
    assert len(told) == 1
    assert json.loads(told.pop())["id"] == "hook-refused"
    assert pending(room, "shop") == set()


@pytest.mark.parametrize("source", ["shop", "quiet", "absent", "harbor.absent"])
def test_a_secret_opens_no_other_source(room: Web, source: str) -> None:
    assert call(room, {"source": source}, 401, to="generic")["id"] == "hook-refused"


def test_a_source_without_a_secret_cannot_be_named(room: Web) -> None:
    call(room, {"source": "quiet"}, 401, to="generic", secret="")


def test_a_secret_that_cannot_be_read_closes_that_source_alone(
    room: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "other").unlink()
    call(room, harbor_event())
    call(room, {"source": "shop"}, 401, to="generic", secret=OTHER)
    assert "webhooks cannot name shop" in caplog.text


def test_no_secret_is_logged_or_answered(room: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [call(room, harbor_event()), call(room, harbor_event(), 401, secret="Bearer guessed")]
    assert "a webhook asked for harbor.library: argo-cd" in caplog.text
    for secret in (SECRET, OTHER, "guessed"):
        assert secret not in caplog.text + json.dumps(answers)


def test_a_call_needs_no_page_of_ours_and_no_name_of_ours(room: Web) -> None:
    call(room, harbor_event(), Origin="https://harbor.example", Host="chartroom.apps.svc:8080")
    assert pending(room, "harbor.library") == {"argo-cd"}


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_what_is_not_called_json_is_not_read(room: Web, media: str) -> None:
    call(room, harbor_event(), 415, **{"Content-Type": media})
    call(room, {"source": "shop"}, 415, to="generic", secret=OTHER, **{"Content-Type": CLOUD_EVENT})


# -- what is not a call


@pytest.mark.parametrize(
    "change",
    [
        {"event_data": None},
        {"event_data": {}},
        {"event_data": []},
        {"event_data": {"resources": [], "repository": data("a", "b")["repository"]}},
        {"event_data": {"resources": None, "repository": data("a", "b")["repository"]}},
        {"event_data": {"resources": [None], "repository": data("a", "b")["repository"]}},
        {"event_data": {"resources": data("a", "b")["resources"]}},
        {"event_data": {"resources": data("a", "b")["resources"], "repository": None}},
        {"event_data": {"resources": data("a", "b")["resources"], "repository": []}},
        {"event_data": {"resources": data("a", "b")["resources"], "repository": {"namespace": "a"}}},
        {"event_data": {"resources": data("a", "b")["resources"], "repository": {"repo_full_name": "a/b"}}},
        {"event_data": data("a", "")},
        {"type": None},
        {"type": ["PUSH_ARTIFACT"]},
    ],
)
def test_J2_an_event_with_absent_or_empty_parts_is_refused(room: Web, change: Mapping[str, Any]) -> None:
    assert call(room, {**harbor_event(), **change}, 400)["id"] == "bad-request"
    call(room, harbor_event())


@pytest.mark.parametrize(
    "body", [{}, [], None, "x", 1, {"source": ""}, {"source": None}, {"source": []}, {"source": "shop", "chart": {}},
             {"source": "shop", "more": 1}, {"source": "shop", "chart": "x" * 300}],
)  # fmt: skip
def test_J2_a_generic_call_with_absent_or_odd_parts_is_refused(room: Web, body: Any) -> None:
    assert call(room, body, 400, to="generic", secret=OTHER)["id"] == "bad-request"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"a":1,"a":2}', b"NaN", b""])
def test_J2_what_is_no_json_is_refused(room: Web, body: bytes) -> None:
    headers = {"Authorization": SECRET, "Content-Type": "application/json"}
    answer = room.ask("POST", "/hooks/harbor", data=body, headers=headers)
    assert answer.status_code == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "repository"]), inner),
    max_leaves=10,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["PUSH_ARTIFACT", "x"]) | JSON},
    optional={"event_data": JSON | st.just(data("a", "b")), "data": JSON},
)


@given(EVENTS | JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
def test_J2_whatever_comes_is_taken_or_refused(room: Web, body: Any) -> None:
    headers = {"Authorization": SECRET, "Content-Type": "application/json"}
    answer = room.ask("POST", "/hooks/harbor", data=json.dumps(body), headers=headers)
    assert answer.status_code in (202, 400)


def test_J1_a_body_beyond_a_mebibyte_is_refused_and_only_after_its_secret_was_looked_at(room: Web) -> None:
    large = {**harbor_event(), "filler": "x" * 1024 * 1024}
    assert call(room, large, 413)["id"] == "request-entity-too-large"
    assert call(room, large, 401, secret="Bearer wrong")["id"] == "hook-refused"


# -- what comes again


def test_J3_a_generic_call_that_comes_again_does_nothing(room: Web) -> None:
    body = {"source": "shop", "chart": "apple", "id": "build-17"}
    assert call(room, body, to="generic", secret=OTHER)["requested"]
    assert call(room, body, to="generic", secret=OTHER) == {"requested": [], "note": "This call was taken already."}
    assert call(room, {**body, "id": "build-18"}, to="generic", secret=OTHER)["requested"]


class Away:
    """What calls make due, where the database is away for the first of them."""

    def __init__(self) -> None:
        self.names: list[Collection[str] | None] = []

    def request(self, name: str, now: datetime, only: Collection[str] | None = None) -> bool:
        self.names.append(only)
        if len(self.names) == 1:
            raise StoreUnavailable(detail="it is away")
        return True


def test_J3_a_call_that_could_not_be_kept_is_taken_when_it_comes_again(room: Web) -> None:
    away = Away()
    hooks = Calls(room.services.hooks.keys, away)
    owners = hooks.keys.owners(OTHER)
    with pytest.raises(StoreUnavailable):
        hooks.named(owners, "shop", "apple", "build-17")
    assert hooks.named(owners, "shop", "apple", "build-17").asked
    assert not hooks.named(owners, "shop", "apple", "build-17").asked
    assert away.names == [("apple",), ("apple",)]


def test_J4_ten_thousand_calls_are_one_sync_a_repository_and_few_writes(room: Web) -> None:
    hooks = room.services.hooks
    (harbor,) = hooks.keys.owners(SECRET)
    statements: list[str] = []
    engine = room.services.store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    for number in range(10_000):
        hooks.changed([harbor], "library", f"chart-{number % 5}")
    assert pending(room, "harbor.library") == {f"chart-{number}" for number in range(5)}
    writes = sum(one.startswith("UPDATE") for one in statements)
    assert writes < 500  # one a name and second, not one a call


def test_J4_a_source_is_read_within_seconds_and_no_more_often_than_that(room: Web) -> None:
    before = state(room, "harbor.library")
    call(room, harbor_event())
    after = state(room, "harbor.library")
    assert before.next_due is not None
    assert after.next_due is not None
    assert after.next_due < datetime.now(UTC) + timedelta(seconds=5) < before.next_due
    assert after.full_due == before.full_due


# -- as it is described


def test_the_hooks_stand_in_the_description(room: Web) -> None:
    document = room.get("/api/v1/openapi.json")
    for path in ("/hooks/harbor", "/hooks/generic"):
        described = document["paths"][path]["post"]
        assert set(described["responses"]) >= {"202", "400", "401", "413", "415"}
        assert described["security"] == [{"webhook": []}]
    assert set(document["paths"]["/hooks/harbor"]["post"]["requestBody"]["content"]) == {
        "application/json",
        CLOUD_EVENT,
    }


def test_what_leads_nowhere_below_the_hooks_is_told_as_a_problem(room: Web) -> None:
    assert room.ask("GET", "/hooks/harbor").status_code == 405
    assert room.ask("POST", "/hooks/quay", data=b"{}").mimetype == "application/problem+json"


def test_a_refusal_says_how_to_prove_oneself(room: Web) -> None:
    answer = room.ask("POST", "/hooks/harbor", data=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="webhooks"')


# -- a secret of its own


def test_a_new_secret_lets_a_source_be_named_and_ends_the_one_before(room: Web) -> None:
    first = new_hook_secret(room.services, "quiet")
    assert call(room, {"source": "quiet"}, to="generic", secret=first.authorization)["requested"]
    second = new_hook_secret(room.services, "quiet")
    assert second.authorization not in repr(second)
    wait_until(lambda: _names(room, second.authorization) == ["quiet"])
    call(room, {"source": "quiet"}, 401, to="generic", secret=first.authorization)


def _names(room: Web, authorization: str) -> list[str]:
    try:
        return [one.name for one in room.services.hooks.keys.owners(authorization)]
    except HookRefused:
        return []


@pytest.mark.parametrize("name", ["harbor", "harbor.library"])
def test_a_secret_in_a_file_or_of_a_project_is_not_made_here(room: Web, name: str) -> None:
    with pytest.raises(Conflict):
        new_hook_secret(room.services, name)


def test_what_a_source_is_read_with_is_no_webhook_secret(room: Web) -> None:
    room.services.store.secrets.put("quiet", "token", "Bearer of the source")
    call(room, {"source": "quiet"}, 401, to="generic", secret="Bearer of the source")


def test_the_command_prints_what_to_enter_and_a_running_chartroom_takes_it(tmp_path: Path) -> None:
    config = write_config(tmp_path, public_url="https://charts.example.org/room")
    chartroom(config, "source", "add", "shop", "https://shop.example")
    done = chartroom(config, "source", "hook", "shop")
    assert done.returncode == 0, done.stderr
    assert "Endpoint URL    https://charts.example.org/room/hooks/harbor" in done.stdout
    (header,) = (line for line in done.stdout.splitlines() if "Auth Header" in line)
    with web(tmp_path, public_url="https://charts.example.org/room") as running:
        call(running, {"source": "shop"}, to="generic", secret=header.removeprefix("  Auth Header     "))
    made = json.loads(chartroom(config, "source", "hook", "shop", "--json").stdout)
    assert set(made) == {"source", "authorization", "harbor", "generic"}
    assert chartroom(config, "source", "hook", "absent").returncode == 1
