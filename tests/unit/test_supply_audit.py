"""An audit that could look nothing up has found nothing out, and says so."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.supply.audit import audited, read_npm, read_pip_audit

ROOT = Path(__file__).parents[2]
FAULT = {"id": "PYSEC-1", "fix_versions": ["2"]}
VULNERABLE = {"name": "urllib3", "version": "1.26.0", "vulns": [FAULT]}
SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
SKIPPED = {"name": "urllib3", "skip_reason": "not found"}


def pip_audit(*dependencies: Any) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def npm(total: int = 40, **faults: Any) -> str:
    return json.dumps({"vulnerabilities": faults, "metadata": {"dependencies": {"total": total}}})


def said(control: str, lock: str, npm_control: str = npm(1, lodash={"severity": "high"}), npm_lock: str = npm()) -> Any:
    """What the audit says where the services print this of their controls and of the lock files."""

    def run(command: Sequence[str], folder: Path) -> str:
        if command[0] == "npm":
            return npm_lock if folder.name == "assets" else npm_control
        return lock if any(one.endswith("run.lock") for one in command) else control

    return audited(ROOT, run)


def test_nothing_known_is_good_where_something_vulnerable_would_have_been_found() -> None:
    python, scripts = said(pip_audit(VULNERABLE), pip_audit(SOUND))
    assert (python.code, python.text) == (0, "requirements/run.lock: nothing known against 1 packages")
    assert (scripts.code, scripts.text) == (
        0,
        "catalog_web/assets/package-lock.json: nothing known against 40 packages",
    )


def test_what_is_known_is_told_with_its_id() -> None:
    python, scripts = said(
        pip_audit(VULNERABLE), pip_audit(SOUND, VULNERABLE), npm_lock=npm(esbuild={"severity": "low"})
    )
    assert (python.code, scripts.code) == (1, 1)
    assert "urllib3 1.26.0: PYSEC-1" in python.text
    assert "esbuild: low" in scripts.text


def test_an_audit_that_does_not_find_what_is_there_fails() -> None:
    for control in (pip_audit(SKIPPED), pip_audit(), "", "<html>", "[]"):
        python, _ = said(control, pip_audit(SOUND))
        assert python.code == 3
        assert "could not look anything up" in python.text
    for control in ("", npm(1), '{"statusCode": 405, "error": {}}'):
        _, scripts = said(pip_audit(VULNERABLE), pip_audit(SOUND), npm_control=control)
        assert scripts.code == 3
        assert "could not look anything up" in scripts.text


def test_a_package_that_was_not_looked_up_is_named() -> None:
    python, _ = said(pip_audit(VULNERABLE), pip_audit(SOUND, SKIPPED))
    assert (python.code, python.text) == (3, "requirements/run.lock: could not look up urllib3")


def test_an_answer_that_holds_nothing_is_no_good_news() -> None:
    python, _ = said(pip_audit(VULNERABLE), pip_audit())
    assert (python.code, python.text) == (3, "requirements/run.lock: could not look anything up")


def test_whatever_is_printed_is_read() -> None:
    for text in ("", "null", "[]", '{"dependencies": [1]}', '{"vulnerabilities": 3, "metadata": []}'):
        assert read_pip_audit(text).found == ()
        assert read_npm(text).looked_up == 0
