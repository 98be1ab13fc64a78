"""The reader's language: chosen by hand (a cookie), else by what the browser prefers; and texts that others stored.

Errors, states and checks travel as a template with parameters (``N_`` marks the template where it is written); they
become sentences here, at the last moment, in the language of whoever looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, request
from flask_babel import (
    Babel,
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    get_locale,
    gettext,
    ngettext,
)
from markupsafe import Markup

from catalog_web.translations import compile as translations
from indexer.errors import ChartroomError, Phrase, by_id, fill
from indexer.model import Held, Problem

COOKIE = "chartroom_language"
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "简体中文"}
_HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}
_KIB = 1024
_SENTENCES = frozenset({"what", "hint"})
"""Parameters of an error that are sentences themselves; all others are names, whatever word they look like."""
_FEW = 10
"""Seconds below which hundredths matter."""


@dataclass(frozen=True, slots=True)
class Told:
    """An error in the reader's words."""

    id: str
    cause: str
    remedy: str


def install(app: Flask) -> None:
    """Compile what is not compiled yet, choose the language of each request, give templates their words."""
    translations.compile_all()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations.FOLDER)
    Babel(app, default_locale="en", default_timezone="UTC", locale_selector=choose)
    app.jinja_env.filters.update(
        ago=ago,
        lasting=lasting,
        day=day,
        exact=exact,
        number=format_decimal,
        size=size,
        duration=duration,
        phrased=phrased,
        said=said,
        told=told,
        wrong=wrong,
        held=held,
    )
    app.jinja_env.globals.update(languages=LANGUAGES, language=language, html_language=html_language)


def choose() -> str:
    """``en`` or ``zh``: the cookie if it names one of them, else the browser's preference, else English."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "en")


def language() -> str:
    """Language of the page being made."""
    return str(get_locale() or "en").split("_", maxsplit=1)[0]


def html_language() -> str:
    """The same as the ``lang`` attribute wants it."""
    return _HTML_LANGUAGE.get(language(), "en")


# -- texts that were written as a template with parameters


def said(template: str, params: Mapping[str, Any] | None = None) -> str:
    """Translate ``template`` and fill it."""
    return fill(template, params or {}, gettext) if template else ""


def phrased(one: Phrase) -> str:
    """A phrase in the reader's language."""
    return said(one["text"], one["params"])


def wrong(problem: Problem) -> str:
    """What is wrong with an entry, in the reader's words."""
    return said(problem.text, problem.params)


def held(one: Held) -> Told | None:
    """Why removals are held, in the reader's words."""
    return told_by_id(one.error_id, one.params)


def told(error: ChartroomError) -> Told:
    """Put an error into the reader's words."""
    return _told(type(error), error.params)


def told_by_id(error_id: str, params: Mapping[str, Any]) -> Told | None:
    """Put a stored error into the reader's words; None where there is none. An unknown id is an internal error."""
    return _told(by_id().get(error_id, ChartroomError), params) if error_id else None


def _told(cls: type[ChartroomError], params: Mapping[str, Any]) -> Told:
    words = {
        key: gettext(value) if key in _SENTENCES and isinstance(value, str) and value else value
        for key, value in params.items()
    }
    return Told(cls.id, said(cls.cause_text, words), said(cls.remedy_text, words))


# -- numbers and times


def ago(moment: datetime | None) -> Markup:
    """``3 hours ago`` as a time element with the exact moment on hover; empty for None."""
    if moment is None:
        return Markup("")
    words = format_timedelta(moment - datetime.now(UTC), granularity="second", threshold=0.9, add_direction=True)
    element = Markup('<time data-relative datetime="{}" title="{}">{}</time>')
    return element.format(_machine(moment), exact(moment), words)


def lasting(moment: datetime | None) -> Markup:
    """``3 days``: how long it is since ``moment``, with the exact one on hover; empty for None."""
    if moment is None:
        return Markup("")
    words = format_timedelta(datetime.now(UTC) - moment, granularity="second", threshold=0.9)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(_machine(moment), exact(moment), words)


def exact(moment: datetime | None) -> str:
    """Day and time with the zone, as long as it takes to be exact."""
    return _exact(moment, language()) if moment else ""


@lru_cache(maxsize=4096)
def _exact(moment: datetime, _language: str) -> str:
    return str(format_datetime(moment, "long"))


def day(moment: datetime | None) -> str:
    """The date alone."""
    return str(format_date(moment, "long")) if moment else ""


def _machine(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: int) -> str:
    """Bytes as people read them: ``1.4 MiB``."""
    value = float(count)
    for unit in ("B", "KiB", "MiB"):
        if value < _KIB:
            return f"{format_decimal(round(value, 1) if unit != 'B' else int(value))} {unit}"
        value /= _KIB
    return f"{format_decimal(round(value, 1))} GiB"


def duration(seconds: float) -> str:
    """Seconds as people read them, in the largest unit that fits: ``0.42 s``, ``30 minutes``."""
    for length, one in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length and seconds % length == 0:
            return _counted(int(seconds // length), one)
    shown = format_decimal(round(seconds, 2 if seconds < _FEW else 0))
    return str(gettext("%(seconds)s s", seconds=shown))


def _counted(count: int, unit: str) -> str:
    words: dict[str, str] = {
        "day": ngettext("%(num)s day", "%(num)s days", count),
        "hour": ngettext("%(num)s hour", "%(num)s hours", count),
        "minute": ngettext("%(num)s minute", "%(num)s minutes", count),
    }
    return words[unit]
