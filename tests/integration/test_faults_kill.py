"""SIGKILL of processes at random moments; ``make soak`` does it a hundred times."""

from pathlib import Path

import pytest

from tests.postgres import real_postgres
from tests.replicas import fleet
from tests.soak.kills import rounds
from tests.upstream import Site

pytestmark = pytest.mark.parts


def test_M1_a_process_that_is_killed_and_started_again_shows_the_whole_source(tmp_path: Path, site: Site) -> None:
    with fleet(tmp_path, "", [{"name": "shop", "url": site.url}]) as made:
        assert rounds(made, site, 3, ["serve"]).kills == 3


def test_M1_any_of_three_processes_that_is_killed_leaves_the_others_with_the_whole_source(
    tmp_path: Path, site: Site
) -> None:
    with (
        real_postgres() as postgres,
        fleet(tmp_path, postgres.create("kills"), [{"name": "shop", "url": site.url}]) as made,
    ):
        assert rounds(made, site, 3, ["serve", "serve", "serve"]).kills == 3
