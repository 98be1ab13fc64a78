"""Where `tests/parts/get` has put a part."""

import subprocess
from pathlib import Path

GET = Path(__file__).with_name("get")


class PartMissingError(RuntimeError):
    """A part is not there; the message names the command that gets it."""


def located(part: str) -> Path:
    """The program of one part: `etcd`, `kube`, `helm3`, `helm4`, `registry`, `nginx`, `postgres` or `chromium`; of
    `schemas` the folder of custom resources. Builds nothing.

    Raises `PartMissingError` with what `get` says.
    """
    answer = subprocess.run([GET, "--no-build", part], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise PartMissingError(answer.stderr.strip())
    return Path(answer.stdout.strip().partition(": ")[2])
