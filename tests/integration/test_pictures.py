"""Icons and READMEs' pictures from servers that misbehave: no page waits, and a letter stands where no picture is."""

import base64
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.test import TestResponse

from catalog_web.pages.icons import readme_pictures
from indexer.http import DEFAULT_ALLOW, Access, network
from indexer.model import Source
from indexer.pictures import ICON, README, Pictures, Wanted, child
from indexer.pictures.files import PictureFiles
from indexer.pictures.memory import Memory
from indexer.pictures.pictures import AT_ONCE
from indexer.signing import Signer
from tests.pages import Browser
from tests.pictures import RED, as_image, noise, png_that_tells, raster, svg
from tests.repository import repository
from tests.upstream import Site, upstream
from tests.web import Web, web

SIGNER = Signer(b"key")
ICON_PATH = "/charts/shop/redis/icon"


def serve(site: Site, icons: Mapping[str, str]) -> None:
    """A repository whose charts (by name) have those icons."""
    made = repository(dict.fromkeys(icons, ("1.0.0",)))
    index = yaml.safe_load(made.index)
    for name, entries in index["entries"].items():
        entries[0]["icon"] = icons[name]
    made.serve(site)
    site.put("/index.yaml", yaml.safe_dump(index))


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    """Another server, where pictures are."""
    with upstream() as running:
        yield running


@contextmanager
def room(folder: Path, site: Site, **options: Any) -> Iterator[Web]:
    """A Chartroom that has synced the shop at ``site``."""
    source = {"name": "shop", "url": site.url, "content": "none", **options.pop("source", {})}
    with web(folder / "room", [source], **options) as running:
        running.sync()
        yield running


def until(check: Callable[[], Any], seconds: float = 20) -> Any:
    """What ``check`` gives once that is something."""
    ends = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < ends:
        time.sleep(0.02)
    assert found
    return found


def icon_on_the_page(running: Web, path: str = ICON_PATH) -> bool:
    return bool(Browser(running).get("/").all("img", src=path))


def icon(running: Web, path: str = ICON_PATH) -> TestResponse:
    """The icon, once a page shows it."""
    until(lambda: icon_on_the_page(running, path))
    answer = running.ask("GET", path)
    assert answer.status_code == 200
    return answer


def never(running: Web, site: Site, path: str) -> None:
    """The picture at ``path`` of ``site`` was asked for, and the page goes on to show a letter."""
    assert not icon_on_the_page(running)
    until(lambda: site.asked(path))
    settled(running)
    assert not icon_on_the_page(running)
    assert running.ask("GET", ICON_PATH).status_code == 404


def settled(running: Web) -> None:
    """Nothing is being fetched any more."""
    until(lambda: not running.services.pictures._waiting)


def test_the_first_page_shows_a_letter_and_the_next_one_the_picture(
    tmp_path: Path, site: Site, elsewhere: Site
) -> None:
    elsewhere.put("/logo.png", raster(size=(900, 600)), content_type="image/png")
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site) as running:
        assert not icon_on_the_page(running)
        image = as_image(icon(running).get_data())
    assert (image.format, image.size, image.getpixel((60, 40))) == ("PNG", (128, 85), RED)


