"""The documents say what is so."""

import re
from pathlib import Path

from tests.proven import proven_by_tests

ROOT = Path(__file__).parents[2]
DUE = {
    *(f"A{number}" for number in range(1, 16)),
    *(f"B{number}" for number in range(1, 6)),
    *(f"C{number}" for number in range(1, 12)),
    *(f"D{number}" for number in range(1, 18)),
    *(f"E{number}" for number in range(1, 16)),
    *(f"F{number}" for number in range(1, 11)),
    *(f"G{number}" for number in range(1, 7)),
    *(f"H{number}" for number in range(1, 6)),
    *(f"J{number}" for number in range(1, 5)),
    *(f"L{number}" for number in range(1, 8)),
    "M7",
    "N6",
}
"""Cases whose parts exist."""


def test_every_case_whose_part_exists_is_proven_by_a_test_that_names_it() -> None:
    assert proven_by_tests() >= DUE


def test_the_security_model_says_which_cases_are_proven() -> None:
    text = (ROOT / "docs" / "security-model.md").read_text()
    rows = re.findall(r"(?m)^\| ([A-N]\d+) \|.*\| (yes)? ?\| [^|]*\|$", text)
    assert len(rows) == 129
    assert {case for case, proven in rows if proven} == proven_by_tests()


def test_links_between_documents_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        prose = re.sub(r"`[^`]*`", "", file.read_text())
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
            assert (file.parent / link).exists(), f"{file.name} links to {link}"
