"""Server processes on loopback: Chartroom's, and one that always gives the same answer."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog_web.commands.listening import listen
from catalog_web.commands.serve import THREADS
from tests.command import command_line, environment

HOST = "127.0.0.1"
ANSWER = b'{"answer":"' + b"x" * (2_048 - 13) + b'"}'
"""2 kB of JSON."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that is ready."""

    url: str
    process: int


@contextmanager
def chartroom_web(config: Path) -> Iterator[Server]:
    """``chartroom web`` on a port of its own."""
    words = command_line(config, "web", "--listen", f"{HOST}:0")
    with _running(words, "Chartroom is ready at ") as server:
        yield server


@contextmanager
def constant() -> Iterator[Server]:
    """A Flask application with one constant answer, on the same HTTP server with as many threads."""
    with _running([sys.executable, "-m", "tests.bench.serving"], "ready at ") as server:
        yield server


@contextmanager
def _running(words: Sequence[str], ready: str) -> Iterator[Server]:
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith(ready)), "")
            if not line:
                raise RuntimeError(f"{' '.join(words)} did not become ready")
            yield Server(line.removeprefix(ready).strip().rstrip("/"), process.pid)
        finally:
            process.terminate()


def main() -> None:
    """Serve the constant answer until ended."""
    from flask import Flask, Response

    app = Flask(__name__)

    @app.get("/")
    def answer() -> Response:
        return Response(ANSWER, mimetype="application/json")

    server = listen(app, HOST, 0, THREADS)
    print(f"ready at http://{HOST}:{server.port}", flush=True)
    server.run()


if __name__ == "__main__":
    main()
