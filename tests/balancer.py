"""What stands before several processes: sends each request to one that is ready, as a Service of Kubernetes does.

It never tries a request again, so whoever asks sees each one that a process let down.
"""

import http.client
import threading
from collections.abc import Callable, Sequence
from itertools import count

from tests.replicas import Member

LOOK_SECONDS = 0.3
"""Between two looks at who is ready: a probe every second would only make the test longer."""


class Balancer:
    """Knows who is ready, and asks one of them after another."""

    def __init__(self, members: Callable[[], Sequence[Member]]) -> None:
        self._members, self._turn = members, count()
        self._ready: tuple[Member, ...] = ()
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._ready = tuple(one for one in self._members() if one.is_ready())
        self._looking.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._looking.join()

    def knows(self, member: Member) -> bool:
        """Whether it may be sent requests."""
        return member in self._ready

    def ask(self, path: str) -> tuple[int, bytes]:
        """Status and body of an answer. Raises OSError and HTTPException where the process gives none."""
        ready = self._ready
        member = ready[next(self._turn) % len(ready)]
        connection = http.client.HTTPConnection(member.url.removeprefix("http://"), timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._ready = tuple(one for one in self._members() if one.process.poll() is None and one.is_ready())
