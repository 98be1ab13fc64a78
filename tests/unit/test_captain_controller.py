"""The test controller keeps what captain 1.5.0 was recorded to keep, and tries again at the recorded pace."""

import base64
import gzip
import json
from typing import Any, cast

import pytest

from tests.parts.captain_charts import Failure, chart_of_request, merged
from tests.parts.captain_controller import gap
from tests.parts.captain_release import Rendered, manifest_of, record
from tests.parts.fake_captain import FakeCaptain

RENDERED = Rendered({"metadata": {"name": "tiny"}}, {"replicaCount": 2}, "---\nkind: Service\n", [], "Have fun.")


def test_the_first_tries_follow_fast_and_then_the_gaps_double() -> None:
    recorded = [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.6]
    assert [gap(tries) for tries in range(1, 10)] == pytest.approx(recorded)


def test_a_release_has_the_recorded_shape() -> None:
    made = record("apps-a", "tiny-a", 1, RENDERED, "deployed", "Install complete")
    assert (made["metadata"]["name"], made["spec"]["name"], made["spec"]["version"]) == (
        "sh.helm.release.v1.tiny-a.v1",
        "tiny-a",
        1,
    )
    labels = {"name": "tiny-a", "owner": "helm", "status": "deployed", "version": "1"}
    assert made["metadata"]["labels"] == labels
    assert made["spec"].keys() == {"chartData", "configData", "hooksData", "manifestData", "name", "version"}
    told = {key: made["status"][key] for key in ("Description", "deleted", "notes", "status")}
    assert told == {"Description": "Install complete", "deleted": "", "notes": "Have fun.", "status": "deployed"}


def test_what_a_release_holds_is_json_packed_twice() -> None:
    made = record("apps-a", "tiny-a", 1, RENDERED, "deployed", "Install complete")
    unpacked = json.loads(gzip.decompress(base64.b64decode(made["spec"]["configData"])))
    assert unpacked == {"replicaCount": 2}
    assert manifest_of(made) == RENDERED.manifest


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({}, "cannot parse chart name"),
        ({"chart": "tiny"}, "cannot parse chart name"),
        ({"chart": "a/b/c"}, "cannot parse chart name"),
        ({"source": {"http": {"url": "ftp://x/y.tgz"}}}, "URL ftp://x/y.tgz does not start with HTTP or HTTPS"),
        ({"source": {"oci": {"repo": "host/tiny"}}}, "tag explicitly required"),
    ],
)
def test_what_names_no_chart_fails_in_the_recorded_words(spec: dict[str, Any], reason: str) -> None:
    nobody = cast(FakeCaptain, None)  # it is not asked
    with pytest.raises(Failure) as caught:
        chart_of_request(nobody, {"metadata": {"namespace": "apps"}, "spec": spec}, "captain")
    assert str(caught.value) == reason


def test_later_values_win_key_by_key() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merged(below, {"a": {"c": [3]}, "e": None}) == {"a": {"b": 1, "c": [3]}, "d": 1, "e": None}
