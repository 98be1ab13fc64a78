"""The documents say what is so."""

import re
from pathlib import Path

from tests.proven import proven_by_tests

ROOT = Path(__file__).parents[2]
CASES = 129
"""Hostile inputs and faults that the security model lists."""


def rows() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "security-model.md").read_text()
    return re.findall(r"(?m)^\| ([A-N]\d+) \|.*\| (yes)? ?\| [^|]*\|$", text)


def test_every_case_is_proven_by_a_test_that_names_it() -> None:
    assert len(rows()) == CASES
    assert {case for case, _ in rows()} - proven_by_tests() == set()


def test_the_security_model_says_which_cases_are_proven() -> None:
    assert {case for case, proven in rows() if proven} == proven_by_tests()


def test_links_between_documents_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        prose = re.sub(r"`[^`]*`", "", file.read_text())
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
            assert (file.parent / link).exists(), f"{file.name} links to {link}"
