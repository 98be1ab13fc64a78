"""What pages share: the services, the address of the page with something changed, tiles, icons, notices."""

import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import format_decimal, get_translations, gettext
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from catalog_web.auth import current_person, decides, may, source_refused
from catalog_web.auth.seeing import current_sight
from catalog_web.catalog import Catalog
from catalog_web.client_address import is_https
from catalog_web.i18n import Told, ago, told_by_id
from catalog_web.install.apps import Place
from catalog_web.links import safe_link
from catalog_web.services import Services
from catalog_web.upgrades import Upgrades
from indexer.about import program_version
from indexer.errors import N_, BadQuery, Forbidden
from indexer.model import Attempt, ChartSummary, ClusterConfig, InstalledApp, Source, SourceState
from indexer.pictures import Wanted
from indexer.search.words import label

_TILE_COLOURS = 10
_LARGEST_PAGE = 100_000

NOTICES: Mapping[str, str] = {
    "source-added": N_("The source was added; its first sync begins now."),
    "source-changed": N_("The source was changed; it is synced now."),
    "source-removed": N_("The source and its charts were removed."),
    "published": N_("captain was told; it reads the repository within about two minutes."),
    "unpublished": N_("captain is told to forget it."),
    "sync-asked": N_("The sync begins in a moment."),
    "removals-accepted": N_("Accepted: the next sync carries the removals out."),
    "installed": N_("The HelmRequest was sent."),
    "upgraded": N_("The change was sent."),
    "requested": N_("Your request was kept: an administrator of the source decides about it."),
    "withdrawn": N_("The request was withdrawn."),
    "approved": N_("The request was approved and sent."),
    "refused": N_("The request was refused; who asked reads your reason."),
    "team-made": N_("The team was made; it shows everything until it has rules."),
    "team-changed": N_("The team was changed."),
    "team-removed": N_("The team was deleted; its members see everything again, unless other teams of theirs hide it."),
    "rule-added": N_("The rule was added."),
    "rule-removed": N_("The rule was taken away."),
    "rolled-back": N_("The earlier revision was sent again."),
    "annotated": N_("captain was told; it looks at once."),
    "adopted": N_("Chartroom keeps its history from now on."),
    "uninstalled": N_("The HelmRequest is being removed."),
    "preset-deleted": N_("The preset was deleted."),
    "captain-asked": N_("captain reads the repository now."),
    "namespace-made": N_("The namespace was made; captain goes on by itself."),
    "role-given": N_("The role was given; it holds from now on."),
    "role-taken": N_("The role was taken away; it holds no longer."),
    "search-saved": N_("The search was saved."),
    "search-deleted": N_("The search was deleted."),
    "notice-changed": N_("The notice was changed."),
    "notice-tested": N_("A test is on its way; look again in a few seconds."),
    "notice-deleted": N_("The notice was deleted."),
    "delivery-again": N_("It is sent again within seconds."),
    "signed-out": N_("You are signed out."),
    "session-ended": N_("That browser is signed out."),
    "token-revoked": N_("The token opens nothing any more."),
    "account-added": N_("The account was added."),
    "account-disabled": N_("The account is disabled; its sessions and tokens ended."),
    "account-enabled": N_("The account is open again."),
    "account-signed-out": N_("All sessions and tokens of the account ended."),
    "password-set": N_("The password was set."),
}
"""What a page may tell after a redirect. A view names the key in the address that it redirects to (``notice=…``)."""
CATEGORIES: Mapping[str, str] = {
    "ai-machine-learning": N_("AI and machine learning"),
    "database": N_("Database"),
    "integration-delivery": N_("Integration and delivery"),
    "monitoring-logging": N_("Monitoring and logging"),
    "networking": N_("Networking"),
    "security": N_("Security"),
    "storage": N_("Storage"),
    "streaming-messaging": N_("Streaming and messaging"),
}
"""What the annotation ``artifacthub.io/category`` may say (https://artifacthub.io/docs/topics/annotations/helm/)."""
NOTICE_COOKIE = "chartroom_notice"
_NOTICE_SECONDS = 60
"""After that nobody followed the redirect."""


def install(app: Flask) -> None:
    """Give templates what they may call."""
    app.after_request(_pass_notice_on)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        access_link=access_link,
        address=address,
        ask_for_access=ask_for_access,
        asks_first=asks_first,
        icon_address=icon_address,
        known_sources=known_sources,
        notice=notice,
        safe_link=safe_link,
        source_title=source_title,
        tile_colour=tile_colour,
        tile_letter=tile_letter,
        toggled=toggled,
        value_title=value_title,
        without=without,
    )
    app.jinja_env.globals.update(has_clusters=has_clusters)
    app.jinja_env.globals.update(here=here, ngettext=counted, program_version=program_version())
    app.jinja_env.filters.update(attempt_error=attempt_error, kind_name=kind_name, label=label, marked=marked)
    app.jinja_env.filters.update(plain_query=unquote_plus)
    app.jinja_env.filters.update(next_sync=next_sync)


