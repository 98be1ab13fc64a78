"""What the form of a source holds: from what is typed to settings, and back; its mistakes, field by field. Pure.

Secrets are kept apart from all else that is typed, so that no page can show one again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext

from indexer.errors import N_
from indexer.model import Source
from indexer.options import duration_text
from indexer.settings import split_login

Fields = Mapping[str, str]
"""All of the form but its secrets; a box that is ticked holds ``on``."""
MIB = 1024 * 1024
MOST_TYPED = 512 * 1024
"""Characters of one field: the authorities that a machine trusts take about 300,000."""

_TEXTS = (
    "url", "name", "title", "description", "kind", "sign_in", "username", "secret", "versions", "content", "proxy",
    "timeout", "interval", "max_index", "captain_repo",
)  # fmt: skip
_LISTS = ("include", "exclude", "projects", "repositories", "credential_origins")
_PEM = ("ca", "client_cert")
_TICKS = ("enabled", "private", "approval", "prereleases", "insecure_skip_verify")
_SECRETS = ("password", "token", "client_key")

NEW: Fields = {
    **dict.fromkeys((*_TEXTS, *_LISTS, *_PEM, *_TICKS), ""),
    "sign_in": "none",
    "interval": "30m",
    "timeout": "10m",
    "max_index": "64",
    "content": "latest",
    "enabled": "on",
    "prereleases": "on",
}
"""The form of a source that nobody has said anything about."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent."""

    fields: Fields
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Those that were typed, by the name of the field."""


def typed(form: Mapping[str, str]) -> Typed:
    """Read what was sent; a user name and password in the address are taken out of it."""
    texts = {name: form.get(name, "")[:MOST_TYPED].strip() for name in _TEXTS}
    # a browser sends the lines of a text area with CR LF
    areas = {name: form.get(name, "")[:MOST_TYPED].replace("\r\n", "\n").strip() for name in (*_LISTS, *_PEM)}
    ticks = {name: "on" if form.get(name) else "" for name in _TICKS}
    texts["url"] = _with_scheme(texts["url"])
    secrets = {name: text for name in _SECRETS if (text := form.get(name, "")[:MOST_TYPED].strip("\r\n"))}
    return _without_login(Typed({**texts, **areas, **ticks}, secrets))


def _with_scheme(url: str) -> str:
    """What looks like the name of a host is meant to be asked over https."""
    return f"https://{url}" if re.fullmatch(r"[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(:\d+)?(/\S*)?", url) else url


def _without_login(one: Typed) -> Typed:
    url, username, password = split_login(one.fields["url"])
    if not username:
        return one
    fields = {**one.fields, "url": url, "sign_in": "password", "username": username}
    return replace(one, fields=fields, secrets={**one.secrets, "password": password} if password else one.secrets)


def fields_of(source: Source) -> Fields:
    """The form as the settings of ``source`` fill it; the query of its address may hold a token and stays hidden."""
    return {
        "url": source.shown_url,
        "name": source.name,
        "title": source.title,
        "description": source.description,
        "kind": source.kind if source.kind_given else "",
        "sign_in": sign_in_of(source),
        "username": source.username,
        "secret": source.secret_ref,
        "versions": source.versions,
        "content": source.content,
        "proxy": source.proxy,
        "timeout": duration_text(source.timeout),
        "interval": duration_text(source.interval),
        "max_index": f"{source.max_index_bytes / MIB:g}",
        "captain_repo": source.captain_repo,
        "ca": source.ca,
        "client_cert": source.client_cert,
        **{name: "\n".join(getattr(source, name)) for name in _LISTS},
        **{name: "on" if getattr(source, name) else "" for name in _TICKS},
    }


def sign_in_of(source: Source) -> str:
    """How a source signs in: ``secret``, ``token``, ``password`` or ``none``. A client certificate goes with each."""
    if source.secret_ref:
        return "secret"
    if source.token_file or "token" in source.stored_secrets:
        return "token"
    return "password" if source.username else "none"


def values(one: Typed, present: Source | None = None) -> dict[str, Any]:
    """The settings that the form says, as `registration` takes them: None stands for the default, and forgets a secret.

    What is absent stays: a secret that goes with what is chosen and was not typed, and an address as it was shown.
    """
    fields = one.fields
    return {
        **{name: fields[name] or None for name in ("title", "description", "kind", "versions", "content", "proxy")},
        **{name: fields[name] or None for name in ("timeout", "interval", "captain_repo", "ca", "client_cert")},
        **{name: entries(fields[name]) for name in _LISTS},
        **{name: bool(fields[name]) for name in _TICKS},
        **_sign_in(one),
        **({} if present and fields["url"] == present.shown_url else {"url": fields["url"]}),
        "name": fields["name"],
        "max_index_bytes": _bytes(fields["max_index"]),
    }


def _sign_in(one: Typed) -> dict[str, str | None]:
    chosen, fields = one.fields["sign_in"], one.fields
    found = {
        "username": fields["username"] or None if chosen == "password" else None,
        "secret": fields["secret"] or None if chosen == "secret" else None,
    }
    for name, goes_with in (("password", chosen == "password"), ("token", chosen == "token")):
        if not goes_with:
            found[name] = None
        elif name in one.secrets:
            found[name] = one.secrets[name]
    if "client_key" in one.secrets:
        found["client_key"] = one.secrets["client_key"]
    return found


def entries(text: str) -> tuple[str, ...]:
    """The entries of a list that stand on lines of their own, or between commas or blanks."""
    return tuple(re.findall(r"[^\s,]+", text))


def _bytes(text: str) -> int | str | None:
    """Mebibytes as bytes; what is no number stays, to be refused as such."""
    try:
        return int(float(text.replace(",", ".")) * MIB) if text else None
    except (ValueError, OverflowError):
        return text


# -- mistakes

_FIELD_OF = {"max_index_bytes": "max_index"}
"""Where the form calls an option otherwise."""
_ACROSS = (
    ("username and password_file", "password", N_("Give the user name and the password.")),
    ("a token stands", "token", N_("Give a token, or a user name and password, not both.")),
    ("secret stands", "secret", N_("The Secret stands for all credentials: give no others beside it.")),
    (
        "client_cert_file and client_key_file",
        "client_key",
        N_("A certificate and its key belong together: paste both."),
    ),
    ("kind index", "kind", N_("An index.yaml is read from an address with https:// or http://.")),
    ("kind harbor", "kind", N_("A Harbor is read from an address with https:// or http://.")),
    ("kind oci", "kind", N_("An OCI registry has an address with oci://.")),
    ("projects are", "projects", N_("Only a Harbor has projects.")),
    ("repositories are", "repositories", N_("Only an OCI registry or a Harbor has repositories to choose from.")),
)
"""How mistakes begin that options make together, the field where each is told, and how."""
_RULES = {
    "name": N_("Use 1 to 63 lower-case letters, digits and inner hyphens; “new”, “test” and “import” are taken."),
    "captain_repo": N_("Use 1 to 63 lower-case letters, digits and inner hyphens."),
    "url": N_("Give the address of the repository, beginning with https://, http:// or oci://."),
    "interval": N_("Write a number with s, m, h or d, such as 30m; at least 10s and at most 366d."),
    "timeout": N_("Write a number with s, m, h or d, such as 10m; at most 1d."),
    "max_index": N_("Write a number of MiB from 1 to 1024."),
    "secret": N_("Write it as CLUSTER/NAMESPACE/NAME."),
}
"""How a field is written, where that says all that there is to say of a mistake in it."""


def by_field(mistakes: Iterable[str]) -> dict[str, str]:
    """Mistakes of settings by the field of the form that each is about; what is about none stands under ``""``."""
    found: dict[str, str] = {}
    for one in mistakes:
        name, text = _placed(one)
        found.setdefault(name, text)
    return found


def _placed(mistake: str) -> tuple[str, str]:
    option, told, text = mistake.partition(": ")
    option = option.partition(".")[0]
    name = _FIELD_OF.get(option, option)
    if told and (name in NEW or name in _SECRETS):
        return name, gettext(_RULES[name]) if name in _RULES else sentence(text)
    for start, field_, words in _ACROSS:
        if mistake.startswith(start):
            return field_, gettext(words)
    return "", sentence(mistake)


def lacking(one: Typed, present: Source | None) -> dict[str, str]:
    """What has to be there, and neither the form nor ``present`` has; by field."""
    if "://" not in one.fields["url"] and not (present and present.kind == "directory"):
        return {"url": gettext(_RULES["url"])}
    chosen, stored = one.fields["sign_in"], present.stored_secrets if present else ()
    has_file = {"password": bool(present and present.password_file), "token": bool(present and present.token_file)}
    if chosen == "secret" and not one.fields["secret"]:
        return {"secret": gettext("Name the Secret.")}
    if chosen == "password" and not one.fields["username"]:
        return {"username": gettext("Give the user name.")}
    if chosen in has_file and not (chosen in one.secrets or chosen in stored or has_file[chosen]):
        return {chosen: gettext("Type the password.") if chosen == "password" else gettext("Type the token.")}
    return {}


def sentence(text: str) -> str:
    """A mistake as a sentence of its own, in the reader's language where it is known there."""
    words = gettext(text)
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '。')) else '.'}"


