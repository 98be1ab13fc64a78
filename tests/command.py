"""The command line as a user runs it: another process, with a configuration file of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.postgres import database_of


def write_config(folder: Path, sources: Sequence[Mapping[str, Any]] = (), **options: Any) -> Path:
    """A configuration file in ``folder`` whose data lies beside it (JSON is YAML)."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "chartroom.yaml"
    given = {"data_dir": "data", "listen": "127.0.0.1:0", "sources": list(sources), **options}
    if "database_url" not in given and (url := database_of(folder / given["data_dir"])):
        given["database_url"] = url
    file.write_text(json.dumps(given))
    return file


def environment() -> dict[str, str]:
    """This process's environment without anything that configures Chartroom or makes Python compile at each start."""
    dropped = ("CHARTROOM_", "PYTHONDONTWRITEBYTECODE")
    return {key: value for key, value in os.environ.items() if not key.startswith(dropped)}


def command_line(config: Path, *words: str) -> list[str]:
    """The words that start ``chartroom --config CONFIG WORDS…``."""
    return [sys.executable, "-m", "catalog_web", "--config", str(config), *words]


def chartroom(config: Path, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command_line(config, *words), capture_output=True, text=True, env=environment(), timeout=timeout, check=False
    )
