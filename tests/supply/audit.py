"""Are known vulnerabilities in what is pinned? Asked of the services that pip-audit and npm ask.

Each is asked about something vulnerable first. pip-audit says "No known vulnerabilities found", with exit code 0, also
where it could look nothing up: an audit that does not find what is there has found nothing out.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Run = Callable[[Sequence[str], Path], str]
"""Runs a command in a folder and gives what it printed, however it ended."""

PYTHON_CONTROL = "urllib3==1.26.0\n"
NPM_CONTROL = {"lodash": "4.17.15"}
_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Report:
    """What one service said."""

    looked_up: int = 0
    found: tuple[str, ...] = ()
    """Packages with the ids of their vulnerabilities."""
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one set of pins."""

    what: str
    report: Report
    proven: bool
    """The service was shown to find what is there."""

    @property
    def code(self) -> int:
        """0: nothing is known; 1: something is; 3: it could not be found out."""
        if self.report.found:
            return 1
        return 0 if self.proven and self.report.looked_up and not self.report.skipped else 3

    @property
    def text(self) -> str:
        """One sentence, and what it is about."""
        if self.report.found:
            return f"{self.what}: known vulnerabilities\n  " + "\n  ".join(self.report.found)
        if not self.proven:
            return f"{self.what}: could not look anything up; a package known to be vulnerable was not reported either"
        if self.report.skipped:
            return f"{self.what}: could not look up {', '.join(self.report.skipped)}"
        if not self.report.looked_up:
            return f"{self.what}: could not look anything up"
        return f"{self.what}: nothing known against {self.report.looked_up} packages"


def printed(command: Sequence[str], folder: Path) -> str:
    """What ``command`` prints; empty where it is not there or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def audited(root: Path, run: Run = printed) -> tuple[Verdict, ...]:
    """Both kinds of pins of the project at ``root``."""
    with tempfile.TemporaryDirectory() as folder:
        return (_python(root, Path(folder), run), _npm(root, Path(folder), run))


# -- Python


def _python(root: Path, folder: Path, run: Run) -> Verdict:
    control = folder / "control.txt"
    control.write_text(PYTHON_CONTROL)
    proven = bool(_pip_audit(control, run, "--no-deps").found)
    report = _pip_audit(root / "requirements" / "run.lock", run, "--require-hashes") if proven else Report()
    return Verdict("requirements/run.lock", report, proven)


def _pip_audit(requirements: Path, run: Run, *options: str) -> Report:
    words = ("--disable-pip", "--progress-spinner", "off", "--format", "json", *options)
    return read_pip_audit(
        run([sys.executable, "-m", "pip_audit", "-r", str(requirements), *words], requirements.parent)
    )


def read_pip_audit(text: str) -> Report:
    """What pip-audit printed as JSON; an empty report for anything else."""
    told = [one for one in _object(text).get("dependencies", ()) if isinstance(one, dict)]
    skipped = tuple(sorted(str(one.get("name")) for one in told if "skip_reason" in one))
    found = tuple(
        f"{one['name']} {one.get('version')}: {', '.join(str(fault.get('id')) for fault in one['vulns'])}"
        for one in told
        if one.get("vulns")
    )
    return Report(len(told) - len(skipped), found, skipped)


# -- scripts


def _npm(root: Path, folder: Path, run: Run) -> Verdict:
    package = {"name": "control", "version": "1.0.0", "dependencies": NPM_CONTROL}
    held = {f"node_modules/{name}": {"version": version} for name, version in NPM_CONTROL.items()}
    lock = {**package, "lockfileVersion": 3, "packages": {"": package, **held}}
    for file, content in (("package.json", package), ("package-lock.json", lock)):
        (folder / file).write_text(json.dumps(content))
    command = ("npm", "audit", "--json", "--package-lock-only")
    proven = bool(read_npm(run(command, folder)).found)
    report = read_npm(run(command, root / "catalog_web" / "assets")) if proven else Report()
    return Verdict("catalog_web/assets/package-lock.json", report, proven)


def read_npm(text: str) -> Report:
    """What ``npm audit --json`` printed; an empty report for anything else, such as an error of its registry."""
    told = _object(text)
    faults, about = told.get("vulnerabilities"), told.get("metadata")
    if not isinstance(faults, dict) or not isinstance(about, dict):
        return Report()
    found = tuple(f"{name}: {fault.get('severity')}" for name, fault in sorted(faults.items()))
    return Report(int(about.get("dependencies", {}).get("total", 0)), found)


def _object(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
