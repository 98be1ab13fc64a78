"""What helm says when it fails becomes a sentence that names the place; helm 3 and 4 say it differently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.helm_errors import explain
from indexer.errors import fill

ADVICE = "\n\nUse --debug flag to render out invalid YAML\n"
HELM_3 = (
    'Error: template: bad/templates/x.yaml:2:6: executing "bad/templates/x.yaml" at <include "deep" .>: error calling '
    'include: template: bad/templates/_h.tpl:2:10: executing "deep" at <.Values.a.b.c>: nil pointer evaluating '
    "interface {}.b"
)
HELM_4 = """\
Error: bad/templates/x.yaml:2:6
  executing "bad/templates/x.yaml" at <include "deep" .>:
    error calling include:
bad/templates/_h.tpl:2:10
  executing "deep" at <.Values.a.b.c>:
    nil pointer evaluating interface {}.b"""


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            "level=WARN msg=old\nError: execution error at (bad/templates/x.yaml:4:6): who is needed" + ADVICE,
            "The chart refuses these values (bad/templates/x.yaml, line 4): who is needed",
        ),
        (
            "Error: parse error at (bad/templates/y.yaml:1): missing value for if" + ADVICE,
            "The chart has a mistake: its template bad/templates/y.yaml cannot be read, line 1: missing value for if",
        ),
        (
            "Error: YAML parse error on bad/templates/x.yaml: error converting YAML to JSON: yaml: line 2: no" + ADVICE,
            "What the chart makes of these values in bad/templates/x.yaml is no YAML: "
            "error converting YAML to JSON: yaml: line 2: no",
        ),
        (
            "Error: chart requires kubeVersion: >=1.20.0 which is incompatible with Kubernetes v1.19.0" + ADVICE,
            "The chart needs Kubernetes >=1.20.0; the cluster has v1.19.0.",
        ),
        (
            "Error: an error occurred while checking for chart dependencies. You may need to run 'helm dependency "
            "build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis, etcd",
            "The archive lacks charts that this one depends on: redis, etcd.",
        ),
        ("Error: something new", "helm says: something new"),
        ("", "helm says: ?"),
    ],
)
def test_helms_words_become_a_sentence(told: str, sentence: str) -> None:
    found = explain(told)
    assert fill(found["text"], found["params"]) == sentence


@pytest.mark.parametrize("told", [HELM_3, HELM_4])
def test_the_innermost_place_is_told_in_both_ways_of_writing(told: str) -> None:
    found = explain(told + ADVICE)
    assert fill(found["text"], found["params"]) == (
        "The chart’s template bad/templates/_h.tpl fails in line 2 at “.Values.a.b.c”: "
        "nil pointer evaluating interface {}.b"
    )


def test_G6_a_secret_value_that_helm_quotes_is_left_out() -> None:
    found = explain("Error: execution error at (a/templates/x.yaml:4:6): bad password s3cret-value", ("s3cret-value",))
    assert "s3cret" not in str(found)


@given(st.text(st.sampled_from('Error: atexcuing<>"()/.:1\n'), max_size=400))
def test_whatever_is_said_it_is_told(told: str) -> None:
    found = explain(told)
    assert fill(found["text"], found["params"])