def test_a_picture_is_fetched_once_and_outlives_a_restart(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster(), content_type="image/png")
    serve(site, {"redis": f"{elsewhere.url}/logo.png", "valkey": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site) as running:
        icon(running)
        icon(running, "/charts/shop/valkey/icon")
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        assert icon_on_the_page(running)
        assert icon(running).headers["ETag"]
    assert len(elsewhere.asked("/logo.png")) == 1


def test_equal_bytes_at_two_addresses_are_kept_once(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    for name in ("a", "b"):
        elsewhere.put(f"/{name}.png", raster(), content_type="image/png")
    serve(site, {"redis": f"{elsewhere.url}/a.png", "valkey": f"{elsewhere.url}/b.png"})
    with room(tmp_path, site) as running:
        tags = {icon(running, f"/charts/shop/{name}/icon").headers["ETag"] for name in ("redis", "valkey")}
    assert len(tags) == 1
    assert len(list((tmp_path / "room" / "data" / "pictures" / "made").glob("??/*-icon"))) == 1


def test_F7_an_icon_comes_with_a_type_of_ours_and_can_run_nothing(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    hostile = svg('<rect width="20" height="20" fill="#c81e1e"/><script>alert(1)</script>')
    elsewhere.put("/logo", hostile, content_type="text/html")
    serve(site, {"redis": f"{elsewhere.url}/logo"})
    with room(tmp_path, site) as running:
        answer = icon(running)
        again = running.ask("GET", ICON_PATH, headers={"If-None-Match": answer.headers["ETag"]})
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert again.status_code == 304
    assert b"script" not in answer.get_data()


@pytest.mark.parametrize(
    "body",
    [
        b"<html><h1>Sign in</h1></html>",
        png_that_tells(30_000, 30_000),
        raster() + bytes(1024 * 1024),
        b"",
        raster()[:100],
    ],
    ids=["HTML", "a huge one", "over 1 MiB", "nothing", "cut"],
)
def test_F8_what_is_no_picture_leaves_the_letter(tmp_path: Path, site: Site, elsewhere: Site, body: bytes) -> None:
    elsewhere.put("/logo.png", body, content_type="image/png")
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site) as running:
        never(running, elsewhere, "/logo.png")


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("status", {"status": 404}),
        ("status", {"status": 500}),
        ("silent", {}),
        ("slow", {}),
        ("cut", {"at": 50}),
        ("endless", {}),
        ("gzip", {"coding": "br"}),
        ("redirect", {"to": "http://169.254.169.254/latest/meta-data"}),
        ("redirect", {"to": "file:///etc/passwd"}),
        ("hang_up", {}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_F9_a_server_that_misbehaves_costs_its_icon_alone(
    tmp_path: Path, site: Site, elsewhere: Site, mode: str, options: dict[str, Any]
) -> None:
    elsewhere.put("/logo.png", raster(), content_type="image/png")
    elsewhere.behave("/logo.png", mode, **options)
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site) as running:
        never(running, elsewhere, "/logo.png")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/logo.png",
        "http://[fd00:ec2::254]/logo.png",
        "http://0x7f.1/logo.png",
        "http://user:word@example.org/logo.png",
        "http://127.0.0.1:9\\@example.org/logo.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "x" * 100_000,
    ],
)
def test_F9_an_address_that_may_not_be_asked_leaves_the_letter(tmp_path: Path, site: Site, address: str) -> None:
    serve(site, {"redis": address})
    with room(tmp_path, site) as running:
        assert not icon_on_the_page(running)
        settled(running)
        assert not icon_on_the_page(running)
        assert running.ask("GET", ICON_PATH).status_code == 404


def test_F9_an_inner_address_is_not_asked_for_a_source_of_somebody(tmp_path: Path, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster())
    somebody = Source("shop", "https://charts.example.org")
    folder = Source("local", str(tmp_path), kind="directory")
    pictures = Pictures(tmp_path / "pictures", lambda _: Access(network=network(DEFAULT_ALLOW)), SIGNER)
    try:
        for source in (somebody, folder):
            wanted = Wanted(source, f"{elsewhere.url}/logo.png")
            assert pictures.known(wanted) is None
            assert pictures.wait(wanted, 5) is None
    finally:
        pictures.close()
    assert elsewhere.log == []


def test_F9_a_folders_charts_do_not_reach_this_machine_by_their_icons(tmp_path: Path, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster())
    folder = tmp_path / "charts"
    folder.mkdir()
    made = repository({"redis": ("1.0.0",)})
    index = yaml.safe_load(made.index)
    index["entries"]["redis"][0]["icon"] = f"{elsewhere.url}/logo.png"
    (folder / "index.yaml").write_text(yaml.safe_dump(index))
    for name, body in made.archives.items():
        (folder / name).write_bytes(body)
    with web(tmp_path / "room", [{"name": "shop", "url": str(folder)}]) as running:
        running.sync()
        assert not icon_on_the_page(running)
        settled(running)
        assert not icon_on_the_page(running)
    assert elsewhere.log == []


def test_F9_nobody_waits_longer_than_asked_for_an_icon_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    logo = tmp_path / "charts" / "logo.png"
    logo.write_bytes(raster())
    pictures = Pictures(tmp_path / "pictures", lambda _: Access(), SIGNER)
    wanted = Wanted(Source("local", str(logo.parent), kind="directory"), "logo.png")
    try:
        with child._TURN:  # another picture is being made, and takes its time
            assert pictures.wait(wanted, 0) is None
        first = until(lambda: pictures.wait(wanted, 1))
        logo.write_bytes(raster(size=(30, 30)))
        memory = Memory(tmp_path / "pictures", SIGNER)
        memory.put(wanted.key, replace(memory.get(wanted.key), again=0.0))
        assert pictures.wait(wanted, 20) not in (None, first), "whoever changed it sees it"
    finally:
        pictures.close()


