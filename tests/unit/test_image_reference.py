"""References of container images, taken apart as registries and container runtimes do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.image_reference import read_reference

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nginx", ("", "nginx", "", "")),
        ("nginx:1.25", ("", "nginx", "1.25", "")),
        ("bitnami/redis:7.2.4-debian-11-r0", ("", "bitnami/redis", "7.2.4-debian-11-r0", "")),
        ("quay.io/argoproj/argocd:v2.12.0", ("quay.io", "argoproj/argocd", "v2.12.0", "")),
        ("localhost/app", ("localhost", "app", "", "")),
        ("registry:5000/a/b:1", ("registry:5000", "a/b", "1", "")),
        ("[fd00::1]:5000/a", ("[fd00::1]:5000", "a", "", "")),
        (f"ghcr.io/a/b@{DIGEST}", ("ghcr.io", "a/b", "", DIGEST)),
        (f"ghcr.io/a/b:1@{DIGEST}", ("ghcr.io", "a/b", "1", DIGEST)),
    ],
)
def test_it_tells_registry_repository_tag_and_digest_apart(text, parts):
    found = read_reference(text)
    assert found is not None
    assert (found.registry, found.repository, found.tag, found.digest) == parts
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    ["", "Nginx", "nginx:", ":1", "nginx@", "nginx@sha256:12", "https://x.example/a", "a b", "a//b", "/a", "a/", "-a",
     "{{ x }}", "a:b:c/d e", "a" * 2000, "x/" * 200 + "y", "git@github.com:a/b", "a:" + "t" * 129, "图:1"],
)  # fmt: skip
def test_what_is_no_reference_is_none(text):
    assert read_reference(text) is None


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("docker.io/nginx:1", "docker.io/library/nginx:1"),
        ("index.docker.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("registry-1.docker.io/bitnami/redis:7", "docker.io/bitnami/redis:7"),
        ("Quay.IO/a/b:1", "quay.io/a/b:1"),
        (f"a/b@{DIGEST}", f"docker.io/a/b@{DIGEST}"),
    ],
)
def test_equal_images_are_equal_in_full_however_they_are_written(text, full):
    found = read_reference(text)
    assert found is not None
    assert found.full == full


@pytest.mark.parametrize(
    ("text", "floats"), [("a", True), ("a:latest", True), ("a:1", False), (f"a@{DIGEST}", False), ("a:latest-1", False)]
)
def test_an_image_without_a_fixed_version_is_another_one_tomorrow(text, floats):
    found = read_reference(text)
    assert found is not None
    assert found.floats is floats


@given(st.text(max_size=300))
def test_it_never_raises_and_writes_back_what_it_read(text):
    found = read_reference(text)
    assert found is None or found.text == text
