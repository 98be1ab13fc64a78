"""The table of mirrors, as it is written and as it answers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import config
from indexer.errors import ConfigError
from indexer.mirrors import Mirrors
from indexer.model import ImageMirror

DIGEST = "sha256:" + "ab" * 32
TABLE = Mirrors(
    [
        ImageMirror("docker.io", "mirror.example.com/dockerhub", blocked=True),
        ImageMirror("docker.io/bitnami", "mirror.example.com/bitnami"),
        ImageMirror("gcr.io", blocked=True),
        ImageMirror("quay.io/a/b", "mirror.example.com:5000/own"),
    ]
)


@pytest.mark.parametrize(
    ("image", "mirrored", "blocked"),
    [
        ("nginx:1", "mirror.example.com/dockerhub/library/nginx:1", True),
        ("nginx", "mirror.example.com/dockerhub/library/nginx", True),
        ("a/b:1", "mirror.example.com/dockerhub/a/b:1", True),
        ("index.docker.io/a/b:1", "mirror.example.com/dockerhub/a/b:1", True),
        (f"bitnami/redis:7@{DIGEST}", f"mirror.example.com/bitnami/redis:7@{DIGEST}", False),
        ("bitnamilegacy/redis:7", "mirror.example.com/dockerhub/bitnamilegacy/redis:7", True),
        ("quay.io/a/b:1", "mirror.example.com:5000/own:1", False),
        ("quay.io/a/bc:1", "", False),
        ("gcr.io/x/y:1", "", True),
        ("ghcr.io/x/y:1", "", False),
        ("evilgcr.io/x:1", "", False),
        ("not an image", "", False),
    ],
)
def test_the_longest_line_that_fits_decides(image, mirrored, blocked):
    found = TABLE.place(image)
    assert (found.mirrored, found.blocked) == (mirrored, blocked)
    assert found.is_out_of_reach == (blocked and not mirrored)


def test_without_a_table_nothing_is_said():
    assert not Mirrors([])
    assert Mirrors([]).place("nginx").mirrored == ""


@given(st.text(max_size=60))
def test_it_answers_for_any_text(text):
    assert TABLE.place(text).mirrored.partition("/")[0] in ("", "mirror.example.com", "mirror.example.com:5000")


def loaded(folder: Path, table: str) -> config.Config:
    file = folder / "chartroom.yaml"
    file.write_text(f"image_mirrors: {table}\n")
    return config.load(file, {})


def test_the_table_is_read_from_the_configuration(tmp_path):
    table = "[{registry: docker.io, mirror: m.example/hub/}, {registry: gcr.io, blocked: true}]"
    assert loaded(tmp_path, table).image_mirrors == (
        ImageMirror("docker.io", "m.example/hub"),
        ImageMirror("gcr.io", blocked=True),
    )


def test_the_table_may_come_from_the_environment(tmp_path):
    told = {"CHARTROOM_IMAGE_MIRRORS": '[{"registry": "docker.io", "mirror": "m.example"}]'}
    file = tmp_path / "chartroom.yaml"
    file.write_text("")
    assert config.load(file, told).image_mirrors == (ImageMirror("docker.io", "m.example"),)


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ("[{mirror: m.example}]", "image_mirrors.0.registry"),
        ("[{registry: docker.io}]", "image_mirrors.0: give a mirror, or blocked: true where there is none"),
        ("[{registry: bitnami, mirror: m.example}]", "image_mirrors.0.registry: write a registry"),
        ("[{registry: 'https://docker.io', mirror: m.example}]", "image_mirrors.0.registry: write a registry"),
        ("[{registry: docker.io, mirror: 'http://m.example'}]", "image_mirrors.0.mirror: write a registry"),
        ("[{registry: docker.io, mirror: 'm.example/a:1'}]", "image_mirrors.0.mirror: write a registry"),
        ("[{registry: docker.io, mirror: m.example, bloked: true}]", "image_mirrors.0.bloked"),
        (
            "[{registry: docker.io, blocked: true}, {registry: index.docker.io, mirror: m.example}]",
            "image_mirrors.1.registry: docker.io stands there twice",
        ),
    ],
)
def test_a_table_that_cannot_work_is_told_with_its_place(tmp_path, table, mistake):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, table)
    assert mistake in caught.value.cause
