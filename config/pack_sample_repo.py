"""Packs the sample charts into a chart repository, as `helm package` and `helm repo index` would.

    python config/pack_sample_repo.py SRC OUT

SRC is laid out as config/sample-repo/README.md says. OUT becomes a folder of `<name>-<version>.tgz`, `index.yaml` and
`icons/`. The same sources give the same bytes at every run. The folder is built aside and swapped in when it is whole,
and left untouched when nothing changed.
"""

import fcntl
import gzip
import hashlib
import io
import shutil
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

CHANGES = "artifacthub.io/changes"
RELEASE_KEYS = {"version", "created", "changes", "chart", "without"}

Files = dict[str, bytes]
"""Contents by path; a path is relative, with forward slashes."""


class SampleError(Exception):
    """The sources cannot be packed, or OUT is not a folder this program may replace."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one chart: `metadata` is its Chart.yaml, `files` all else, `created` an RFC 3339 time."""

    created: str
    metadata: dict[str, Any]
    files: Files

    @property
    def archive(self) -> str:
        return _archive_name(self.metadata)

    @property
    def requires(self) -> list[str]:
        return [_archive_name(dependency) for dependency in self.metadata.get("dependencies", [])]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:  # noqa: PLR2004
        print("usage: python config/pack_sample_repo.py SRC OUT", file=sys.stderr)
        return 2
    try:
        print(pack_repository(Path(arguments[0]), Path(arguments[1])))
    except SampleError as error:
        print(f"pack_sample_repo: {error}", file=sys.stderr)
        return 1
    return 0


def pack_repository(source: Path, out: Path) -> str:
    """Makes OUT the packed form of SRC and returns a sentence that says what was done. Raises SampleError."""
    releases = [release for folder in _chart_folders(source) for release in read_releases(folder)]
    icons = {f"icons/{path}": body for path, body in _read_files(source / "icons").items()}
    archives = pack_archives(releases)
    index = index_of(releases, archives, icons)
    wanted = {**archives, **icons, "index.yaml": _yaml(index, sort_keys=True)}
    out.parent.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        _put_back(out)
        _refuse_foreign(out)
        if out.is_dir() and _read_files(out) == wanted:
            return f"{out} is up to date: {len(releases)} versions of {len(index['entries'])} charts"
        _swap_in(wanted, out)
    return f"{out} holds {len(releases)} versions of {len(index['entries'])} charts"


# --- sources → releases


def read_releases(folder: Path) -> list[Release]:
    """The releases of one chart folder, newest first, as releases.yaml lists them."""
    files = _read_files(folder / "chart")
    base = _mapping(files.pop("Chart.yaml", b""), folder / "chart/Chart.yaml")
    listed = yaml.safe_load((folder / "releases.yaml").read_bytes())
    if not isinstance(listed, list) or not listed:
        raise SampleError(f"{folder / 'releases.yaml'} must be a list of releases, newest first")
    return [_release(folder, base, files, entry) for entry in listed]


def _release(folder: Path, base: dict[str, Any], files: Files, entry: dict[str, Any]) -> Release:
    where = f"{folder / 'releases.yaml'}, version {entry.get('version')}"
    if unknown := entry.keys() - RELEASE_KEYS:
        raise SampleError(f"{where}: unknown keys {', '.join(sorted(unknown))}")
    removed = set(entry.get("without", []))
    if stray := removed - files.keys():
        raise SampleError(f"{where}: `without` names files that are not in chart/: {', '.join(sorted(stray))}")
    kept = {path: body for path, body in files.items() if path not in removed}
    overlay = _read_files(folder / "versions" / entry["version"])
    return Release(created=entry["created"], metadata=_metadata(base, entry), files=kept | overlay)


