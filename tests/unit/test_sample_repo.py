"""What the sample repository promises to a first run, and its packer to whoever runs `make sample`."""

import hashlib
import importlib.util
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
import semver
import yaml
from jsonschema import validators

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "config/sample-repo"
PACKER = ROOT / "config/pack_sample_repo.py"

Entry = dict[str, Any]


def load_packer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pack_sample_repo", PACKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


packer = load_packer()


def run_packer(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PACKER), str(source), str(out)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_index(folder: Path) -> dict[str, Any]:
    index: dict[str, Any] = yaml.safe_load((folder / "index.yaml").read_bytes())
    return index


def read_archive(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "repo"
    result = run_packer(SOURCE, out)
    assert result.returncode == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def entries(packed: Path) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = read_index(packed)["entries"]
    return found


@pytest.fixture(scope="module")
def releases(packed: Path, entries: dict[str, list[Entry]]) -> list[tuple[Entry, dict[str, bytes]]]:
    """Each entry of the index with the files of its archive, by path below the chart's folder."""
    found = []
    for entry in (entry for versions in entries.values() for entry in versions):
        files = read_archive(packed / entry["urls"][0])
        found.append((entry, {name.removeprefix(f"{entry['name']}/"): body for name, body in files.items()}))
    return found


@pytest.fixture
def small_source(tmp_path: Path) -> Path:
    """A copy of one chart that depends on nothing, free to be changed."""
    source = tmp_path / "source"
    shutil.copytree(SOURCE / "charts/postgres-lite", source / "charts/postgres-lite")
    (source / "icons").mkdir()
    return source


class TestTheRepository:
    def test_each_archive_says_the_name_and_version_the_index_says(
        self, releases: list[tuple[Entry, dict[str, bytes]]]
    ) -> None:
        for entry, files in releases:
            chart = yaml.safe_load(files["Chart.yaml"])
            assert (chart["name"], chart["version"]) == (entry["name"], entry["version"])

    def test_the_index_repeats_each_chart_yaml_and_adds_only_what_helm_adds(
        self, releases: list[tuple[Entry, dict[str, bytes]]]
    ) -> None:
        for entry, files in releases:
            added = {"created", "digest", "urls", "icon"}
            assert {key: value for key, value in entry.items() if key not in added} == yaml.safe_load(
                files["Chart.yaml"]
            )

    def test_each_digest_is_that_of_the_archive(self, packed: Path, entries: dict[str, list[Entry]]) -> None:
        for entry in (entry for versions in entries.values() for entry in versions):
            assert entry["digest"] == hashlib.sha256((packed / entry["urls"][0]).read_bytes()).hexdigest()

    def test_it_holds_nothing_the_index_does_not_name(self, packed: Path, entries: dict[str, list[Entry]]) -> None:
        named = {entry["urls"][0] for versions in entries.values() for entry in versions}
        icons = {entry["icon"] for versions in entries.values() for entry in versions}
        assert set(contents(packed)) == named | icons | {"index.yaml"}

    def test_versions_stand_newest_first(self, entries: dict[str, list[Entry]]) -> None:
        for versions in entries.values():
            order = [semver.Version.parse(entry["version"]) for entry in versions]
            assert order == sorted(order, reverse=True)

    def test_each_release_has_its_own_moment_within_the_months_the_sample_tells_of(
        self, entries: dict[str, list[Entry]]
    ) -> None:
        moments = [entry["created"] for versions in entries.values() for entry in versions]
        assert len(set(moments)) == len(moments)
        assert min(moments) >= "2025-09-01T00:00:00Z"
        assert max(moments) < "2026-12-01T00:00:00Z"

    def test_each_chart_lies_whole_in_a_folder_of_its_name(self, packed: Path, entries: dict[str, list[Entry]]) -> None:
        for entry in (entry for versions in entries.values() for entry in versions):
            names = list(read_archive(packed / entry["urls"][0]))
            assert names == sorted(names)
            assert {name.split("/")[0] for name in names} == {entry["name"]}

    def test_a_dependency_is_another_chart_of_the_sample_and_comes_along(
        self, packed: Path, releases: list[tuple[Entry, dict[str, bytes]]]
    ) -> None:
        carried = 0
        for entry, files in releases:
            for dependency in entry.get("dependencies", []):
                archive = f"{dependency['name']}-{dependency['version']}.tgz"
                assert files[f"charts/{archive}"] == (packed / archive).read_bytes()
                carried += 1
        assert carried

    def test_each_icon_is_a_drawing_that_asks_for_nothing_from_elsewhere(self, packed: Path) -> None:
        icons = list((packed / "icons").iterdir())
        assert icons
        for icon in icons:
            drawing = ElementTree.fromstring(icon.read_bytes())
            assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
            tags = {element.tag.rpartition("}")[2] for element in drawing.iter()}
            assert tags <= {"svg", "g", "rect", "circle", "ellipse", "path"}
            assert not [
                name for element in drawing.iter() for name in element.attrib if "href" in name or name[:2] == "on"
            ]


class TestTheCharts:
    def test_there_is_enough_to_browse(self, entries: dict[str, list[Entry]]) -> None:
        assert 12 <= len(entries) <= 14
        assert all(2 <= len(versions) <= 5 for versions in entries.values())

    def test_each_has_what_a_reader_looks_for(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        for entry, files in releases:
            readme = files["README.md"].decode()
            assert readme.startswith("# ")
            assert "```" in readme
            assert "\n|---" in readme
            assert isinstance(yaml.safe_load(files["values.yaml"]), dict)
            assert "# " in files["values.yaml"].decode()
            assert entry["icon"] == f"icons/{entry['name']}.svg"
            assert {"home", "sources", "keywords", "maintainers", "kubeVersion", "description"} <= entry.keys()

    def test_each_application_leaves_notes_behind(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        for entry, files in releases:
            assert ("templates/NOTES.txt" in files) is (entry.get("type") != "library")

    def test_each_tells_its_category_its_licence_and_what_changed(
        self, releases: list[tuple[Entry, dict[str, bytes]]]
    ) -> None:
        for entry, _ in releases:
            annotations = entry["annotations"]
            assert annotations["artifacthub.io/category"]
            assert annotations["artifacthub.io/license"]
            changes = yaml.safe_load(annotations["artifacthub.io/changes"])
            assert changes
            for change in changes:
                assert change.keys() == {"kind", "description"}
                assert change["kind"] in {"added", "changed", "deprecated", "removed", "fixed", "security"}

    def test_most_have_a_schema_and_each_schema_accepts_the_charts_own_values(
        self, releases: list[tuple[Entry, dict[str, bytes]]]
    ) -> None:
        with_schema = set()
        for entry, files in releases:
            if "values.schema.json" in files:
                schema = json.loads(files["values.schema.json"])
                validator = validators.validator_for(schema)
                validator.check_schema(schema)
                validator(schema).validate(yaml.safe_load(files["values.yaml"]))
                with_schema.add(entry["name"])
        assert len(with_schema) >= 10

    def test_a_schema_refuses_values_that_make_no_sense(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        files = next(files for entry, files in releases if entry["name"] == "postgres-lite")
        schema = json.loads(files["values.schema.json"])
        values = yaml.safe_load(files["values.yaml"])
        values["storage"]["size"] = "plenty"
        errors = list(validators.validator_for(schema)(schema).iter_errors(values))
        assert [list(error.absolute_path) for error in errors] == [["storage", "size"]]

    def test_one_is_a_library_that_others_use(self, entries: dict[str, list[Entry]]) -> None:
        libraries = {name for name, versions in entries.items() if versions[0]["type"] == "library"}
        used = {
            dependency["name"] for versions in entries.values() for dependency in versions[0].get("dependencies", [])
        }
        assert libraries == {"web-common"}
        assert libraries < used

    def test_one_is_deprecated_and_once_was_not(self, entries: dict[str, list[Entry]]) -> None:
        deprecated = [name for name, versions in entries.items() if versions[0].get("deprecated")]
        assert deprecated == ["old-gateway"]
        assert "deprecated" not in entries["old-gateway"][1]

    def test_the_newest_version_of_one_is_a_pre_release(self, entries: dict[str, list[Entry]]) -> None:
        def prerelease(entry: Entry) -> bool:
            return semver.Version.parse(entry["version"]).prerelease is not None

        assert [name for name, versions in entries.items() if prerelease(versions[0])] == ["feature-flags"]
        assert not all(prerelease(entry) for entry in entries["feature-flags"])

    def test_the_newest_version_of_one_is_not_the_last_that_was_made(self, entries: dict[str, list[Entry]]) -> None:
        made = {entry["version"]: entry["created"] for entry in entries["redis-cache"]}
        assert made["1.4.3"] > made["2.0.0"]

    def test_one_is_written_in_chinese(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        chinese = [(entry, files) for entry, files in releases if entry["name"] == "jiankong-mianban"]
        assert chinese
        for entry, files in chinese:
            assert "监控" in entry["keywords"]
            texts = [entry["description"], files["README.md"].decode(), files["values.yaml"].decode()]
            assert all("看板" in text for text in texts)
            assert "监控面板已安装" in files["templates/NOTES.txt"].decode()

    def test_one_brings_a_resource_definition(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        found = {
            entry["name"]: yaml.safe_load(body)["kind"]
            for entry, files in releases
            for path, body in files.items()
            if path.startswith("crds/")
        }
        assert found == {"sleep-schedule": "CustomResourceDefinition"}

    def test_an_image_is_named_without_a_host(self, releases: list[tuple[Entry, dict[str, bytes]]]) -> None:
        for _, files in releases:
            image = yaml.safe_load(files["values.yaml"]).get("image", {})
            assert "." not in image.get("repository", "").split("/")[0]


class TestTheFolders:
    @pytest.mark.parametrize("folder", sorted(SOURCE.glob("charts/*")), ids=lambda folder: folder.name)
    def test_chart_is_the_newest_release_as_it_stands(self, folder: Path) -> None:
        newest = yaml.safe_load((folder / "releases.yaml").read_bytes())[0]
        chart = yaml.safe_load((folder / "chart/Chart.yaml").read_bytes())
        assert chart["version"] == newest["version"]
        assert chart["name"] == folder.name
        assert newest.keys() == {"version", "created", "changes"}

    @pytest.mark.parametrize(
        "folder", sorted(SOURCE.glob("charts/*/versions/*")), ids=lambda f: f"{f.parts[-3]}-{f.name}"
    )
    def test_a_version_holds_only_files_that_differ(self, folder: Path) -> None:
        chart = contents(folder.parents[1] / "chart")
        listed = [release["version"] for release in yaml.safe_load((folder.parents[1] / "releases.yaml").read_bytes())]
        assert folder.name in listed[1:]
        assert not [path for path, body in contents(folder).items() if chart.get(path) == body]


class TestThePacker:
    def test_packing_twice_gives_the_same_bytes(self, packed: Path, tmp_path: Path) -> None:
        run_packer(SOURCE, tmp_path / "again")
        assert contents(tmp_path / "again") == contents(packed)

    def test_the_bytes_do_not_depend_on_when_the_sources_were_written(self, packed: Path, tmp_path: Path) -> None:
        copied = tmp_path / "copy"
        for path, body in contents(SOURCE).items():
            (copied / path).parent.mkdir(parents=True, exist_ok=True)
            (copied / path).write_bytes(body)
        run_packer(copied, tmp_path / "out")
        assert contents(tmp_path / "out") == contents(packed)

    def test_an_archive_tells_nothing_of_the_machine_it_was_made_on(self, packed: Path) -> None:
        with tarfile.open(fileobj=io.BytesIO((packed / "hello-web-2.1.0.tgz").read_bytes())) as tar:
            members = tar.getmembers()
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}

    def test_unchanged_sources_leave_the_folder_alone(self, small_source: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        run_packer(small_source, out)
        before = {path: path.stat().st_ino for path in out.rglob("*")}
        assert "up to date" in run_packer(small_source, out).stdout
        assert {path: path.stat().st_ino for path in out.rglob("*")} == before

    def test_a_release_that_is_taken_away_leaves_no_archive_behind(self, small_source: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        run_packer(small_source, out)
        listing = small_source / "charts/postgres-lite/releases.yaml"
        listing.write_text(yaml.safe_dump(yaml.safe_load(listing.read_text())[:2]))
        run_packer(small_source, out)
        assert sorted(path.name for path in out.glob("*.tgz")) == ["postgres-lite-1.2.0.tgz", "postgres-lite-1.2.1.tgz"]

    def test_sources_that_cannot_be_packed_leave_the_old_folder(self, small_source: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        run_packer(small_source, out)
        before = contents(out)
        (small_source / "charts/postgres-lite/chart/Chart.yaml").unlink()
        result = run_packer(small_source, out)
        assert result.returncode == 1
        assert "Chart.yaml is missing" in result.stderr
        assert contents(out) == before

    @pytest.mark.parametrize("delay", [0.05, 0.1, 0.2, 0.4])
    def test_a_killed_run_leaves_the_old_folder_or_the_new_one(
        self, packed: Path, small_source: Path, tmp_path: Path, delay: float
    ) -> None:
        out = tmp_path / "out"
        run_packer(small_source, out)
        before = contents(out)
        process = subprocess.Popen(
            [sys.executable, str(PACKER), str(SOURCE), str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not out.exists() or contents(out) in (before, contents(packed))
        run_packer(SOURCE, out)
        assert contents(out) == contents(packed)

    def test_a_run_killed_between_its_two_renames_is_made_good_by_the_next(
        self, small_source: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        run_packer(small_source, out)
        before = contents(out)
        out.rename(tmp_path / ".out.old")
        assert "up to date" in run_packer(small_source, out).stdout
        assert contents(out) == before

    def test_a_folder_with_other_things_in_it_is_never_replaced(self, small_source: Path, tmp_path: Path) -> None:
        out = tmp_path / "home"
        out.mkdir()
        (out / "thesis.txt").write_text("years of work")
        result = run_packer(small_source, out)
        assert result.returncode == 1
        assert "thesis.txt" in result.stderr
        assert contents(out) == {"thesis.txt": b"years of work"}

    def test_a_dependency_outside_the_sample_is_named(self, small_source: Path) -> None:
        chart = small_source / "charts/postgres-lite/chart/Chart.yaml"
        chart.write_text(chart.read_text() + "dependencies:\n  - {name: elsewhere, version: 1.0.0}\n")
        with pytest.raises(packer.SampleError, match=r"depends on elsewhere-1\.0\.0\.tgz"):
            packer.pack_repository(small_source, small_source / "out")

    def test_a_misspelt_key_of_a_release_is_named(self, small_source: Path) -> None:
        listing = small_source / "charts/postgres-lite/releases.yaml"
        listing.write_text(listing.read_text() + "  witout: [README.md]\n")
        with pytest.raises(packer.SampleError, match=r"version 0\.9\.0: unknown keys witout"):
            packer.pack_repository(small_source, small_source / "out")

    def test_wrong_usage_says_how_to_call_it(self) -> None:
        result = subprocess.run([sys.executable, str(PACKER)], capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 2
        assert "pack_sample_repo.py SRC OUT" in result.stderr
