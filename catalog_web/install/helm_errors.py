"""What helm says when it fails, as sentences. Pure.

The forms are those of helm 3.22 and 4.3, which differ where a template fails: helm 4 writes it on several lines.
"""

import re

from catalog_web.install.refusal import clean
from indexer.errors import N_, Phrase, phrase

_ADVICE = re.compile(r"\s*Use --debug flag to render out invalid YAML\s*$")
_PLACE = r"\((?P<file>[^():]{1,500}):(?P<line>\d{1,7})(?::\d{1,7})?\)"
_FAILING = re.compile(
    r"(?P<file>[^\s:]{1,500}):(?P<line>\d{1,7}):\d{1,7}:? executing \"[^\"]{1,500}\" at <(?P<at>[^>]{1,500})>: "
)
_SAYINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(rf"^execution error at {_PLACE}: (?P<what>.*)$"),
        N_("The chart refuses these values ({file}, line {line}): {what}"),
    ),
    (
        re.compile(rf"^parse error at {_PLACE}: (?P<what>.*)$"),
        N_("The chart has a mistake: its template {file} cannot be read, line {line}: {what}"),
    ),
    (
        re.compile(r"^YAML parse error on (?P<file>\S{1,500}): (?P<what>.*)$"),
        N_("What the chart makes of these values in {file} is no YAML: {what}"),
    ),
    (
        re.compile(
            r"^chart requires kubeVersion: (?P<what>.{1,200}) which is incompatible with Kubernetes (?P<at>\S{1,60})"
        ),
        N_("The chart needs Kubernetes {what}; the cluster has {at}."),
    ),
    (
        re.compile(r"found in Chart\.yaml, but missing in charts/ directory: (?P<what>.{1,500})"),
        N_("The archive lacks charts that this one depends on: {what}."),
    ),
)


def explain(told: str, secret_values: tuple[str, ...] = ()) -> Phrase:
    """What ``told``, helm's standard error, means: a sentence with its facts, without ``secret_values``."""
    # Warnings come before it.
    text = " ".join(_ADVICE.sub("", told.rpartition("Error: ")[2]).split())
    failing = tuple(_FAILING.finditer(text))
    if failing:
        # The last one is the innermost: where it really happened.
        facts = {**failing[-1].groupdict(), "what": text[failing[-1].end() :]}
        return _phrase(N_("The chart’s template {file} fails in line {line} at “{at}”: {what}"), facts, secret_values)
    for pattern, sentence in _SAYINGS:
        match = pattern.search(text)
        if match:
            return _phrase(sentence, match.groupdict(), secret_values)
    return _phrase(N_("helm says: {what}"), {"what": text or "?"}, secret_values)


def _phrase(sentence: str, facts: dict[str, str], secret_values: tuple[str, ...]) -> Phrase:
    return phrase(sentence, **{key: clean(value, secret_values) for key, value in facts.items()})
