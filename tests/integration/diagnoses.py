"""Test connections as pages, API and command line do, without a store."""

import tempfile
from pathlib import Path
from typing import Any

from indexer.diagnose import Diagnosis, RungId
from indexer.diagnose.ladder import diagnose
from indexer.http import Access
from indexer.model import Source


def diagnosis(url: str, access: Access | None = None, *, seconds: float = 20.0, disclose: bool = True,
              **settings: Any) -> Diagnosis:  # fmt: skip
    """What a test of ``url`` finds; nobody said of which kind it is, unless settings do."""
    source = Source("shop", url, **{"kind_given": "kind" in settings, **settings})
    with tempfile.TemporaryDirectory() as spool:
        return diagnose(source, access or Access(), Path(spool), disclose=disclose, seconds=seconds)


def states(found: Diagnosis) -> dict[str, str]:
    """State by rung, without those that were skipped."""
    return {one.id: one.state for one in found.rungs if one.state != "skipped"}


def failed(found: Diagnosis) -> tuple[RungId, str, str]:
    """Which rung failed, its cause and its remedy. Exactly one may fail, and what is above it was not tried."""
    (broken,) = (one for one in found.rungs if one.state == "fail")
    above = found.rungs[found.rungs.index(broken) + 1 :]
    assert all(one.state == "skipped" for one in above)
    assert not found.is_good
    assert broken.remedy_words
    return broken.id, broken.cause_words, broken.remedy_words