def test_F9_a_thousand_icons_at_once_are_asked_for_by_a_few_and_no_page_waits(tmp_path: Path, elsewhere: Site) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def access_of(_: Source) -> Access:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1
        return Access()

    pictures = Pictures(tmp_path / "pictures", access_of, SIGNER)
    source = Source("shop", elsewhere.url)
    elsewhere.put("/slow.png", raster())
    elsewhere.behave("/slow.png", "silent")
    try:
        for number in range(3_000):
            assert pictures.known(Wanted(source, f"{elsewhere.url}/slow.png?{number}")) is None
        assert len(pictures._waiting) <= 1_000
        until(lambda: not pictures._waiting, 60)
    finally:
        pictures.close()
    assert most <= AT_ONCE
    assert 0 < len(elsewhere.log) <= 2 * AT_ONCE, "a host that does not answer is left alone for a while"


def test_F9_the_page_of_a_slow_icon_comes_at_once(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster())
    elsewhere.behave("/logo.png", "silent")
    names = [f"chart{number}" for number in range(24)]
    serve(site, {name: f"{elsewhere.url}/logo.png?{name}" for name in names})
    with room(tmp_path, site) as running:
        page = Browser(running).get("/")
        assert running.services.pictures._waiting, "the page was there before the pictures were"
        assert len(page.all("span", class_="tile")) == 24
        assert page.all("img") == []


def test_what_failed_is_tried_again_after_a_while_that_grows(tmp_path: Path, elsewhere: Site) -> None:
    pictures = Pictures(tmp_path / "pictures", lambda _: Access(), SIGNER)
    wanted = Wanted(Source("shop", elsewhere.url), f"{elsewhere.url}/logo.png")
    waits: list[float] = []
    try:
        for _ in range(4):
            pictures.known(wanted)
            until(lambda: not pictures._waiting)
            pictures.known(wanted)
            outcome = pictures._memory.get(wanted.key)
            waits.append(outcome.again - time.time())
            pictures._memory.put(wanted.key, type(outcome)(outcome.picture, outcome.failures, 0.0))
    finally:
        pictures.close()
    assert len(elsewhere.asked("/logo.png")) == 4
    assert waits == pytest.approx([600, 1200, 2400, 4800], abs=30)


def test_the_credentials_of_a_source_go_to_its_own_server_alone(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    for one in (site, elsewhere):
        one.put("/logo.png", raster())
    site.protect("reader", "canary-word")
    (tmp_path / "password").write_text("canary-word")
    serve(site, {"redis": "logo.png", "valkey": f"{elsewhere.url}/logo.png"})
    login = {"username": "reader", "password_file": str(tmp_path / "password")}
    with room(tmp_path, site, source=login) as running:
        icon(running)
        icon(running, "/charts/shop/valkey/icon")
    assert "authorization" in site.asked("/logo.png")[0].headers
    assert "authorization" not in elsewhere.asked("/logo.png")[0].headers


def test_an_icon_that_stands_in_its_own_address_is_shown(tmp_path: Path, site: Site) -> None:
    packed = base64.b64encode(raster()).decode()
    plain = "data:image/svg+xml;utf8," + svg().decode().replace("#", "%23")
    serve(site, {"redis": f"data:image/png;base64,{packed}", "valkey": plain})
    with room(tmp_path, site, remote_pictures=False) as running:
        for name in ("redis", "valkey"):
            assert as_image(icon(running, f"/charts/shop/{name}/icon").get_data()).format == "PNG"


def test_no_server_is_asked_where_remote_pictures_are_off(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster())
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site, remote_pictures=False) as running:
        assert not icon_on_the_page(running)
        settled(running)
        assert signed(running, f"{elsewhere.url}/logo.png") is None
    assert elsewhere.log == []


# -- pictures of READMEs


def signed(running: Web, address: str) -> str | None:
    with running.app.test_request_context():
        return readme_pictures(running.services.config.sources[0], "redis")(address)


