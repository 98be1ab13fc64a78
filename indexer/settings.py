"""What a source is made of, as its owner writes it: in the configuration file, on the command line, over the API.

One table of options for all three. Each is checked by itself and with the others when it is given: what cannot work is
told at once, and not by a sync later.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import AfterValidator, Field

from indexer.errors import BadUrl, CredentialsUnreadable, fill
from indexer.http import DIRECT, check_url
from indexer.keyring import KeyringUnusable, load_keyring
from indexer.model import ContentPolicy, SecretField, Source, SourceKind
from indexer.options import NAME, REPO_NAME, Duration, Name, Table, validated
from indexer.pem import check_certificates, check_key
from indexer.secret_file import read_secret_text
from indexer.version_range import VersionRange

MIN_INTERVAL, MAX_INTERVAL = 10, 366 * 86400
MAX_TIMEOUT = 86400
MAX_INDEX = 1024**3
MAX_URL = 2048
_MOST, _LONGEST_GLOB = 200, 255
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SECRET = re.compile(rf"{NAME}/{_LABEL}/{_LABEL}(\.{_LABEL}){{0,30}}")
_LOGIN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%-]+")
"""What may stand before an address's @ (RFC 3986); anything else is read one way here and another way there."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SCHEMES = {"http": "http", "https": "https", "oci": "https"}
"""Of addresses, with the scheme that they are checked as."""

FILES = (
    "password_file",
    "token_file",
    "client_cert_file",
    "client_key_file",
    "ca_file",
    "hook_secret_file",
    "keyring_file",
)
"""Options that name a file of the server."""
_OVER_THE_NETWORK = (
    "username", "client_cert", "ca", "insecure_skip_verify", "secret", "credential_origins", "proxy", "projects",
    "repositories", *(one for one in FILES if one != "keyring_file"),
)  # fmt: skip
"""Options that mean nothing for a folder."""


def split_login(url: str) -> tuple[str, str, str]:
    """An address without the user name and password in it, and these two; empty where there are none.

    What no parser could take for a login in one way only stays where it is, and is refused there.
    """
    plain = url.strip()
    scheme, between, rest = plain[:MAX_URL].partition("://")
    authority, slash, path = rest.partition("/")
    login, at, host = authority.rpartition("@")
    if len(plain) > MAX_URL or not between or not at or not _LOGIN.fullmatch(login):
        return plain, "", ""
    username, _, password = login.partition(":")
    return f"{scheme}://{host}{slash}{path}", unquote(username), unquote(password)


# -- one option by itself


def _text(value: str) -> str:
    if _UNSEEN.search(value):
        raise ValueError("it has control characters, or such as turn the direction of text")
    return value


def _address(value: str) -> str:
    if len(value) > MAX_URL:
        raise ValueError(f"it is longer than {MAX_URL} characters")
    scheme, told, rest = value.partition("://")
    if not told:
        return value
    if scheme.lower() not in _SCHEMES:
        raise ValueError("write an address with http://, https:// or oci://, or the path of a folder")
    if "@" in rest.partition("/")[0]:
        raise ValueError("no user name or password in the address: give username and password_file beside it")
    if scheme.lower() == "oci" and "?" in rest:
        raise ValueError("an oci:// address has no query")
    _checked(f"{_SCHEMES[scheme.lower()]}://{rest}")
    return f"{scheme.lower()}://{rest}"


def _checked(url: str) -> str:
    try:
        return check_url(url)
    except BadUrl as error:
        raise ValueError(fill("{detail}", error.params)) from None


