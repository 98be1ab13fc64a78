"""What is told of a folder on the server to those who may not change its source: not where it lies. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from indexer.errors import ChartroomError
from indexer.model import Attempt, Problem, SourceState

HIDDEN = "…"
"""Stands for the path."""


def state_without(state: SourceState) -> SourceState:
    """The same, which shows no address, and no path in its attempts."""
    path, last, change = state.source.url, state.last_attempt, state.last_change
    return replace(
        state,
        address_told=False,
        last_attempt=last and attempt_without(last, path),
        last_change=change and attempt_without(change, path),
    )


def attempt_without(attempt: Attempt, path: str) -> Attempt:
    """The same, whose error does not name ``path``."""
    return replace(attempt, error_params=_params(attempt.error_params, path))


def problem_without(problem: Problem, path: str) -> Problem:
    """The same, which does not name ``path``."""
    return replace(problem, params=_params(problem.params, path))


def error_without(error: ChartroomError, path: str) -> ChartroomError:
    """The same error, which does not name ``path``."""
    return type(error)(**_params(error.params, path))


def _params(params: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {name: _without(value, path) for name, value in params.items()}


def _without(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return value.replace(path.rstrip("/") or path, HIDDEN)
    return _params(value, path) if isinstance(value, Mapping) else value
