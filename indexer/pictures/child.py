"""Runs ``decode`` on one picture at a time."""

import subprocess
import sys
import threading
from pathlib import Path

from indexer.pictures.kinds import media_type
from indexer.pictures.wanted import PictureRefused, Shape

_PROGRAM = Path(__file__).with_name("decode.py")
_WALL_SECONDS = 15
"""Its processor time is bounded by itself; this is for a machine that gives it none."""
_TURN = threading.Lock()
_START = 5120


def decode(source: Path, target: Path, shape: Shape) -> None:
    """Make the foreign picture in the file ``source`` into one of ours, of that ``shape``, in ``target``.

    A process for each, so that nothing of one picture is left for the next, and one after another. Raises
    PictureRefused, OSError.
    """
    numbers = (shape.width, shape.height, shape.most_pixels, shape.cpu_seconds, int(shape.keeps_form))
    command = [sys.executable, "-I", str(_PROGRAM), *map(str, numbers)]
    with _TURN, source.open("rb") as read, target.open("wb") as write:
        try:
            ended = subprocess.run(  # noqa: S603 -- the program is ours, and its words are numbers
                command,
                stdin=read,
                stdout=write,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                timeout=_WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PictureRefused from None
    with target.open("rb") as made:
        if ended.returncode != 0 or media_type(made.read(_START)) is None:
            raise PictureRefused