def has_clusters() -> bool:
    """Whether there is any cluster for the person who asks."""
    return bool(seen_clusters())


def services() -> Services:
    """The services of this process."""
    return cast(Services, current_app.extensions["chartroom"])


def source_refused_at(place: Place, source: str) -> Forbidden | None:
    """Why the present person, who may change the app there, may not bring a chart of ``source`` to it."""
    return source_refused(current_person(), "app.upgrade", place.target, source, services().config.ask_for_access)


def number_argument(name: str, default: int = 1, most: int = _LARGEST_PAGE) -> int:
    """A whole number of the query, moved into 1 … ``most``. Raises BadQuery for what is no number."""
    text = request.args.get(name, str(default))
    try:
        return min(max(int(text[:20]), 1), most)
    except ValueError:
        raise BadQuery(
            what=gettext("“%(name)s” must be a whole number.", name=name),
            hint=N_("Correct the address, or leave this part out."),
        ) from None


# -- addresses


def address(**changes: Any) -> str:
    """Return the address of this page with some arguments changed; None removes one, a list gives several."""
    arguments = MultiDict(request.args)
    for name, value in changes.items():
        arguments.poplist(name)
        values = value if isinstance(value, list | tuple) else [value]
        arguments.setlist(name, [str(one) for one in values if one not in (None, "")])
    # Written here, not by url_for: to that one foreign names may be parts of the path, or options of its own.
    path = url_for(request.endpoint or "catalog.index", **(request.view_args or {}))
    query = urlencode(list(arguments.items(multi=True)))
    return f"{path}?{query}" if query else path


def toggled(name: str, value: str) -> str:
    """Return the address with ``value`` added to a filter or taken from it, from the first page on."""
    chosen = request.args.getlist(name)
    there = any(label(one) == label(value) for one in chosen)
    return without(name, value) if there else address(**{name: [*chosen, value], "page": None})


def without(name: str, value: str) -> str:
    """Return the address with ``value`` taken from a filter, from the first page on."""
    left = [one for one in request.args.getlist(name) if label(one) != label(value)]
    if name == "kube":
        left = []  # which may be written with a “v” before it
    return address(**{name: left, "page": None})


def notice() -> str:
    """Return the sentence that the last step left for this page, in the reader's language. It is told once."""
    if request.headers.get("HX-Target") == "live":
        return ""  # a look at the news, which shows no notice, must not use it up
    g.notice_told = True
    sentence = NOTICES.get(request.cookies.get(NOTICE_COOKIE, ""), "")
    return gettext(sentence) if sentence else ""


def _pass_notice_on(response: Response) -> Response:
    """Move the notice of a redirect from its address into a cookie, and drop the cookie once it was told.

    In the address it would be told again by every reload and to everybody who is sent the link.
    """
    path = request.root_path + "/"
    key = _notice_of(response.location or "")
    if response.status_code == HTTPStatus.SEE_OTHER and key:
        response.location = _without_notice(response.location or "")
        secure = is_https(services().config.public_url)
        response.set_cookie(
            NOTICE_COOKIE, key, _NOTICE_SECONDS, httponly=True, samesite="Strict", secure=secure, path=path
        )
    elif g.get("notice_told") and NOTICE_COOKIE in request.cookies:
        response.delete_cookie(NOTICE_COOKIE, path=path, httponly=True, samesite="Strict")
    return response


def _notice_of(location: str) -> str:
    key = dict(parse_qsl(urlsplit(location).query)).get("notice", "")
    return key if key in NOTICES else ""


def _without_notice(location: str) -> str:
    parts = urlsplit(location)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "notice"]
    return parts._replace(query=urlencode(kept)).geturl()


def here() -> str:
    """Path and query of this page, for the way back after a choice; of a form's page where a form was sent."""
    return request.script_root + (request.full_path if request.query_string else request.path)


def own_address(wanted: str) -> str:
    """Return ``wanted`` if it is a path of this server, else the catalog's: never a way to another host."""
    start = url_for("catalog.index")
    foreign = wanted.startswith("//") or "\\" in wanted or not wanted.isprintable()
    return wanted if wanted.startswith(start) and not foreign else start


# -- rights


def ask_for_access() -> str:
    """Whom to ask for a right, as the configuration says."""
    return services().config.ask_for_access