def _proxy(value: str) -> str:
    if value in ("", DIRECT):
        return value
    if "@" in value:
        raise ValueError("a proxy that asks for a password is not supported: no user name or password in its address")
    if not re.fullmatch(r"https?://[^/?#]+/?", value):
        raise ValueError(f"write a proxy as http://HOST:PORT, or {DIRECT} for none")
    return _checked(value).rstrip("/")


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[^/?#@]+/?", value):
        raise ValueError("write an origin as https://HOST or https://HOST:PORT, without a path")
    return _checked(value).rstrip("/").lower()


def _glob(value: str) -> str:
    if not value or len(value) > _LONGEST_GLOB or not value.isprintable() or " " in value:
        raise ValueError(f"a glob has 1 to {_LONGEST_GLOB} characters and no blanks")
    if value.startswith("!"):
        raise ValueError("a glob does not begin with !; list what is not wanted under exclude")
    if _unclosed(value):
        raise ValueError(f"“{value}” has a [ without its ]")
    return value


def _unclosed(glob: str) -> bool:
    """Whether a [ begins no class of characters, so that ``fnmatch`` would take it for itself."""
    at = glob.find("[")
    while at >= 0:
        inside = at + 2 if glob.startswith("!", at + 1) else at + 1
        end = glob.find("]", inside + 1)  # a ] that comes first is one of the characters
        if end < 0:
            return True
        at = glob.find("[", end)
    return False


def _versions(value: str) -> str:
    if value.strip():
        VersionRange.parse(value)
    return value.strip()


def _secret(value: str) -> str:
    if value and not _SECRET.fullmatch(value):
        raise ValueError("write it as CLUSTER/NAMESPACE/NAME of a Kubernetes Secret")
    return value


def _repo_name(value: str) -> str:
    if value and not re.fullmatch(REPO_NAME, value):
        raise ValueError("a ChartRepo's name has lower-case letters a–z, digits, and inner hyphens and dots")
    return value


def _username(value: str) -> str:
    if ":" in value or not value.isprintable():
        raise ValueError("a user name has no colon and no control characters")
    return value


def _pem(value: str) -> str:
    if value:
        check_certificates(value)
    return value


Glob = Annotated[str, AfterValidator(_glob)]
Globs = Annotated[tuple[Glob, ...], Field(max_length=_MOST)]
Pem = Annotated[str, AfterValidator(_pem)]


class SourceOptions(Table):
    """One entry of ``sources``."""

    name: Name
    title: Annotated[str, AfterValidator(_text)] = Field("", max_length=200)
    description: Annotated[str, AfterValidator(_text)] = Field("", max_length=2000)
    url: Annotated[str, AfterValidator(_address)] = Field(min_length=1)
    kind: SourceKind | None = None
    enabled: bool = True
    private: bool = False
    approval: bool = False
    username: Annotated[str, AfterValidator(_username)] = Field("", max_length=255)
    password_file: str = ""
    token_file: str = ""
    client_cert: Pem = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    ca: Pem = ""
    ca_file: str = ""
    insecure_skip_verify: bool = False
    secret: Annotated[str, AfterValidator(_secret)] = ""
    credential_origins: Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], Field(max_length=_MOST)] = ()
    hook_secret_file: str = ""
    keyring_file: str = ""
    proxy: Annotated[str, AfterValidator(_proxy)] = ""
    interval: Duration = Field(1800, ge=MIN_INTERVAL, le=MAX_INTERVAL)
    timeout: Duration = Field(600, ge=1, le=MAX_TIMEOUT)
    max_index_bytes: int = Field(64 * 1024 * 1024, ge=1, le=MAX_INDEX)
    include: Globs = ()
    exclude: Globs = ()
    versions: Annotated[str, AfterValidator(_versions)] = ""
    prereleases: bool = True
    projects: Globs = ()
    repositories: Globs = ()
    content: ContentPolicy = "latest"
    captain_repo: Annotated[str, AfterValidator(_repo_name)] = ""


# -- options with each other


def across(entry: Mapping[str, Any], stored: Collection[SecretField] = ()) -> Iterator[str]:
    """What the options of ``entry``, of whatever types, say against each other. ``stored``: secrets that are kept."""
    yield from _login_mistakes(entry, stored)
    yield from _tls_mistakes(entry, stored)
    yield from _address_mistakes(entry)


def _login_mistakes(entry: Mapping[str, Any], stored: Collection[SecretField]) -> Iterator[str]:
    has_password = bool(entry.get("password_file")) or "password" in stored
    has_token = bool(entry.get("token_file")) or "token" in stored
    if bool(entry.get("username")) != has_password:
        yield "username and password_file belong together: give both or neither (a password may be typed instead)"
    if has_token and (entry.get("username") or has_password):
        yield "a token stands instead of user name and password: give one of them"
    has_client = entry.get("client_cert") or entry.get("client_cert_file")
    if entry.get("secret") and (entry.get("username") or has_password or has_token or has_client):
        yield "secret stands for all credentials: give no others beside it"


def _tls_mistakes(entry: Mapping[str, Any], stored: Collection[SecretField]) -> Iterator[str]:
    for one in ("ca", "client_cert"):
        if entry.get(one) and entry.get(f"{one}_file"):
            yield f"give {one} or {one}_file, not both"
    has_certificate = bool(entry.get("client_cert") or entry.get("client_cert_file"))
    if has_certificate != (bool(entry.get("client_key_file")) or "client_key" in stored):
        yield "client_cert_file and client_key_file belong together: give both or neither (both may be pasted instead)"


