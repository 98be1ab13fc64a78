"""Typed options: a YAML file, and the environment over it. All mistakes at once."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from indexer import mirrors, settings
from indexer.errors import ConfigError, CredentialsUnreadable, fill
from indexer.http import DEFAULT_ALLOW
from indexer.keyring import KeyringUnusable, load_keyring
from indexer.kube_contexts import cluster_name, contexts_of
from indexer.model import ClusterConfig, ImageMirror, Source
from indexer.options import Duration, Name, Table, validated
from indexer.people_options import (
    OidcOptions,
    ProxyOptions,
    RateLimits,
    RoleOptions,
    SessionOptions,
    SignIn,
    SmtpOptions,
)
from indexer.secret_file import read_secret_text
from indexer.settings import SourceOptions
from indexer.settings_told import Origin, Setting, told
from indexer.vault import parse_keys

_LISTS = frozenset(
    {
        "sources",
        "clusters",
        "network_allow",
        "image_mirrors",
        "secret_fields",
        "sign_in",
        "oidc",
        "trusted_proxies",
        "proxy_headers",
        "roles",
        "session",
        "smtp",
        "metrics_allow",
    }
)
"""Options that the environment gives as JSON."""
_MAX_PORT = 65535
ARCHIVE_CACHE_BYTES = 10 * 1024**3
_SMALLEST_CACHE = 64 * 1024**2
"""Room for three of the largest archives: those that are being sent must not leave it."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "[::1]", "localhost"})
DRAIN_SECONDS = 5
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- to be told apart, not to listen there
_PREFIX = "CHARTROOM_"
_NOT_OPTIONS = frozenset(
    {
        "CHARTROOM_CONFIG",
        "CHARTROOM_SERVER",
        "CHARTROOM_TOKEN",
        "CHARTROOM_TOKEN_FILE",
        "CHARTROOM_CA_FILE",
        "CHARTROOM_TEST_DATA",
        "CHARTROOM_TEST_DATABASE",
        "CHARTROOM_CACHE",
        "CHARTROOM_SCREENSHOTS",
    }
)


def _keys(value: str) -> str:
    parse_keys(value)
    return value


def database_address(value: str) -> str:
    """``value`` as SQLAlchemy takes it. Raises ValueError where it is none of PostgreSQL, without telling it."""
    if value and not re.match(r"postgresql(\+psycopg)?://", value):
        raise ValueError("write it as postgresql+psycopg://USER@HOST/DATABASE; without it, SQLite in data_dir is used")
    return value.replace("postgresql://", "postgresql+psycopg://", 1)


