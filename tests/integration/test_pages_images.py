"""The images of a version: on their tab, as text for mirroring, over the API and on the command line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from indexer.store import tables
from tests.command import chartroom, write_config
from tests.pages import Browser, Page
from tests.unit.chart_archives import packed, tar
from tests.web import Web, web

EVIL = "<script>alert(1)</script>"
DIGEST = "sha256:" + "ab" * 32
FILES = {
    "Chart.yaml": "apiVersion: v2\nname: demo\nversion: 2.0.0\nappVersion: '9.9'\n"
    "dependencies: [{name: redis, condition: redis.enabled}]\n"
    "annotations:\n  artifacthub.io/images: |\n    - image: ghcr.io/listed/app:5\n",
    "values.yaml": "image: {registry: quay.io, repository: own/app, tag: ''}\n"
    f"proxy: {{image: 'nginx@{DIGEST}'}}\nsidecar: {{image: gcr.io/side/car}}\n"
    f"exporter: {{enabled: false, image: 'bitnami/exporter:1'}}\nredis: {{enabled: false}}\n"
    f"evil: {{image: '{EVIL}'}}\n",
    "templates/pod.yaml": "spec:\n"
    '  - image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default "2" }}"\n'
    "  - image: {{ .Values.proxy.image }}\n  - image: {{ .Values.sidecar.image }}\n  - image: busybox:1.36\n",
    "charts/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n",
    "charts/redis/values.yaml": "image: redis:latest\n",
    "charts/redis/templates/pod.yaml": "image: {{ .Values.image }}\n",
}
PLAIN = {"Chart.yaml": "apiVersion: v2\nname: plain\nversion: 1.0.0\n"}
LIBRARY = {"Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n"}
MIRRORS = [
    {"registry": "docker.io", "mirror": "mirror.example.com/hub"},
    {"registry": "gcr.io", "blocked": True},
]
CERTAIN = ["quay.io/own/app:2", f"nginx@{DIGEST}", "gcr.io/side/car", "busybox:1.36", "ghcr.io/listed/app:5"]
GUESSED = ["bitnami/exporter:1", "redis:latest"]


def pack(folder: Path, name: str, files: dict[str, str]) -> None:
    (folder / f"{name}.tgz").write_bytes(
        packed(tar([(f"{name}/{path}", text.encode()) for path, text in files.items()]))
    )


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    for name, files in (("demo", FILES), ("plain", PLAIN), ("common", LIBRARY)):
        pack(folder, name, files)
    return folder


@pytest.fixture(scope="module")
def running(charts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    sources = [{"name": "local", "url": str(charts), "kind": "directory"}]
    with web(tmp_path_factory.mktemp("room"), sources, image_mirrors=MIRRORS) as opened:
        opened.sync("local")
        yield opened


@pytest.fixture
def browser(running: Web) -> Browser:
    return Browser(replace(running, client=running.app.test_client()))


def tab(browser: Browser, query: str = "", chart: str = "demo") -> Page:
    return browser.get(f"/charts/local/{chart}?tab=images{query}")


def test_each_image_is_told_with_tag_origin_and_how_sure_it_is(browser: Browser) -> None:
    page = tab(browser)
    assert "Images7" in page.text
    for words in ("quay.io/own/app", "busybox", "1.36", "ghcr.io/listed/app", "artifacthub.io/images", "certain"):
        assert words in page.text
    assert "sha256:abababababab" in page.text
    assert "guessed The default values leave it out." in page.text
    assert "The default values leave its subchart out; redis.enabled switches it on." in page.text
    assert "subchart redis" in page.text


def test_origins_lead_to_the_values_and_to_the_template(browser: Browser) -> None:
    page = tab(browser)
    assert page.links["image"].endswith("?tab=values&path=image#values-image")
    assert page.links["redis.image"].endswith("?tab=values&path=redis.image#values-redis.image")
    assert page.links["templates/pod.yaml"].endswith("?tab=templates&file=templates/pod.yaml")


def test_images_without_a_fixed_version_and_of_blocked_registries_are_warned_of(browser: Browser) -> None:
    page = tab(browser)
    assert "no tag: another image any day" in page.text
    assert "latest: another image any day" in page.text
    assert "gcr.io/side/car its registry is blocked here, and no mirror has it" in page.text


def test_the_mirror_that_would_serve_an_image_stands_beside_it(browser: Browser) -> None:
    page = tab(browser)
    assert f"mirror.example.com/hub/library/nginx@{DIGEST}" in page.text
    assert "mirror.example.com/hub/bitnami/exporter:1" in page.text
    assert any(one["data-copy"].startswith("mirror-") for one in page.all("button") if "data-copy" in one)


def test_the_table_can_be_searched_and_cut_down_and_the_address_says_so(browser: Browser) -> None:
    assert "busybox" not in tab(browser, "&find=QUAY").text
    assert "quay.io/own/app" in tab(browser, "&find=QUAY").text
    assert "bitnami/exporter" not in tab(browser, "&sure=certain").text
    guessed = tab(browser, "&sure=guessed")
    assert ("bitnami/exporter" in guessed.text, "busybox" in guessed.text) == (True, False)
    nothing = tab(browser, "&find=nothing-like-this")
    assert "No image of this version fits." in nothing.text
    assert nothing.links["Show all"].endswith("?tab=images")


def test_nothing_hostile_in_values_reaches_the_page(browser: Browser) -> None:
    assert EVIL not in tab(browser, f"&find={EVIL}&sure={EVIL}").html


def test_a_chart_without_images_says_so(browser: Browser) -> None:
    assert "No image was found" in tab(browser, chart="plain").text
    assert "A library chart installs nothing by itself" in tab(browser, chart="common").text


def test_images_that_were_never_looked_for_are_not_told_as_none(charts: Path, tmp_path: Path) -> None:
    with web(tmp_path / "room", [{"name": "local", "url": str(charts), "kind": "directory"}]) as old:
        old.sync("local")
        with old.services.store.database.write() as connection:
            connection.execute(update(tables.contents).values(format=0))
        for file in (tmp_path / "room" / "data" / "archives").glob("*/*.tgz"):
            file.unlink()
        page = Browser(old).get("/charts/local/demo?tab=images")
        assert "The images are not known yet" in page.text
        assert old.client.get("/charts/local/demo/2.0.0/images.txt").status_code == 404
        answer = old.ask("GET", "/api/v1/charts/local/demo/versions/2.0.0").get_json()
        assert answer["images"] is None


def test_an_archive_of_an_earlier_version_is_read_again_when_somebody_looks(charts: Path, tmp_path: Path) -> None:
    with web(tmp_path / "room", [{"name": "local", "url": str(charts), "kind": "directory"}]) as old:
        old.sync("local")
        with old.services.store.database.write() as connection:
            connection.execute(update(tables.contents).values(format=0))
        assert "quay.io/own/app" in Browser(old).get("/charts/local/demo?tab=images").text


def text(browser: Browser, query: str = "") -> list[str]:
    answer = browser.running.client.get(f"/charts/local/demo/2.0.0/images.txt{query}")
    assert answer.mimetype == "text/plain"
    return answer.get_data(as_text=True).splitlines()


def test_the_images_as_text_are_one_reference_a_line_for_those_who_mirror_them(browser: Browser) -> None:
    assert text(browser) == [*CERTAIN, *GUESSED]
    assert text(browser, "?certain=1") == CERTAIN
    assert text(browser, "?certain=1&mirrored=1") == [
        f"nginx@{DIGEST} mirror.example.com/hub/library/nginx@{DIGEST}",
        "busybox:1.36 mirror.example.com/hub/library/busybox:1.36",
    ]


def test_the_images_of_a_version_that_is_not_there_are_not_found(browser: Browser) -> None:
    assert browser.running.client.get("/charts/local/demo/3.0.0/images.txt").status_code == 404
    assert browser.running.client.get("/charts/local/none/3.0.0/images.txt").status_code == 404


def test_the_api_tells_images_in_full(running: Web) -> None:
    answer = running.ask("GET", "/api/v1/charts/local/demo/versions/2.0.0")
    running.check("GET", "/api/v1/charts/local/demo/versions/2.0.0", answer)
    found = {one["reference"]: one for one in answer.get_json()["images"]}
    assert list(found) == [*CERTAIN, *GUESSED]
    assert found["quay.io/own/app:2"] == {
        "reference": "quay.io/own/app:2",
        "certain": True,
        "origin": "values",
        "where": "image",
        "chart": "",
        "doubt": "",
        "hint": "",
        "floating": False,
        "mirror": "",
        "blocked": False,
    }
    assert found["gcr.io/side/car"]["blocked"]
    assert found["redis:latest"]["mirror"] == "mirror.example.com/hub/library/redis:latest"
    assert (found["redis:latest"]["doubt"], found["redis:latest"]["hint"]) == ("disabled", "redis.enabled")


def test_the_command_line_prints_them_one_a_line(charts: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path / "room", [{"name": "local", "url": str(charts), "kind": "directory"}])
    assert chartroom(config, "sync").returncode == 0
    done = chartroom(config, "show", "local/demo", "--images")
    assert done.stdout.splitlines() == [*CERTAIN, *GUESSED]
    assert done.stderr == "5 certain, 2 guessed; --json tells where each is from.\n"
    assert chartroom(config, "show", "local/plain", "--images").stdout == ""