def test_a_picture_of_a_readme_comes_through_here_and_is_sized_down(
    tmp_path: Path, site: Site, elsewhere: Site
) -> None:
    elsewhere.put("/shot.png", raster(size=(3_000, 1_500)))
    serve(site, {"redis": ""})
    with room(tmp_path, site) as running:
        answer = running.ask("GET", signed(running, f"{elsewhere.url}/shot.png") or "")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert as_image(answer.get_data()).size == (1600, 800)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "referer" not in elsewhere.log[0].headers
    assert "cookie" not in elsewhere.log[0].headers


def test_F6_only_what_a_readme_names_is_fetched(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    elsewhere.put("/shot.png", raster())
    elsewhere.put("/other.png", raster())
    serve(site, {"redis": ""})
    with room(tmp_path, site) as running:
        good = signed(running, f"{elsewhere.url}/shot.png") or ""
        for path in (
            good.replace("shot.png", "other.png"),
            good.rpartition("&by=")[0],
            good[:-1] + ("0" if good[-1] != "0" else "1"),
            good.replace("/redis/", "/valkey/"),
            "/charts/shop/redis/picture",
        ):
            assert running.ask("GET", path).status_code == 404
        assert running.ask("GET", good).status_code == 200
    assert elsewhere.asked("/other.png") == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:image/png;base64,aGk=", "//host/x.png", "x.png"])
def test_F6_other_addresses_are_no_pictures_of_a_readme(tmp_path: Path, site: Site, address: str) -> None:
    serve(site, {"redis": ""})
    with room(tmp_path, site) as running:
        assert signed(running, address) is None


def test_F8_a_readmes_picture_over_the_limit_is_not_shown(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    large = noise(1_000, 800)
    assert len(large) > README.most_bytes > ICON.most_bytes
    elsewhere.put("/shot.png", large)
    serve(site, {"redis": ""})
    with room(tmp_path, site) as running:
        assert running.ask("GET", signed(running, f"{elsewhere.url}/shot.png") or "").status_code == 404


def test_a_badge_is_served_as_a_drawing_that_can_run_nothing(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    badge = svg('<rect width="20" height="20"/><text y="9">build</text>')
    elsewhere.put("/badge.svg", badge, content_type="image/svg+xml")
    serve(site, {"redis": ""})
    with room(tmp_path, site) as running:
        answer = running.ask("GET", signed(running, f"{elsewhere.url}/badge.svg") or "")
    assert (answer.mimetype, answer.get_data()) == ("image/svg+xml", badge)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# -- what is kept


def test_N5_a_picture_or_a_memory_that_somebody_else_wrote_is_fetched_anew(
    tmp_path: Path, site: Site, elsewhere: Site
) -> None:
    elsewhere.put("/logo.png", raster(), content_type="image/png")
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    folder = tmp_path / "room" / "data" / "pictures"
    with room(tmp_path, site) as running:
        good = icon(running).get_data()
        (made,) = (folder / "made").glob("??/*-icon")
        (kept,) = (folder / "addresses").glob("??/*")
        memory = kept.read_bytes()
        for spoil in (
            lambda: made.write_bytes(b"<script>"),
            lambda: kept.write_bytes(b"\n" + memory.partition(b"\n")[2]),
        ):
            spoil()
            assert icon(running).get_data() == good
    assert len(elsewhere.asked("/logo.png")) == 3


def test_what_was_not_seen_for_the_longest_time_leaves_first(tmp_path: Path, elsewhere: Site) -> None:
    files = PictureFiles(tmp_path, SIGNER, limit=250)
    for number, name in enumerate(("aa", "bb", "cc")):
        with files.temporary() as made:
            made.write_bytes(bytes(100))
            files.put(made, f"{name * 32}-icon")
        os.utime(tmp_path / "made" / name / f"{name * 32}-icon", (time.time() - 10_000 + number,) * 2)
    assert files.path("aa" * 32 + "-icon")  # it is used now
    files.tidy()
    assert files.path("bb" * 32 + "-icon") is None
    assert all(files.path(name * 32 + "-icon") for name in ("aa", "cc"))


def test_a_picture_that_left_is_fetched_again(tmp_path: Path, site: Site, elsewhere: Site) -> None:
    elsewhere.put("/logo.png", raster())
    serve(site, {"redis": f"{elsewhere.url}/logo.png"})
    with room(tmp_path, site) as running:
        icon(running)
        for file in (tmp_path / "room" / "data" / "pictures" / "made").glob("??/*"):
            file.unlink()
        assert not icon_on_the_page(running)
        icon(running)
    assert len(elsewhere.asked("/logo.png")) == 2
