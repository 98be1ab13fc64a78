"""``python -m tests.supply audit`` and ``python -m tests.supply sbom [FILE]``.

``audit`` exits 0 where nothing is known against anything that is pinned, 1 where something is, 3 where that could not
be found out.
"""

import sys
from pathlib import Path

from tests.supply import audit, sbom

ROOT = Path(__file__).parents[2]
SBOM = ROOT / ".cache" / "sbom.json"


def main(words: list[str]) -> int:
    """Do what was asked for."""
    match words:
        case ["audit"]:
            return _audit()
        case ["sbom", *rest]:
            target = Path(rest[0]).resolve() if rest else SBOM
            sbom.write(ROOT, target)
            print(target)
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def _audit() -> int:
    verdicts = audit.audited(ROOT)
    for one in verdicts:
        print(one.text)
    codes = {one.code for one in verdicts}
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
