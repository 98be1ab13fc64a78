"""What the headers of an answer say. Pure: strings in, facts or a refusal out."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from indexer.errors import N_, BadAnswer, BadEncoding, phrase

RETRY_AFTER_CAP = 6 * 3600
"""Seconds; urllib3 caps at the same."""
_DIGITS = 18
"""So many are enough to be over the cap, and few enough for int()."""
_LENGTH = re.compile(r"[0-9]{1,18}")
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1024}")


def told_length(lengths: Sequence[str], transfer_codings: Sequence[str], url: str) -> int | None:
    """Bytes of the body according to Content-Length; None where chunks or the end of the connection bound it.

    A repeated Content-Length is taken if all say the same (RFC 9110, 8.6). Raises BadAnswer for two lengths, for one
    that is no number, and for a transfer coding other than chunked.
    """
    if transfer_codings and [coding.strip().lower() for coding in transfer_codings] != ["chunked"]:
        raise BadAnswer(
            url=url,
            detail=phrase(N_("it uses the transfer coding {coding}"), coding=clean(", ".join(transfer_codings), 60)),
        )
    told = {part.strip() for length in lengths for part in length.split(",")}
    if len(told) > 1:
        raise BadAnswer(url=url, detail=phrase(N_("it tells two lengths")))
    if not all(map(_LENGTH.fullmatch, told)):
        raise BadAnswer(url=url, detail=phrase(N_("its Content-Length is “{length}”"), length=clean(told.pop(), 60)))
    return int(told.pop()) if told and not transfer_codings else None


def is_gzip(codings: Sequence[str], url: str) -> bool:
    """Whether the body is coded by gzip. Raises BadEncoding for another coding and for more than one."""
    named = [part.strip().lower() for coding in codings for part in coding.split(",")]
    applied = [coding for coding in named if coding not in ("", "identity")]
    if not applied:
        return False
    if applied in (["gzip"], ["x-gzip"]):
        return True
    text = N_("it uses the coding {coding}, which was not asked for")
    raise BadEncoding(url=url, detail=phrase(text, coding=clean(", ".join(applied), 60)))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait according to a Retry-After header (a number or an HTTP date), at most six hours.

    None if it is absent or unreadable.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:_DIGITS]), RETRY_AFTER_CAP))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), float(RETRY_AFTER_CAP))


def validator(value: str | None) -> str:
    """An ETag or Last-Modified as it may be stored and sent back; empty if it is absent, huge or not plain ASCII."""
    return value if value and _VALIDATOR.fullmatch(value) else ""


def status_words(status: int) -> str:
    """The standard words for ``status``; what the server itself wrote there is not repeated."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "not a status of HTTP"


def clean(text: str, limit: int) -> str:
    """``text`` in one line of at most ``limit`` printable characters: no control, zero-width or direction marks."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
