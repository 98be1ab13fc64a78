"""What is said of an event: as JSON for programs, as a message for people, in English or Chinese. Pure but for the
message catalogs, which are read once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

from babel.support import Translations

from catalog_web.translations.compile import FOLDER
from indexer.errors import N_, fill
from indexer.notices import MOST_TOLD, Event, EventKind

SUBJECTS: Mapping[EventKind, str] = {
    "version-new": N_("{source}: {count} new versions"),
    "version-repushed": N_("{source}: {count} versions were pushed again"),
    "source-failing": N_("{source} cannot be synced"),
    "source-well": N_("{source} is synced again"),
    "install-outcome": N_("{app}: {outcome}"),
    "approval-wanted": N_("{person} asks to send {app}"),
    "approval-decided": N_("{app}: the request was {outcome}"),
    "test": N_("A test of this notice"),
}
OUTCOMES: Mapping[str, str] = {
    "synced": N_("runs"),
    "failed": N_("failed"),
    "gone": N_("was removed"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("forgotten, as nobody decided"),
}
TITLES: Mapping[EventKind, str] = {
    "version-new": N_("New versions of charts"),
    "version-repushed": N_("Versions that were pushed again with another content"),
    "source-failing": N_("A source begins to fail"),
    "source-well": N_("A source is well again"),
    "install-outcome": N_("How an install or a change of an app ended"),
    "approval-wanted": N_("Somebody asks for an approval"),
    "approval-decided": N_("A request was decided"),
    "test": N_("A test"),
}
_SEVERAL = N_("Chartroom: {count} notices")
_MORE = N_("and {count} more")
_FOOTER = N_("You are told of this because of a notice that is kept in Chartroom: {page}")
_LONGEST_SUBJECT = 200


def body_of(event: Event, delivery: str, public_url: str) -> dict[str, Any]:
    """The JSON object of a delivery. At most MOST_TOLD versions are named; ``more`` says how many others there are."""
    named = [{"chart": chart, "version": version} for chart, version in event.versions[:MOST_TOLD]]
    body = {
        "id": delivery,
        "event": event.kind,
        "at": event.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "source": event.source,
        "person": event.person,
        "right": event.right,
        "count": len(event.versions),
        "versions": named,
        "more": len(event.versions) - len(named),
        **event.facts,
        "page": _page(event, public_url),
    }
    return {**body, "text": _subject(body, str)}


def message(bodies: Sequence[Mapping[str, Any]], language: str, page: str) -> tuple[str, str]:
    """Subject and text of an e-mail that tells of one or several deliveries."""
    translate = _translator(language)
    several = fill(_SEVERAL, {"count": len(bodies)}, translate)
    subject = _subject(bodies[0], translate) if len(bodies) == 1 else several
    parts = ["\n".join(_lines(one, translate)) for one in bodies]
    footer = fill(_FOOTER, {"page": page}, translate)
    return _one_line(subject)[:_LONGEST_SUBJECT], "\n\n".join([*parts, f"-- \n{footer}"]) + "\n"


def _subject(body: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    app = body.get("app") or {}
    outcome = str(body.get("outcome", ""))
    params = {
        "source": body["source"],
        "count": body["count"],
        "person": body["person"],
        "app": "/".join(str(app.get(part, "")) for part in ("cluster", "namespace", "name")),
        "outcome": translate(OUTCOMES[outcome]) if outcome in OUTCOMES else outcome,
    }
    return fill(SUBJECTS[body["event"]], params, translate)


def _lines(body: Mapping[str, Any], translate: Callable[[str], str]) -> list[str]:
    lines = [f"{body['at']}  {_one_line(_subject(body, translate))}"]
    lines += [f"  {one['chart']} {one['version']}" for one in body["versions"]]
    if body["more"]:
        lines.append("  " + fill(_MORE, {"count": body["more"]}, translate))
    error = body.get("error") or {}
    lines += [f"  {_one_line(error[part])}" for part in ("cause", "remedy") if error.get(part)]
    lines += [f"  {_one_line(str(body[part]))}" for part in ("reason", "why") if body.get(part)]
    return [*lines, *([f"  {body['page']}"] if body["page"] else [])]


def _page(event: Event, public_url: str) -> str:
    """Where more is to be seen; empty where it is not known how Chartroom is reached."""
    if not public_url or event.kind == "test":
        return public_url
    app = event.facts.get("app")
    if event.kind.startswith("approval"):
        return f"{public_url}/apps"
    if app:
        return f"{public_url}/apps/{app['cluster']}/{app['namespace']}/{app['name']}"
    return f"{public_url}/sources/{event.source}" if "source" in event.kind else f"{public_url}/activity"


@lru_cache
def _translator(language: str) -> Callable[[str], str]:
    translations = Translations.load(str(FOLDER), [language])
    return lambda text: str(translations.gettext(text)) if text else ""


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
