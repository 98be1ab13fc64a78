"""The list of what an installed Chartroom is made of, as CycloneDX JSON: the same bytes for the same pins.

It is made of the lock file and not of an environment, which may hold more.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def write(root: Path, target: Path) -> None:
    """Write the list of the project at ``root``. Raises CalledProcessError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lock, project = root / "requirements" / "run.lock", root / "pyproject.toml"
    command = [
        sys.executable, "-m", "cyclonedx_py", "requirements", str(lock), "--pyproject", str(project),
        "--mc-type", "application", "--output-reproducible", "--output-format", "JSON",
    ]  # fmt: skip
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    made = json.loads(subprocess.run(command, check=True, cwd=root, env=quiet, capture_output=True).stdout)
    for component in made["components"]:
        del component["description"]  # the lines of the lock file; their hashes are told beside it
    target.write_text(json.dumps(made, indent=2, sort_keys=True) + "\n")
