"""Typed options: a YAML file, and the environment over it. All mistakes at once."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from indexer.errors import ConfigError, CredentialsUnreadable, fill
from indexer.http import DEFAULT_ALLOW
from indexer.model import ClusterConfig, Source
from indexer.secret_file import read_secret_text
from indexer.vault import parse_keys

NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""A source's or cluster's name."""
MIN_INTERVAL = 10
_MAX_PORT = 65535
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- to be told apart, not to listen there
_RESERVED = frozenset({"new", "test", "import"})
"""Names that addresses below /sources use themselves."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PREFIX = "CHARTROOM_"
_NOT_OPTIONS = frozenset({"CHARTROOM_CONFIG", "CHARTROOM_TEST_DATA", "CHARTROOM_CACHE", "CHARTROOM_SCREENSHOTS"})


def seconds(value: Any) -> Any:
    """Turn ``30m``, ``90s``, ``2h`` or ``1d`` into seconds; numbers are seconds already."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", value.strip()) if isinstance(value, str) else None
    if match:
        return int(match[1]) * _UNITS[match[2] or "s"]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("write it as seconds, or as 90s, 30m, 2h, 1d")


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError("a name has at most 63 lower-case letters a–z, digits and inner hyphens")
    if value in _RESERVED:
        raise ValueError(f"the name {value} is taken by a page of Chartroom; choose another")
    return value


def _address(value: str) -> str:
    scheme, told, rest = value.partition("://")
    if told and scheme.lower() not in ("http", "https"):
        raise ValueError("write an address with http:// or https://, or the path of a folder")
    if told and "@" in rest.partition("/")[0]:
        raise ValueError("no user name or password in the address: give username and password_file beside it")
    return value


def _keys(value: str) -> str:
    parse_keys(value)
    return value