def access_link(wanted: str) -> str | None:
    """Where to ask for the right to ``wanted``: a letter that says so, or the page that the configuration names; None
    where it names nothing that leads anywhere."""
    whom = ask_for_access()
    if "@" in whom and ":" not in whom:
        subject = gettext("Access to %(wanted)s in Chartroom", wanted=wanted)
        return safe_link(f"mailto:{quote(whom, safe='@')}?subject={quote(subject)}")
    return safe_link(whom)


# -- sources, tiles, icons


def seen_catalog() -> Catalog:
    """The catalog as the person who asks sees it."""
    return services().catalog.for_(current_sight(services(), current_person()))


def seen_upgrades() -> Upgrades:
    """Upgrades to what the person who asks sees."""
    return services().upgrades.for_(seen_catalog())


def seen_clusters() -> tuple[ClusterConfig, ...]:
    """The clusters of which the person who asks may know."""
    return tuple(filter(lambda one: seen_catalog().sight.sees_cluster(one.name), services().installs.clusters))


def known_sources() -> Mapping[str, SourceState]:
    """Every source by name; asked once a request."""
    if "sources" not in g:
        g.sources = {state.source.name: state for state in seen_catalog().sources()}
    return cast(Mapping[str, SourceState], g.sources)


def asks_first(source: str) -> bool:
    """Whether an administrator of the source decides about what the present person sends from it."""
    state = known_sources().get(source)
    return state is not None and state.source.approval and not decides(current_person())(source)


def source_title(name: str) -> str:
    """Return the title that a source was given, else its name; with its name where another one has that title."""
    state = known_sources().get(name)
    title = (state.source.title if state else "") or name
    return f"{title} ({name})" if title != name and _titles()[title] > 1 else title


def _titles() -> Counter[str]:
    """How many sources have each title; counted once a request."""
    if "titles" not in g:
        g.titles = Counter(state.source.title or name for name, state in known_sources().items())
    return cast(Counter[str], g.titles)


def value_title(name: str, value: str) -> str:
    """How the value of a filter is shown: a source by its title, one of Artifact Hub's categories in words."""
    if name == "source":
        return source_title(value)
    return str(gettext(CATEGORIES[value])) if name == "category" and value in CATEGORIES else value


def apps_of(chart: ChartSummary) -> tuple[InstalledApp, ...]:
    """The apps that run the chart; none for whoever may not see apps."""
    allowed = may(current_person(), "app.read", "app").allowed
    return seen_catalog().installed(chart.source, chart.name) if allowed else ()


def icon_address(chart: ChartSummary) -> str | None:
    """Where the chart's picture is served, or None: then a letter stands for it. Never a foreign address."""
    state = known_sources().get(chart.source)
    if state is None or not services().pictures.may_show(Wanted(state.source, chart.icon)):
        return None
    return url_for("icons.icon", source=chart.source, name=chart.name)


def tile_colour(name: str) -> str:
    """Return the class of the tile's colour, always the same for a name."""
    return f"tile-{zlib.crc32(name.encode('utf-8', 'replace')) % _TILE_COLOURS}"


def tile_letter(name: str) -> str:
    """Return the first letter or digit of a name in upper case; a dot where there is none."""
    letter = next((one for one in name if unicodedata.category(one)[0] in "LN"), "·")
    return letter.upper()[:1]


# -- texts


def counted(singular: str, plural: str, count: int, **values: object) -> str:
    """Say how many there are; ``%(num)s`` is ``count`` with separators as the reader writes them."""
    template: str = get_translations().ungettext(singular, plural, count)
    return template % {"num": format_decimal(count), **values}


def attempt_error(attempt: Attempt) -> Told | None:
    """Put the error of an attempt into the reader's words; None where it had none."""
    return told_by_id(attempt.error_id, attempt.error_params)


def kind_name(source: Source, *, short: bool = False) -> str:
    """What sort of repository a source is, as far as it is known."""
    if source.kind == "harbor":
        return str(gettext("Harbor project")) if source.parent else "Harbor"
    names: dict[str, str] = {
        "index": "index.yaml" if short else gettext("repository with an index.yaml"),
        "oci": "OCI" if short else gettext("OCI registry"),
        "directory": gettext("folder") if short else gettext("folder on the server"),
    }
    return names[source.kind]


def next_sync(state: SourceState) -> Markup | str:
    """When a source is synced next."""
    if state.next_due is None or state.next_due <= datetime.now(UTC):
        return str(gettext("as soon as possible"))
    return ago(state.next_due)


def marked(parts: Iterable[tuple[str, bool]]) -> Markup:
    """Escape the parts of a snippet and mark those that were searched for."""
    shapes = {True: Markup("<mark>{}</mark>"), False: Markup("{}")}
    return Markup("").join(shapes[hit].format(text) for text, hit in parts)