def _range(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("write a network as 10.0.0.0/8 or fd00::/8, without bits behind its length") from None


class ClusterOptions(Table):
    """One entry of ``clusters``."""

    name: Name | Literal[""] = ""
    kubeconfig: Path | None = None
    context: str = ""
    contexts: Literal["all", ""] = ""
    in_cluster: bool = False
    captain_namespace: Name | Literal[""] = ""
    api_version: Literal["v1alpha1", "v1"] = "v1alpha1"
    discover: Literal["offer", "register"] = "offer"
    impersonate: bool = False
    own_token: bool = False


class MirrorOptions(Table):
    """One entry of ``image_mirrors``."""

    registry: Annotated[str, AfterValidator(mirrors.registry_prefix)]
    mirror: Annotated[str, AfterValidator(mirrors.mirror_prefix)] = ""
    blocked: bool = False


class Options(Table):
    """The whole file. Defaults here are the ones that config/chartroom.yaml tells."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    helm_listen: str = ""
    probe_listen: str = ""
    helm_url: str = ""
    allow_unauthenticated: bool = False
    data_dir: Path = Path("data")
    secret_key: Annotated[str, AfterValidator(_keys)] = Field("", repr=False)
    secret_key_file: str = ""
    network_allow: tuple[Annotated[str, AfterValidator(_range)], ...] = DEFAULT_ALLOW
    sources_only_configured: bool = False
    remote_pictures: bool = True
    keyring: str = ""
    archive_cache_bytes: int = Field(ARCHIVE_CACHE_BYTES, ge=_SMALLEST_CACHE)
    sources: tuple[SourceOptions, ...] = ()
    clusters: tuple[ClusterOptions, ...] = ()
    image_mirrors: tuple[MirrorOptions, ...] = ()
    secret_fields: tuple[str, ...] = ()
    helm_binary: str = ""
    database_url: Annotated[str, AfterValidator(database_address)] = Field("", repr=False)
    database_url_file: str = ""
    sign_in: tuple[SignIn, ...] = ()
    oidc: OidcOptions = OidcOptions()
    trusted_proxies: tuple[Annotated[str, AfterValidator(_range)], ...] = ()
    proxy_headers: ProxyOptions = ProxyOptions()
    roles: tuple[RoleOptions, ...] = ()
    session: SessionOptions = SessionOptions()
    rate_limits: RateLimits = RateLimits()
    ask_for_access: str = ""
    smtp: SmtpOptions = SmtpOptions()
    audit_keep: Duration = 365 * 86400
    metrics_allow: tuple[Annotated[str, AfterValidator(_range)], ...] = ("127.0.0.0/8", "::1/128")
    log_format: Literal["text", "json"] = "text"
    drain: Literal[""] | Duration = ""

    @field_validator("listen", "helm_listen", "probe_listen")
    @classmethod
    def _listen_is_an_address(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name != "listen":
            return value
        if (
            not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]\s]+):\d{1,5}", value)
            or int(value.rsplit(":", 1)[1]) > _MAX_PORT
        ):
            raise ValueError("write it as ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080")
        return value

    @field_validator("public_url", "helm_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", value):
            raise ValueError("write it as https://charts.example.org or with a path, without query")
        return value.rstrip("/")


class Config(BaseModel):
    """The options after paths became absolute and sources became the model's."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    listen_host: str
    listen_port: int
    public_url: str
    helm_host: str
    """Where the Helm repositories are served by themselves; empty: nowhere."""
    helm_port: int
    probe_host: str
    """Where probes and metrics are answered by themselves; empty: beside the pages."""
    probe_port: int
    helm_url: str
    """The address under which captain reaches Chartroom; empty where nobody said and it cannot be told."""
    allow_unauthenticated: bool
    data_dir: Path
    secret_keys: tuple[bytes, ...] = Field(repr=False)
    """The first one seals, all of them open; none: one is made in the data folder."""
    network_allow: tuple[str, ...]
    sources_only_configured: bool
    remote_pictures: bool
    """Whether pictures that charts name are fetched from other servers."""
    archive_cache_bytes: int
    keyring: str
    """File of the OpenPGP public keys whose signatures are believed; empty: none is."""
    sources: tuple[Source, ...]
    clusters: tuple[ClusterConfig, ...]
    image_mirrors: tuple[ImageMirror, ...]
    secret_fields: tuple[str, ...]
    """Patterns of dotted paths into values that are secrets, beside those that look like one by themselves."""
    helm_binary: str
    """The program that renders charts; empty: ``helm`` where the search path has one."""
    database_url: str = Field(repr=False)
    """PostgreSQL's; empty: SQLite in the data folder."""
    sign_in: tuple[SignIn, ...]
    """The ways, in their order on the page; empty: nobody said."""
    oidc: OidcOptions
    trusted_proxies: tuple[str, ...]
    proxy_headers: ProxyOptions
    roles: tuple[RoleOptions, ...]
    session: SessionOptions
    rate_limits: RateLimits
    ask_for_access: str
    """Whom people ask for a right: a name, an e-mail address or a link."""
    smtp: SmtpOptions
    audit_keep: int
    """Seconds."""
    metrics_allow: tuple[str, ...]
    """Networks that may read the metrics without a token."""
    log_format: Literal["text", "json"]
    shown: tuple[Setting, ...] = Field(repr=False)
    """Every option as it was given, for administrators."""
    drain: int
    """Seconds that a process serves on after SIGTERM, until nobody asks it any more."""
    file: Path | None = None


def load(file: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Config:
    """Read ``file`` (else CHARTROOM_CONFIG, else ./config/chartroom.yaml if it is there) and the environment.

    ``overrides`` win over both (command line). Raises ConfigError with all mistakes.
    """
    environ = os.environ if environ is None else environ
    path = _choose(file, environ)
    where = str(path) if path else "the environment"
    in_file = _read(path) if path else {}
    from_environment = _from_environment(environ, where)
    typed = {key: value for key, value in overrides.items() if value is not None}
    values = in_file | from_environment | typed
    options = validated(Options, values, _across(values), where)
    given: dict[Origin, Set[str]] = {
        "command line": typed.keys(),
        "environment": from_environment.keys(),
        "file": in_file.keys(),
    }
    return _resolve(options, path, told(options, given))


def _across(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("secret_key") and values.get("secret_key_file"):
        yield "give secret_key or secret_key_file, not both"
    yield from _sign_in_across(values)
    yield from _own_tokens_across(values)
    yield from _unknown_clusters(values)
    yield from _mirrors_across(values)
    for what, check in (("sources", settings.across), ("clusters", _across_cluster)):
        entries = _entries(values, what)
        names = [str(one["name"]) for one in entries if one.get("name")]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{what}: the name {name} stands there twice"
        for number, entry in enumerate(entries):
            yield from (f"{what}.{number}: {mistake}" for mistake in check(entry))


def _sign_in_across(values: Mapping[str, Any]) -> Iterator[str]:
    ways = values.get("sign_in")
    if not isinstance(ways, list | tuple):
        return
    if "none" in ways and len(ways) > 1:
        yield "sign_in: none stands alone"
    oidc = values.get("oidc")
    if "oidc" in ways and not (isinstance(oidc, dict) and oidc.get("issuer") and oidc.get("client_id")):
        yield "sign_in: oidc needs oidc.issuer and oidc.client_id"
    if "proxy" in ways and not values.get("trusted_proxies"):
        yield "sign_in: proxy needs trusted_proxies, or nobody could be believed"


def _own_tokens_across(values: Mapping[str, Any]) -> Iterator[str]:
    ways = values.get("sign_in") or ()
    if not isinstance(ways, list | tuple) or "oidc" in ways:
        return
    for number, entry in enumerate(_entries(values, "clusters")):
        if entry.get("own_token"):
            yield f"clusters.{number}: own_token needs sign_in: [oidc], as nobody else gives people a token"


def _unknown_clusters(values: Mapping[str, Any]) -> Iterator[str]:
    clusters = _entries(values, "clusters")
    if any(one.get("contexts") for one in clusters):
        return  # their names stand in a kubeconfig
    known = {str(one.get("name")) for one in clusters}
    for number, entry in enumerate(_entries(values, "sources")):
        named = str(entry.get("secret") or "").partition("/")[0]
        if named and named not in known:
            yield f"sources.{number}.secret: no cluster named {named} is under clusters"


def _mirrors_across(values: Mapping[str, Any]) -> Iterator[str]:
    entries = _entries(values, "image_mirrors")
    names = [mirrors.same_registry(str(one.get("registry") or "")) for one in entries]
    for number, entry in enumerate(entries):
        if not entry.get("mirror") and not entry.get("blocked"):
            yield f"image_mirrors.{number}: give a mirror, or blocked: true where there is none"
        if names[number] in names[:number]:
            yield f"image_mirrors.{number}.registry: {names[number]} stands there twice"


def _entries(values: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
    listed = values.get(what)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list | tuple) else []


def _across_cluster(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("contexts") and not entry.get("kubeconfig"):
        yield "contexts: all needs a kubeconfig"
    if entry.get("contexts") and (entry.get("name") or entry.get("context")):
        yield "leave out name and context with contexts: all, where each cluster is named after its context"
    if not entry.get("contexts") and not entry.get("name"):
        yield "give it a name"
    if bool(entry.get("in_cluster")) == bool(entry.get("kubeconfig")):
        yield "give either kubeconfig or in_cluster: true; a kubeconfig is never picked up unasked"
    if entry.get("impersonate") and entry.get("own_token"):
        yield "give impersonate or own_token, not both"


def _choose(file: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = file or (Path(environ["CHARTROOM_CONFIG"]) if environ.get("CHARTROOM_CONFIG") else None)
    if named:
        return named.absolute()
    default = Path("config/chartroom.yaml").absolute()
    return default if default.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise ConfigError(str(path), (f"the file cannot be read: {error}",)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(str(path), (f"the file is not valid YAML: {error}",)) from error
    if not isinstance(values, dict | None):
        raise ConfigError(str(path), ("the file must hold options as “name: value”",))
    return {str(key): value for key, value in (values or {}).items() if value is not None}


def _from_environment(environ: Mapping[str, str], where: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for variable, text in environ.items():
        if not variable.startswith(_PREFIX) or variable in _NOT_OPTIONS:
            continue
        key = variable.removeprefix(_PREFIX).lower()
        if key not in Options.model_fields:
            mistakes.append(f"{variable}: there is no option “{key}”")
            continue
        try:
            values[key] = json.loads(text) if key in _LISTS else text
        except ValueError:
            mistakes.append(f"{variable}: lists are written as JSON")
    if mistakes:
        raise ConfigError(where, tuple(mistakes))
    return values


def _resolve(options: Options, file: Path | None, shown: tuple[Setting, ...]) -> Config:
    base = file.parent if file else Path.cwd()
    host, port = _address_of(options.listen)
    helm_host, helm_port = _address_of(options.helm_listen)
    probe_host, probe_port = _address_of(options.probe_listen)
    return Config(
        listen_host=host,
        listen_port=port,
        public_url=options.public_url,
        helm_host=helm_host,
        helm_port=helm_port,
        probe_host=probe_host,
        probe_port=probe_port,
        helm_url=options.helm_url or _reached(options.helm_listen) or options.public_url,
        allow_unauthenticated=options.allow_unauthenticated,
        data_dir=(base / options.data_dir.expanduser()).resolve(),
        secret_keys=_secret_keys(options, base),
        network_allow=options.network_allow,
        sources_only_configured=options.sources_only_configured,
        remote_pictures=options.remote_pictures,
        archive_cache_bytes=options.archive_cache_bytes,
        keyring=_keyring(options, base),
        sources=_sources(options, base, str(file or "the environment")),
        clusters=_clusters(options, base, str(file or "the environment")),
        image_mirrors=tuple(ImageMirror(**one.model_dump()) for one in options.image_mirrors),
        secret_fields=options.secret_fields,
        helm_binary=str((base / Path(options.helm_binary).expanduser()).resolve()) if options.helm_binary else "",
        database_url=_read_url(options, base),
        sign_in=options.sign_in,
        oidc=_oidc(options.oidc, base),
        trusted_proxies=options.trusted_proxies,
        proxy_headers=options.proxy_headers,
        roles=options.roles,
        session=options.session,
        rate_limits=options.rate_limits,
        ask_for_access=options.ask_for_access,
        smtp=options.smtp,
        audit_keep=options.audit_keep,
        metrics_allow=options.metrics_allow,
        log_format=options.log_format,
        shown=shown,
        drain=_drain(options.drain, host),
        file=file,
    )


def _oidc(options: OidcOptions, base: Path) -> OidcOptions:
    files = {name: getattr(options, name) for name in ("client_secret_file", "ca_file")}
    absolute = {name: str((base / Path(file).expanduser()).resolve()) for name, file in files.items() if file}
    return options.model_copy(update=absolute)


def _drain(given: int | Literal[""], host: str) -> int:
    """Where only this machine can reach it, nothing stands before it that would have to learn of its end."""
    if given != "":
        return given
    return 0 if host in _LOOPBACK else DRAIN_SECONDS


def _read_url(options: Options, base: Path) -> str:
    """The database's address, whose password may stand in a file. Raises ConfigError."""
    if not options.database_url_file:
        return options.database_url
    path = base / Path(options.database_url_file).expanduser()
    try:
        return database_address(read_secret_text(str(path)).strip())
    except (CredentialsUnreadable, ValueError) as error:
        why = fill("{detail}", error.params) if isinstance(error, CredentialsUnreadable) else error
        raise ConfigError(str(path), (f"database_url_file: {why}",)) from None


def _sources(options: Options, base: Path, where: str) -> tuple[Source, ...]:
    """The declared sources. Raises ConfigError where a certificate that one of them names is none."""
    made = [replace(settings.source_of(one, base), configured=True, operator=True) for one in options.sources]
    faults = tuple(
        f"sources.{number}.{fault}" for number, one in enumerate(made) for fault in settings.faults_in_files(one)
    )
    if faults:
        raise ConfigError(where, faults)
    return tuple(made)


def _secret_keys(options: Options, base: Path) -> tuple[bytes, ...]:
    if not options.secret_key_file:
        return parse_keys(options.secret_key)
    path = base / Path(options.secret_key_file).expanduser()
    try:
        keys = parse_keys(read_secret_text(str(path)))
    except CredentialsUnreadable as error:
        raise ConfigError(str(path), (f"secret_key_file: {fill('{detail}', error.params)}",)) from None
    except ValueError as error:
        raise ConfigError(str(path), (f"secret_key_file: {error}",)) from None
    if not keys:
        raise ConfigError(str(path), ("secret_key_file: there is no key in it; “openssl rand -base64 32” makes one",))
    return keys


def _keyring(options: Options, base: Path) -> str:
    if not options.keyring:
        return ""
    path = str((base / Path(options.keyring).expanduser()).resolve())
    try:
        load_keyring(path)
    except KeyringUnusable as error:
        raise ConfigError(path, (f"keyring: {error}",)) from None
    return path


def _address_of(listen: str) -> tuple[str, int]:
    """Host without brackets, and port; empty and 0 where it listens nowhere."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port or 0)


def _reached(listen: str) -> str:
    """The address of a listener, as far as that can be told from where it listens."""
    host, port = _address_of(listen)
    return f"http://{listen}" if port and host not in _EVERYWHERE else ""


def _clusters(options: Options, base: Path, where: str) -> tuple[ClusterConfig, ...]:
    """The declared clusters. Raises ConfigError where contexts cannot be read or told apart."""
    made: list[ClusterConfig] = []
    faults: list[str] = []
    for number, entry in enumerate(options.clusters):
        try:
            made += _cluster(entry, base)
        except ValueError as error:
            faults.append(f"clusters.{number}.contexts: {error}")
    names = [one.name for one in made]
    for one in made:
        if not one.name or names.count(one.name) > 1:
            what = f"the context {one.context}" if one.context else f"the cluster {one.name}"
            faults.append(f"clusters: {what} has no name of its own here; list contexts one by one, each with a name")
    if faults:
        raise ConfigError(where, tuple(faults))
    return tuple(made)


def _cluster(options: ClusterOptions, base: Path) -> Iterator[ClusterConfig]:
    """One cluster, or one for each context. Raises ValueError where there are none."""
    kubeconfig = (base / options.kubeconfig.expanduser()).resolve() if options.kubeconfig else None
    given = options.model_dump(exclude={"kubeconfig", "contexts"})
    made = ClusterConfig(kubeconfig=str(kubeconfig or ""), **given)
    if kubeconfig is None or not options.contexts:
        yield made
        return
    for context in contexts_of(kubeconfig):
        yield replace(made, name=cluster_name(context), context=context)
