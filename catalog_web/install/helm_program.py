"""Runs helm on its own: bounded in time, memory and output, in an empty home, without network, plugins or cluster."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.errors import HelmAbsent, HelmUnusable, RenderError, RenderTooLarge

MAX_OUTPUT = 16 * 1024 * 1024
"""Bytes; the largest chart known (kube-prometheus-stack with its CRDs) makes about five million."""
MAX_ERROR = 64 * 1024
MEMORY = 1024 * 1024 * 1024
SECONDS = 20
"""By the clock and of processor time; a large chart takes two."""
_AT_ONCE = 2
_TURN_SECONDS = 15.0
_CHUNK = 64 * 1024
_LIMITED = Path(__file__).with_name("limited.py")
_DEAD_PROXY = "http://127.0.0.1:9"
"""The port of the discard service, where nothing listens: an address that a chart names leads nowhere."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended."""

    code: int
    output: bytes
    error: str


class HelmProgram:
    """The helm of the configuration, or the one on PATH. Safe to use from several threads."""

    def __init__(self, binary: str = "", *, seconds: float = SECONDS) -> None:
        self._binary, self._seconds = binary, seconds
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    @property
    def path(self) -> str:
        """Where it is. Raises HelmAbsent."""
        found = self._binary or shutil.which("helm")
        if not found:
            raise HelmAbsent
        return str(Path(found).absolute())

    def run(self, words: Sequence[str], stdin: bytes) -> Ended:
        """Run helm with these ``words``. Raises RenderError."""
        path = self.path
        if not self._turns.acquire(timeout=_TURN_SECONDS):
            raise RenderError(detail="too many charts are being rendered just now")
        try:
            with tempfile.TemporaryDirectory(prefix="chartroom-helm-") as home:
                return _run(path, words, stdin, Path(home), self._seconds)
        finally:
            self._turns.release()


def _run(path: str, words: Sequence[str], stdin: bytes, home: Path, seconds: float) -> Ended:
    limits = (str(MEMORY), str(int(seconds) + 1))
    command = [sys.executable, "-I", str(_LIMITED), *limits, path, *words]
    try:
        child = subprocess.Popen(  # noqa: S603 -- the program is the operator's, and no shell reads its words
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=home,
            env=_environment(home),
            start_new_session=True,
        )
    except OSError as error:
        raise HelmUnusable(program=path, detail=(error.strerror or "").lower()) from None
    return _attended(child, path, stdin, seconds)


def _environment(home: Path) -> Mapping[str, str]:
    """Nothing of ours: neither a kubeconfig nor a service account, no plugins, repositories or logins."""
    folders = {f"HELM_{one}_HOME": str(home / one.lower()) for one in ("CACHE", "CONFIG", "DATA")}
    proxies = {name: _DEAD_PROXY for one in ("http_proxy", "https_proxy", "all_proxy") for name in (one, one.upper())}
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        **folders,
        "HELM_PLUGINS": str(home / "plugins"),
        "HELM_NO_PLUGINS": "1",
        "KUBECONFIG": str(home / "kubeconfig"),
        "GOMAXPROCS": "2",
        "GOMEMLIMIT": f"{MEMORY * 3 // 4}",
        **proxies,
    }


def _attended(child: "subprocess.Popen[bytes]", path: str, stdin: bytes, seconds: float) -> Ended:
    """Feed it, read what it says up to the limits, and see that it ends."""
    assert child.stdin and child.stdout and child.stderr  # noqa: S101 -- for the type checker: all three are pipes
    output, error = _Reader(child, child.stdout, MAX_OUTPUT), _Reader(child, child.stderr, MAX_ERROR)
    feeder = threading.Thread(target=_feed, args=(child.stdin, stdin), daemon=True)
    feeder.start()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise RenderTooLarge(limit=f"{seconds:g} s") from None
    finally:
        _kill(child)
        for thread in (output, error, feeder):
            thread.join()
    if output.too_much:
        raise RenderTooLarge(limit=f"{MAX_OUTPUT // 1024 // 1024} MiB")
    told = bytes(error.read).decode("utf-8", "replace")
    _check_end(child.returncode, told, path)
    return Ended(child.returncode, bytes(output.read), told)


def _check_end(code: int, told: str, path: str) -> None:
    """Raises RenderTooLarge or HelmUnusable where it is not helm that ended by itself."""
    if code == -signal.SIGXCPU or "out of memory" in told or "cannot allocate memory" in told:
        raise RenderTooLarge(limit=f"{MEMORY // 1024 // 1024} MiB or {SECONDS} s")
    if "limited.py" in told:  # it could not become the program
        raise HelmUnusable(program=path, detail="it cannot be run")
    if "unknown flag: --skip-schema-validation" in told:
        raise HelmUnusable(program=path, detail="it is older than 3.16")


class _Reader(threading.Thread):
    """Reads one pipe to its end, and ends the process where it says too much."""

    def __init__(self, child: "subprocess.Popen[bytes]", pipe: IO[bytes], limit: int) -> None:
        super().__init__(daemon=True)
        self._child, self._pipe, self._limit = child, pipe, limit
        self.read = bytearray()
        self.too_much = False
        self.start()

    def run(self) -> None:
        """Read."""
        with self._pipe:
            while chunk := self._pipe.read1(_CHUNK):  # type: ignore[attr-defined]
                if len(self.read) + len(chunk) > self._limit:
                    self.too_much = True
                    _kill(self._child)
                    return
                self.read += chunk


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError), pipe:  # it may end without having read
        pipe.write(data)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End it and whatever it began."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