def _address_mistakes(entry: Mapping[str, Any]) -> Iterator[str]:
    url, kind = str(entry.get("url", "")), entry.get("kind")
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    fits = {"index": ("http", "https"), "harbor": ("http", "https"), "oci": ("oci",), "directory": ("",)}
    if url and isinstance(kind, str) and scheme not in fits.get(kind, (scheme,)):
        yield f"kind {kind} does not go with this address; {_needs(kind)}"
    if not scheme:
        given = [one for one in _OVER_THE_NETWORK if entry.get(one)]
        yield from [f"a folder has no {', '.join(given)}"] if given and url else []
    if entry.get("projects") and (kind not in ("harbor", None) or scheme == "oci"):
        yield "projects are those of a harbor; leave kind out, or say harbor"
    if entry.get("repositories") and kind not in ("harbor", "oci", None):
        yield "repositories are those of an oci registry or a harbor"
    origins = entry.get("credential_origins")
    plain = isinstance(origins, list | tuple) and any(str(one).lower().startswith("http://") for one in origins)
    if scheme in ("https", "oci") and plain:
        yield "credential_origins: what is read over https gives its credentials to no http:// origin"


def _needs(kind: str) -> str:
    return {"oci": "it is written oci://HOST/PATH", "directory": "it is the path of a folder"}.get(
        kind, "it begins with https:// or http://"
    )


# -- to a source and back


def make_source(base: Path, values: Mapping[str, Any], stored: Collection[SecretField] = ()) -> Source:
    """Build a Source from what a person gave. Relative paths count from ``base``; ``stored``: secrets that are kept.

    Raises ConfigError with all mistakes.
    """
    return source_of(validated(SourceOptions, values, across(values, stored), "this source"), base)


def source_of(options: SourceOptions, base: Path) -> Source:
    """The source that checked ``options`` describe."""
    told = options.url.partition("://")
    guessed: SourceKind = "directory" if not told[1] else "oci" if told[0] == "oci" else "index"
    kind = options.kind or guessed
    files: dict[str, Any] = {name: _absolute(base, getattr(options, name)) for name in FILES}
    return Source(
        kind=kind,
        kind_given=options.kind is not None or guessed != "index",
        url=options.url if told[1] else _absolute(base, options.url),
        secret_ref=options.secret,
        **files,
        **options.model_dump(exclude={"kind", "url", "secret", *FILES}),
    )


def options_of(source: Source) -> dict[str, Any]:
    """The options that describe ``source``, as ``make_source`` takes them."""
    named = set(SourceOptions.model_fields) - {"kind", "secret"}
    # That it is a registry or a folder follows from the address, whatever that will be.
    kind = {"kind": source.kind} if source.kind_given and source.kind in ("index", "harbor") else {}
    return {name: getattr(source, name) for name in named} | {"secret": source.secret_ref} | kind


def faults_in_files(source: Source) -> Iterator[str]:
    """What is wrong with the certificates in files that ``source`` names. A file that cannot be read now is none of
    it: it may be there by the next sync, which tells otherwise."""
    yield from _fault("ca_file", source.ca_file, check_certificates)
    fault = list(_fault("client_cert_file", source.client_cert_file, check_certificates))
    yield from fault
    certificate = "" if fault else source.client_cert or _readable(source.client_cert_file)
    yield from _keyring_fault(source.keyring_file)
    yield from _fault("client_key_file", source.client_key_file, partial(check_key, certificate=certificate))


def _keyring_fault(path: str) -> Iterator[str]:
    try:
        load_keyring(path) if path else None
    except KeyringUnusable as error:
        yield f"keyring_file: {error}"


def _fault(option: str, path: str, check: Callable[[str], object]) -> Iterator[str]:
    text = _readable(path)
    try:
        check(text) if text else None
    except ValueError as error:
        yield f"{option}: {error}"


def _readable(path: str) -> str:
    try:
        return read_secret_text(path) if path else ""
    except CredentialsUnreadable:
        return ""


def _absolute(base: Path, path: str) -> str:
    return str((base / Path(path).expanduser()).resolve()) if path else ""


def as_found(source: Source, present: Source) -> Source:
    """``source`` with the kind that was found out for ``present``, as long as nobody says another."""
    guessed = source.kind == "index" and not source.kind_given
    same = guessed and source.url == present.url and not present.kind_given
    return replace(source, kind=present.kind) if same else source