def _metadata(base: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    merged = base | entry.get("chart", {}) | {"version": entry["version"]}
    changes = _yaml(entry["changes"], sort_keys=False).decode()
    merged["annotations"] = merged.get("annotations", {}) | {CHANGES: changes}
    return {key: value for key, value in merged.items() if value is not None}


def _chart_folders(source: Path) -> list[Path]:
    folders = sorted(path.parent for path in source.glob("charts/*/releases.yaml"))
    if not folders:
        raise SampleError(f"{source} holds no charts/<name>/releases.yaml")
    return folders


def _read_files(root: Path) -> Files:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _mapping(text: bytes, path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(text)
    if not isinstance(loaded, dict):
        raise SampleError(f"{path} is missing or not a mapping")
    return loaded


# --- releases → archives → index


def pack_archives(releases: list[Release]) -> Files:
    """The archive of each release by file name; a dependency is carried in charts/, so it is packed first."""
    by_archive = {release.archive: release for release in releases}
    for release in releases:
        if missing := [name for name in release.requires if name not in by_archive]:
            raise SampleError(f"{release.archive} depends on {', '.join(missing)}, which the sample does not have")
    order = TopologicalSorter({release.archive: release.requires for release in releases}).static_order()
    packed: Files = {}
    for archive in order:
        packed[archive] = _pack(by_archive[archive], packed)
    return packed


def _pack(release: Release, packed: Mapping[str, bytes]) -> bytes:
    carried = {f"charts/{name}": packed[name] for name in release.requires}
    chart_yaml = {"Chart.yaml": _yaml(release.metadata, sort_keys=False)}
    members = release.files | carried | chart_yaml
    buffer = io.BytesIO()
    # A gzip header without time or name and a tar without owners: nothing of this machine or this moment is in it.
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as zipped:
        _write_tar(zipped, release.metadata["name"], members)
    return buffer.getvalue()


def _write_tar(stream: gzip.GzipFile, folder: str, members: Mapping[str, bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(members):
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(members[path])
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(members[path]))


def index_of(releases: list[Release], archives: Mapping[str, bytes], icons: Mapping[str, bytes]) -> dict[str, Any]:
    """What index.yaml says: versions newest first, urls relative, `generated` the time of the newest release."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for release in releases:
        name = release.metadata["name"]
        entries.setdefault(name, []).append(_index_entry(release, archives[release.archive], icons))
    return {"apiVersion": "v1", "entries": entries, "generated": max(release.created for release in releases)}


def _index_entry(release: Release, archive: bytes, icons: Mapping[str, bytes]) -> dict[str, Any]:
    icon = f"icons/{release.metadata['name']}.svg"
    entry = release.metadata | {
        "created": release.created,
        "digest": hashlib.sha256(archive).hexdigest(),
        "urls": [release.archive],
    }
    # In the index alone: an address relative to the repository means nothing inside an archive (helm lint refuses it).
    return entry | ({"icon": icon} if icon in icons else {})


def _archive_name(chart: Mapping[str, Any]) -> str:
    return f"{chart['name']}-{chart['version']}.tgz"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, as Helm does, and shared values in full: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(data: object, *, sort_keys: bool) -> bytes:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=sort_keys, allow_unicode=True)
    return text.encode()


# --- the folder that is swapped in


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two runs at once take turns; the lock ends with the process that held it."""
    with (out.parent / f".{out.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _beside(out: Path, suffix: str) -> Path:
    return out.with_name(f".{out.name}.{suffix}")


def _put_back(out: Path) -> None:
    """A run killed between the two renames of `_swap_in` left the old folder beside its place."""
    if _beside(out, "old").is_dir() and not out.exists():
        _beside(out, "old").rename(out)


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise SampleError(f"{out} is not a folder; name a folder to write to")
    names = [path.name for path in out.iterdir()] if out.is_dir() else []
    foreign = [name for name in names if name not in {"index.yaml", "icons"} and not name.endswith(".tgz")]
    if foreign:
        raise SampleError(f"{out} holds {sorted(foreign)[0]}, which no packed repository has; name another folder")


def _swap_in(wanted: Mapping[str, bytes], out: Path) -> None:
    new, old = _beside(out, "new"), _beside(out, "old")
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    for path, body in wanted.items():
        (new / path).parent.mkdir(parents=True, exist_ok=True)
        (new / path).write_bytes(body)
    if out.exists():
        out.rename(old)
    new.rename(out)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
