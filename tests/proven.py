"""``python -m tests.proven``: write into docs/security-model.md which cases tests prove.

A case is proven where a test carries its id in its name, such as ``test_C4_…``.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "docs" / "security-model.md"
_TEST = re.compile(r"def test_((?:[A-N]\d+_)+)")
_ROW = re.compile(r"(?m)^(\| ([A-N]\d+) \|.*\| )(?:yes)?( ?\| [^|]*\|)$")


def proven_by_tests() -> set[str]:
    """The ids that stand in names of tests."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for ids in _TEST.findall(file.read_text()):
            found.update(ids.strip("_").split("_"))
    return found


def written(text: str, proven: set[str]) -> str:
    """The document with its column as it should be."""
    return _ROW.sub(lambda row: f"{row[1]}{'yes ' if row[2] in proven else ''}{row[3].lstrip()}", text)


if __name__ == "__main__":
    MODEL.write_text(written(MODEL.read_text(), proven_by_tests()))
