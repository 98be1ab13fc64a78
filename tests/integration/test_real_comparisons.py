"""Versions of real charts are compared, and what is said of them is what their histories say."""

import pytest

from indexer.archive import read_archive
from indexer.compare import Comparison, compare
from indexer.errors import fill
from indexer.yaml_lines import dotted
from tests.data import real_data


def compared(repository: str, name: str, old: str, new: str) -> Comparison:
    folder = real_data(repository)
    was, now = (read_archive(folder / f"{name}-{version}.tgz", chart=name, version=version) for version in (old, new))
    return compare(was.metadata, was, now.metadata, now)


def said(found: Comparison) -> list[str]:
    return [f"{one.severity}: {fill(**one.sentence)}" for one in found.reasons]


def test_the_rewrite_of_argo_cd_is_a_breaking_change() -> None:
    found = compared("argo", "argo-cd", "0.7.2", "1.0.0")
    assert found.verdict == "breaking"
    assert "breaking: server.metricsPort is gone, and no template reads it any more: setting it has no effect." in said(
        found
    )
    assert "breaking: server.serviceType is gone; it seems to be server.service.type now." in said(found)


def test_another_type_of_extra_arguments_is_found() -> None:
    found = compared("argo", "argo-cd", "2.0.0", "2.17.5")
    assert "breaking: server.extraArgs is a list now, it was a mapping." in said(found)
    assert found.values
    assert len(found.values.of_kind("added")) == 43
    assert [one.name for one in found.dependencies] == ["redis-ha"]


def test_what_moved_in_argo_is_guessed() -> None:
    found = compared("argo", "argo", "0.1.1", "0.2.1")
    assert found.values
    moved = {dotted(one.before.path): dotted(one.path) for one in found.values.of_kind("moved") if one.before}
    assert moved == {
        "enableWebConsole": "ui.enableWebConsole",
        "executorImage": "images.executor",
        "imagesNamespace": "images.namespace",
        "minioBucketName": "minio.defaultBucket.name",
        "uiImage": "images.ui",
    }


def test_custom_resources_that_take_less_are_found_in_templates_too() -> None:
    found = compared("argo", "argo-cd", "0.3.0", "0.4.0")
    assert any("appprojects.argoproj.io requires more fields: v1alpha1.spec" in one for one in said(found))


@pytest.mark.parametrize(
    ("repository", "name", "old", "new"),
    [("argo", "argo-cd", "3.3.5", "3.4.0"), ("stable", "mailhog", "2.3.0", "2.3.1")],
)
def test_small_steps_break_nothing(repository: str, name: str, old: str, new: str) -> None:
    assert compared(repository, name, old, new).verdict in (None, "information")
    assert compared(repository, name, new, new).is_empty
