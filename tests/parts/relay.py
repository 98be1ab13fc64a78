"""Stands between Chartroom and an API server or a database, and cuts them off from each other as it is told."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts.control_plane import ControlPlane


class Relay:
    """Passes connections on to the server at ``port`` until it is cut: then it is as if that had been stopped."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open: list[socket.socket] = []
        self._loses = False
        self._silent = False
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def cut(self) -> None:
        """Refuse connections, and end those that there are."""
        # shutdown wakes the thread that accepts; close alone would leave the port open until it wakes
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end()

    def mend(self) -> None:
        """Pass connections on again."""
        self._listener = self._listen(self.port)

    @contextmanager
    def losing_answers(self) -> Iterator[None]:
        """What is sent on an open connection arrives, and its answer never does: the connection ends instead."""
        self._loses = True
        try:
            yield
        finally:
            self._loses = False

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Nothing that is sent arrives, and nobody is told: as where a network is cut in two. Afterwards what was open
        is gone."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False
            self._end()

    def _end(self) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if self._silent:
                    continue
                if answers and self._loses:
                    self._end()
                    return
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


def relayed_kubeconfig(plane: ControlPlane, relay: Relay) -> Path:
    """The admin's kubeconfig, by way of the relay."""
    path = plane.folder / "relayed.kubeconfig"
    config = json.loads(plane.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{relay.port}"
    path.write_text(json.dumps(config))
    return path
