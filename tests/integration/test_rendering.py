"""Rendering runs a program on foreign input: it gets nothing of ours, and what goes wrong with it is told.

The program is a script that stands for helm and misbehaves; the real helm is in test_rendering_with_helm.
"""

import json
import os
from pathlib import Path

import pytest

from catalog_web.install.helm_program import MAX_OUTPUT, HelmProgram
from catalog_web.install.rendering import Renderer, Rendering
from indexer.errors import HelmAbsent, HelmUnusable, RenderRefused, RenderTooLarge

ASKED = Rendering(Path("/archives/ab/abc.tgz"), {"who": "ann"}, "web", "apps", "v1.36.3", ("apps/v1", "bad one", "v1"))


def standing_in(folder: Path, script: str) -> Path:
    program = folder / "helm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def render(folder: Path, script: str, seconds: float = 20) -> str:
    program = HelmProgram(str(standing_in(folder, script)), seconds=seconds)
    return "".join(one.text for one in Renderer(program).render(ASKED).objects)


def test_helm_gets_the_values_by_a_pipe_and_the_chart_by_its_path(tmp_path: Path) -> None:
    said = 'printf "kind: Said\\nwords: \\"%s\\"\\nvalues: %s\\n" "$*" "$(cat)"'
    assert render(tmp_path, said) == (
        'kind: Said\nwords: "template --namespace apps --values - --include-crds --skip-schema-validation '
        '--kube-version v1.36.3 --api-versions apps/v1,v1 -- web /archives/ab/abc.tgz"\nvalues: {"who": "ann"}\n'
    )


def test_helm_gets_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/root/.kube/config")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("HELM_KUBETOKEN", "s3cret")
    monkeypatch.setenv("CHARTROOM_SECRET_KEY", "s3cret")
    told = dict(line.split("=", 1) for line in render(tmp_path, "env").splitlines() if "=" in line)
    home = told["HOME"]
    assert told["KUBECONFIG"].startswith(home)
    assert told["HELM_PLUGINS"].startswith(home)
    assert told["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert not {"KUBERNETES_SERVICE_HOST", "HELM_KUBETOKEN", "CHARTROOM_SECRET_KEY"} & told.keys()
    assert not os.path.exists(home)  # noqa: PTH110 -- it is gone


def test_without_helm_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HelmAbsent) as found:
        Renderer(HelmProgram()).render(ASKED)
    assert "helm_binary" in found.value.remedy


def test_helm_on_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = standing_in(tmp_path, "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert HelmProgram().path == str(program)


@pytest.mark.parametrize("name", ["absent", "folder", "text"])
def test_a_program_that_cannot_be_run_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no program")
    with pytest.raises(HelmUnusable, match=name):
        Renderer(HelmProgram(str(tmp_path / name))).render(ASKED)


def test_a_helm_that_is_too_old_says_so(tmp_path: Path) -> None:
    with pytest.raises(HelmUnusable, match=r"older than 3\.16"):
        render(tmp_path, 'echo "Error: unknown flag: --skip-schema-validation" >&2; exit 1')


def test_a_helm_that_hangs_is_ended_with_all_that_it_began(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    with pytest.raises(RenderTooLarge, match=r"0\.5 s"):
        render(tmp_path, f"sleep 600 & echo $! > {mark}; wait", seconds=0.5)
    pid = int(mark.read_text())
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_output_without_end_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(RenderTooLarge, match=f"{MAX_OUTPUT // 1024 // 1024} MiB"):
        render(tmp_path, "yes 'kind: Pod'")


def test_complaints_without_end_are_cut_off_too(tmp_path: Path) -> None:
    with pytest.raises(RenderRefused):
        render(tmp_path, "yes complaint >&2")


def test_a_chart_that_fills_the_memory_is_told(tmp_path: Path) -> None:
    hog = f"exec {json.dumps(os.sys.executable)} -c 'x = bytearray(3 << 30)'"  # type: ignore[attr-defined]
    with pytest.raises((RenderTooLarge, RenderRefused)):
        render(tmp_path, hog)


def test_a_helm_that_does_not_read_its_values_is_no_trouble(tmp_path: Path) -> None:
    program = HelmProgram(str(standing_in(tmp_path, "echo 'kind: Pod'")))
    large = Rendering(Path("/a.tgz"), {"text": "x" * 1_000_000}, "web", "apps")
    assert len(Renderer(program).render(large).objects) == 1


def test_what_helm_refuses_is_told_in_plain_words_without_secrets(tmp_path: Path) -> None:
    program = HelmProgram(
        str(standing_in(tmp_path, "echo 'Error: execution error at (a/t.yaml:1:2): no s3cret' >&2; exit 1"))
    )
    asked = Rendering(Path("/a.tgz"), {}, "web", "apps", secret_values=("s3cret",))
    with pytest.raises(RenderRefused) as found:
        Renderer(program).render(asked)
    assert found.value.cause == "The chart refuses these values (a/t.yaml, line 1): no …"