# -- what is folded

PARTS: Mapping[str, tuple[str, ...]] = {
    "certificate": ("client_cert", "client_key"),
    "trust": ("ca", "insecure_skip_verify"),
    "reading": ("projects", "repositories", "include", "exclude", "versions", "prereleases", "content", "kind"),
    "connection": ("proxy", "timeout", "interval", "credential_origins", "max_index"),
    "about": ("title", "description", "captain_repo", "private", "approval", "enabled"),
}
"""The folded parts of the form, with their fields."""


def opened(fields: Fields, mistakes: Mapping[str, str]) -> frozenset[str]:
    """The parts that hold something other than the default, or a mistake."""
    return frozenset(
        part for part, names in PARTS.items()
        if any(name in mistakes or fields.get(name, "") != NEW.get(name, "") for name in names)
    )  # fmt: skip


_EMPTY_PARTS = frozenset({"index.yaml", "chartrepo", "charts", "helm", "helm-charts", "api", "v2"})
_EMPTY_LABELS = frozenset({"www", "charts", "helm"})


def suggested_name(url: str) -> str:
    """A name for a source at ``url``: the last word of its path that says something, else of its host."""
    host, _, path = url.partition("://")[2].partition("?")[0].partition("/")
    parts = [one for one in path.split("/") if one and one.lower() not in _EMPTY_PARTS]
    labels = [one for one in host.partition(":")[0].split(".") if one.lower() not in _EMPTY_LABELS]
    words = [*parts[-1:], *labels[:1], host]
    said = next((one for one in words if re.search(r"[a-zA-Z]", one)), host)
    return re.sub(r"[^a-z0-9]+", "-", said.lower())[:63].strip("-")
