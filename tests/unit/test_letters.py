"""What a notice says, how it is signed, and how long it is tried."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.notices.email import check_address
from catalog_web.notices.letters import body_of, message
from catalog_web.notices.webhook import signature
from indexer.errors import BadAddress
from indexer.notices import MOST_TOLD, Event, next_try

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MANY = tuple((f"chart-{number}", "1.0.0") for number in range(35_884))


def test_a_first_sync_of_many_versions_is_told_by_the_first_ones_and_a_number() -> None:
    body = body_of(Event("k", "version-new", NOW, "shop", versions=MANY), "d1", "https://charts.example.org")
    assert (body["count"], len(body["versions"]), body["more"]) == (35_884, MOST_TOLD, 35_784)
    assert body["text"] == "shop: 35884 new versions"
    assert body["page"] == "https://charts.example.org/activity"


def test_the_signature_is_over_the_time_and_the_body() -> None:
    told = hmac.new(b"secret", b'1000.{"a": 1}', hashlib.sha256).hexdigest()
    assert signature("secret", 1000, b'{"a": 1}') == f"t=1000,v1={told}"


def test_a_delivery_is_tried_less_and_less_often_for_a_day() -> None:
    now, waits = NOW, []
    for attempt in range(1, 100):
        later = next_try(attempt, NOW, now)
        if later is None:
            break
        waits.append(later - now)
        now = later
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(waits) == timedelta(hours=4)
    assert sorted(waits) == waits
    assert timedelta(hours=20) < now - NOW <= timedelta(hours=24)


@given(st.text(max_size=300))
def test_a_subject_is_one_line_whatever_the_names_hold(name: str) -> None:
    body = body_of(Event("k", "source-failing", NOW, name, facts={"error": {"cause": name}}), "d", "")
    subject, _ = message([body], "en", "/account/notices")
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) <= 200


@pytest.mark.parametrize(
    "address",
    [
        "", "ann", "ann@", "@example.org", "ann@example.org\nBcc: all@example.org", "ann@example.org\r\nX: y",
        "ann@example.org, bob@example.org", "Ann <ann@example.org>", "ann@exa mple.org", "ann@.org", "a" * 260 + "@b.c",
        "ann@example..org", "ann@example.org\x00",
    ],
)  # fmt: skip
def test_what_could_be_more_than_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        check_address(address)


def test_several_notices_are_one_message() -> None:
    bodies = [body_of(Event(f"k{one}", "source-well", NOW, f"shop{one}"), "d", "") for one in range(3)]
    subject, text = message(bodies, "en", "https://charts.example.org/account/notices")
    assert subject == "Chartroom: 3 notices"
    assert all(f"shop{one} is synced again" in text for one in range(3))
    assert "https://charts.example.org/account/notices" in text
