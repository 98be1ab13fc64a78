"""Helm itself makes the same values of the same files and the same --set."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.values import assemble
from indexer.errors import UsageError
from tests.parts.located import located

pytestmark = pytest.mark.parts

SETTINGS = [
    "a=1,b=two,c=true,d=null,e=007,f=-5,g=1.5,h=0,i=TRUE,j=1e3",
    "outer.inner.deep=x",
    "list={a,1,true,null}",
    "list[0].port=80,list[0].host=example,list[2]=x",
    "list[1].a=1,list[0].a=0",
    "nested[0][1]=x",
    r"text=a\,b,role.kubernetes\.io/name=z",
    "a=,b=x",
    "a=b=c",
    "a={},b=1",
    "a=x[0].y",
    "big=9223372036854775807,bigger=9223372036854775808",
    "base.list[0]=changed,base.map.new=1",
    "base.list[4]=far",
    "base.list[0].now=mapping",
    ".".join("a" * 31) + "=1",
]
REFUSED = [
    "a",
    "a,b=1",
    "a[-1]=1",
    "a[x]=1",
    "a={x,y",
    "a=1,a.b=2",
    "base.map[0]=1",
    ".".join("a" * 32) + "=1",
    "a[65537]=1",
]

FILES = {
    "one.yaml": "base: {list: [1, {x: 1}], map: {k: v}, gone: 1}\nyes: on\nport: 0o17\noctal: 010\nwhen: 2024-01-01\n",
    "two.yaml": "base: {gone: null, map: {k: w}}\nfloat: 1e3\ny: n\ntime: 12:30:00\n",
}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chart")
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shows-values\nversion: 0.1.0\n")
    (folder / "templates" / "values.txt").write_text("values: {{ .Values | toJson | b64enc | quote }}\n")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def helm(chart: Path, *arguments: str) -> Any:
    """What a template sees, or None where helm refuses."""
    import base64

    command = [str(located("helm3")), "template", "x", str(chart), *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(chart)})
    if answer.returncode != 0:
        return None
    return json.loads(base64.b64decode(answer.stdout.rpartition('"')[0].rpartition('"')[2]))


def without_nulls(value: Any) -> Any:
    """Helm takes a null out of a mapping when it coalesces with the chart's defaults; captain does so as well."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return value


@pytest.mark.parametrize("setting", SETTINGS)
def test_set_means_what_it_means_to_helm(chart: Path, setting: str) -> None:
    files = [("one.yaml", FILES["one.yaml"])]
    ours = assemble(files, [setting])
    assert without_nulls(ours) == without_nulls(helm(chart, "-f", str(chart / "one.yaml"), "--set", setting))


@pytest.mark.parametrize("setting", REFUSED)
def test_what_helm_refuses_is_refused(chart: Path, setting: str) -> None:
    assert helm(chart, "-f", str(chart / "one.yaml"), "--set", setting) is None
    with pytest.raises(UsageError):
        assemble([("one.yaml", FILES["one.yaml"])], [setting])


def test_files_are_merged_as_helm_merges_them(chart: Path) -> None:
    theirs = helm(chart, "-f", str(chart / "one.yaml"), "-f", str(chart / "two.yaml"), "--set", "base.map.k=z")
    assert without_nulls(assemble(FILES.items(), ["base.map.k=z"])) == without_nulls(theirs)
