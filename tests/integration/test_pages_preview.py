"""Before the click a page shows the same install in other words, and what the chart makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.charts import packed_chart
from tests.kube_api import KubeApi
from tests.pages import Browser, Page
from tests.web import web

PATH = "/charts/local/demo/1.0.0/install"
TYPED = {"namespace": "apps", "name": "web", "values_yaml": "replicas: 2\nauth:\n  password: s3cret-typed\n"}
HELM = """\
#!/bin/sh
cat > /dev/null
printf -- '---\\n# Source: demo/crds/wheel.yaml\\napiVersion: apiextensions.k8s.io/v1\\n'
printf 'kind: CustomResourceDefinition\\nmetadata:\\n  name: wheels.example.org\\n'
printf -- '---\\n# Source: demo/templates/job.yaml\\napiVersion: batch/v1\\nkind: Job\\nmetadata:\\n  name: migrate\\n'
printf '  annotations:\\n    helm.sh/hook: pre-install\\n'
printf -- '---\\n# Source: demo/templates/login.yaml\\napiVersion: v1\\nkind: Secret\\nmetadata:\\n  name: login\\n'
printf 'data:\\n  password: czNjcmV0\\n'
"""
REFUSING = "#!/bin/sh\necho 'Error: execution error at (demo/templates/a.yaml:3:5): <who> is needed' >&2\nexit 1\n"


@pytest.fixture
def helm(tmp_path: Path) -> Path:
    program = tmp_path / "helm"
    program.write_text(HELM)
    program.chmod(0o755)
    return program


@pytest.fixture
def browser(tmp_path: Path, kube: KubeApi, helm: Path) -> Iterator[Browser]:
    folder = tmp_path / "charts"
    folder.mkdir()
    files = {"values.yaml": "replicas: 1\nauth:\n  password: ''\n"}
    (folder / "demo-1.0.0.tgz").write_bytes(packed_chart(files))
    source = {"name": "local", "url": str(folder), "kind": "directory"}
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    own = {"helm_binary": str(helm), "helm_url": "https://room.example.org"}
    with web(tmp_path / "room", [source], clusters=clusters, **own) as running:
        running.sync("local")
        yield Browser(running)


def sent(browser: Browser, step: str) -> Page:
    form = browser.get(f"{PATH}?view=yaml").form("/install")
    return browser.sent(form, PATH, step=step, **TYPED)


def test_the_same_install_is_there_for_every_tool_and_as_a_request(browser: Browser) -> None:
    text = sent(browser, "check").text
    for words in (
        "kubectl create",
        "helm upgrade --install web",
        "kind: HelmRelease",
        "kind: HelmChart",
        "kind: Application",
        "POST /apis/app.alauda.io/v1alpha1/namespaces/apps/helmrequests",
        "Authorization: Bearer …",
        "Authorization: Bearer $TOKEN",
        "https://room.example.org/helm/local",
    ):
        assert words in text
    assert "kubectl create secret generic web-values-" in text


def test_what_the_chart_makes_is_shown_with_hooks_and_crds_marked(browser: Browser, kube: KubeApi) -> None:
    text = sent(browser, "render").text
    assert "3 objects" in text
    assert "hook: pre-install" in text
    assert "CRD, stays at an uninstall" in text
    assert "demo/templates/login.yaml" in text
    assert not kube.objects


@pytest.mark.parametrize("step", ["check", "render"])
def test_G6_no_secret_is_on_the_page_beside_the_field_where_it_was_typed(browser: Browser, step: str) -> None:
    text = sent(browser, step).text
    assert "czNjcmV0" not in text
    assert text.count("s3cret-typed") <= 1


def test_what_helm_refuses_is_told_and_escaped(browser: Browser, helm: Path) -> None:
    helm.write_text(REFUSING)
    page = sent(browser, "render")
    assert "The chart refuses these values (demo/templates/a.yaml, line 3): <who> is needed" in page.text
    assert "<who>" not in page.html


def test_without_helm_the_page_says_what_is_missing(browser: Browser, helm: Path) -> None:
    helm.unlink()
    page = sent(browser, "render")
    assert "is no helm that can be used" in page.text
    assert "helm_binary" in page.text
    assert "This would be sent" in page.text
