"""What the HTTP server answers to a request that it does not hand on to the application.

waitress would answer in plain text, without the headers that every answer of ours has.
"""

import json
from typing import Any

from waitress.task import ErrorTask, WSGITask  # type: ignore[import-untyped]

from catalog_web.api.problems import MEDIA_TYPE, http_problem
from catalog_web.security import HEADERS, TOO_LARGE, content_security_policy

_TOO_LARGE = 413


def refusing(channel: Any, request: Any) -> Any:
    """The task that answers ``request``, which has an error. Of a body that is too large the application tells by
    itself, with a page or with a problem: it is handed on without its body."""
    return _TooLarge(channel, request) if request.error.code == _TOO_LARGE else _Refusal(channel, request)


class _Refusal(ErrorTask):  # type: ignore[misc]
    """Answers with problem details."""

    def execute(self) -> None:
        """Send them, and end the connection: where the next request begins is not known."""
        error = self.request.error
        body = json.dumps(http_problem(error.code)).encode()
        self.status = f"{error.code} {error.reason}"
        policy = ("Content-Security-Policy", content_security_policy())
        self.response_headers.extend([("Content-Type", MEDIA_TYPE), policy, *HEADERS.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _TooLarge(WSGITask):  # type: ignore[misc]
    """Hands on the head of the request alone, with a length that no route takes."""

    def get_environment(self) -> dict[str, Any]:
        """The request as the application sees it."""
        environ: dict[str, Any] = super().get_environment()
        too_long = self.channel.server.adj.max_request_body_size
        environ["CONTENT_LENGTH"] = str(max(self.request.content_length, too_long))
        environ[TOO_LARGE] = True
        return environ

    def execute(self) -> None:
        """Let the application answer, and end the connection: the body was not read to its end."""
        self.set_close_on_finish()
        super().execute()
