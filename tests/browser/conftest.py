"""One Chartroom, one cluster and one browser for all tests; a window of its own for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.room import (
    ARGO,
    SAMPLE,
    Room,
    real_repositories,
    sample_repository,
    serving,
    wait_for,
)
from tests.browser.visitor import BROWSER_OPTIONS, WIDE, Visitor
from tests.parts.control_plane import control_plane
from tests.parts.fake_captain import captain_on
from tests.parts.located import located
from tests.parts.relay import Relay, relayed_kubeconfig
from tests.upstream import upstream

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Chartroom on the sample repository and, where they are, two real ones; three ways to one cluster."""
    folder = tmp_path_factory.mktemp("browser")
    with ExitStack() as stack:
        site = stack.enter_context(upstream())
        plane = stack.enter_context(control_plane(folder))
        for namespace in ("apps", "ops", "captain"):
            plane.create_namespace(namespace)
        relay = Relay(int(plane.url.rpartition(":")[2]))
        stack.callback(relay.cut)
        real = real_repositories(site)
        site.put("/broken/index.yaml", "<!doctype html><title>Please sign in</title>", content_type="text/html")
        broken = {"name": "broken", "title": "A broken one", "url": f"{site.url}/broken"}
        clusters = [
            {"name": "home", "kubeconfig": str(plane.kubeconfig)},
            {"name": "guarded", "kubeconfig": str(plane.kubeconfig_for("stranger"))},
            {"name": "shaky", "kubeconfig": str(relayed_kubeconfig(plane, relay))},
        ]
        sources = [sample_repository(folder / "sample"), *real, broken]
        url = stack.enter_context(serving(folder / "chartroom", sources, clusters))
        captain = stack.enter_context(captain_on(plane))
        goal = ARGO if real else SAMPLE
        made = Room(url, site, plane, captain, relay, goal)
        for name in ("sample", goal.source):
            wait_for(partial(made.charts, name), f"the first sync of {name}")
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=located("chromium"), args=list(BROWSER_OPTIONS))
        yield started
        started.close()


@pytest.fixture
def visit(room: Room, browser: Browser) -> Iterator[Visit]:
    """Opens windows; each is looked over when the test ends."""
    visitors: list[Visitor] = []

    def open_window(
        *, width: int = WIDE, scheme: str = "light", language: str = "en", javascript: bool = True, url: str = ""
    ) -> Visitor:
        made = Visitor(browser, url or room.url, width=width, scheme=scheme, language=language, javascript=javascript)
        visitors.append(made)
        return made

    yield open_window
    with ExitStack() as stack:
        for one in visitors:
            stack.callback(one.leave)