def _range(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("write a network as 10.0.0.0/8 or fd00::/8, without bits behind its length") from None


Duration = Annotated[int, BeforeValidator(seconds)]
Name = Annotated[str, AfterValidator(_name)]


_OWN_WORDS = {
    "extra_forbidden": "there is no such option",
    "missing": "it must be given",
    "greater_than_equal": "it must be at least {ge}",
    "string_too_long": "it is longer than {max_length} characters",
    "string_too_short": "it must not be empty",
    "string_type": "it must be text; put it in quotes",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "literal_error": "it must be one of {expected}",
    "model_type": "it must hold options as “name: value”",
    "tuple_type": "it must be a list",
}
"""What pydantic finds, in the words of the file's reader."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceOptions(_Options):
    """One entry of ``sources``."""

    name: Name
    title: str = Field("", max_length=200)
    url: Annotated[str, AfterValidator(_address)] = Field(min_length=1, max_length=2048)
    kind: Literal["index", "directory"] | None = None
    enabled: bool = True
    username: str = ""
    password_file: Path | None = None
    interval: Duration = Field(1800, ge=MIN_INTERVAL)
    timeout: Duration = Field(600, ge=1)
    max_index_bytes: int = Field(64 * 1024 * 1024, ge=1)
    content: Literal["latest", "all", "none"] = "latest"
    captain_repo: Name | Literal[""] = ""


class ClusterOptions(_Options):
    """One entry of ``clusters``."""

    name: Name
    kubeconfig: Path | None = None
    context: str = ""
    in_cluster: bool = False
    captain_namespace: Name | Literal[""] = ""
    api_version: Literal["v1alpha1", "v1"] = "v1alpha1"
    discover: Literal["offer", "register"] = "offer"


class Options(_Options):
    """The whole file. Defaults here are the ones that config/chartroom.yaml tells."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    helm_listen: str = ""
    helm_url: str = ""
    allow_unauthenticated: bool = False
    data_dir: Path = Path("data")
    secret_key: Annotated[str, AfterValidator(_keys)] = Field("", repr=False)
    secret_key_file: str = ""
    network_allow: tuple[Annotated[str, AfterValidator(_range)], ...] = DEFAULT_ALLOW
    sources_only_configured: bool = False
    sources: tuple[SourceOptions, ...] = ()
    clusters: tuple[ClusterOptions, ...] = ()

    @field_validator("listen", "helm_listen")
    @classmethod
    def _listen_is_an_address(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name == "helm_listen":
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
    helm_url: str
    """The address under which captain reaches Chartroom; empty where nobody said and it cannot be told."""
    allow_unauthenticated: bool
    data_dir: Path
    secret_keys: tuple[bytes, ...] = Field(repr=False)
    """The first one seals, all of them open; none: one is made in the data folder."""
    network_allow: tuple[str, ...]
    sources_only_configured: bool
    sources: tuple[Source, ...]
    clusters: tuple[ClusterConfig, ...]
    file: Path | None = None


def load(file: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Config:
    """Read ``file`` (else CHARTROOM_CONFIG, else ./config/chartroom.yaml if it is there) and the environment.

    ``overrides`` win over both (command line). Raises ConfigError with all mistakes.
    """
    environ = os.environ if environ is None else environ
    path = _choose(file, environ)
    where = str(path) if path else "the environment"
    values = _read(path) if path else {}
    values |= _from_environment(environ, where)
    values |= {key: value for key, value in overrides.items() if value is not None}
    return _resolve(_validated(Options, values, _across(values), where), path)


def make_source(base: Path, **values: Any) -> Source:
    """Build a Source from what a person gave (URL or path, kind perhaps absent). Raises ConfigError."""
    options = _validated(SourceOptions, values, _across_source(values), "this source")
    return _source(options, base, configured=False)


_Model = TypeVar("_Model", bound=BaseModel)
_LISTS = frozenset({"sources", "clusters", "network_allow"})


def _validated(model: type[_Model], values: Mapping[str, Any], across: Iterable[str], where: str) -> _Model:
    """Check each option by itself and what options say of each other, and tell all of it. Raises ConfigError."""
    mistakes = list(across)
    try:
        options = model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(where, (*map(_sentence, error.errors()), *mistakes)) from None
    if mistakes:
        raise ConfigError(where, tuple(mistakes))
    return options


def _across(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("secret_key") and values.get("secret_key_file"):
        yield "give secret_key or secret_key_file, not both"
    for what, check in (("sources", _across_source), ("clusters", _across_cluster)):
        listed = values.get(what)
        entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list | tuple) else []
        names = [str(one.get("name")) for one in entries]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{what}: the name {name} stands there twice"
        for number, entry in enumerate(entries):
            yield from (f"{what}.{number}: {mistake}" for mistake in check(entry))


def _across_source(entry: Mapping[str, Any]) -> Iterator[str]:
    if bool(entry.get("username")) != bool(entry.get("password_file")):
        yield "username and password_file belong together: give both or neither"


def _across_cluster(entry: Mapping[str, Any]) -> Iterator[str]:
    if bool(entry.get("in_cluster")) == bool(entry.get("kubeconfig")):
        yield "give either kubeconfig or in_cluster: true; a kubeconfig is never picked up unasked"


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


def _sentence(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"])
    message = _OWN_WORDS.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    message = message.format(**error.get("ctx", {})) if error["type"] in _OWN_WORDS else message
    return f"{path}: {message}" if path else message


def _resolve(options: Options, file: Path | None) -> Config:
    base = file.parent if file else Path.cwd()
    host, port = _address_of(options.listen)
    helm_host, helm_port = _address_of(options.helm_listen)
    return Config(
        listen_host=host,
        listen_port=port,
        public_url=options.public_url,
        helm_host=helm_host,
        helm_port=helm_port,
        helm_url=options.helm_url or _reached(options.helm_listen) or options.public_url,
        allow_unauthenticated=options.allow_unauthenticated,
        data_dir=(base / options.data_dir.expanduser()).resolve(),
        secret_keys=_secret_keys(options, base),
        network_allow=options.network_allow,
        sources_only_configured=options.sources_only_configured,
        sources=tuple(_source(one, base, configured=True) for one in options.sources),
        clusters=tuple(_cluster(one, base) for one in options.clusters),
        file=file,
    )


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


def _address_of(listen: str) -> tuple[str, int]:
    """Host without brackets, and port; empty and 0 where it listens nowhere."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port or 0)


def _reached(listen: str) -> str:
    """The address of a listener, as far as that can be told from where it listens."""
    host, port = _address_of(listen)
    return f"http://{listen}" if port and host not in _EVERYWHERE else ""


def _source(options: SourceOptions, base: Path, *, configured: bool) -> Source:
    kind = options.kind or ("index" if "://" in options.url else "directory")
    values = options.model_dump(exclude={"kind", "url", "password_file"})
    return Source(
        kind=kind,
        url=options.url if kind == "index" else str((base / Path(options.url).expanduser()).resolve()),
        password_file=str((base / options.password_file).resolve()) if options.password_file else "",
        configured=configured,
        **values,
    )


def _cluster(options: ClusterOptions, base: Path) -> ClusterConfig:
    kubeconfig = str((base / options.kubeconfig.expanduser()).resolve()) if options.kubeconfig else ""
    return ClusterConfig(kubeconfig=kubeconfig, **options.model_dump(exclude={"kubeconfig"}))
