"""Typed options: a YAML file, and the environment over it. All mistakes at once."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from indexer.errors import ConfigError
from indexer.model import ClusterConfig, Source

NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""A source's or cluster's name."""
MIN_INTERVAL = 10
_MAX_PORT = 65535
_RESERVED = frozenset({"new", "test", "import"})
"""Names that addresses below /sources use themselves."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PREFIX = "CHARTROOM_"
_NOT_OPTIONS = frozenset({"CHARTROOM_CONFIG", "CHARTROOM_TEST_DATA", "CHARTROOM_CACHE", "CHARTROOM_SERVER"})


def seconds(value: Any) -> Any:
    """Turn ``30m``, ``90s``, ``2h`` or ``1d`` into seconds; numbers are seconds already."""
    match = re.fullmatch(r"(\d{1,9})([smhd])", value.strip()) if isinstance(value, str) else None
    return int(match[1]) * _UNITS[match[2]] if match else value


Duration = Annotated[int, BeforeValidator(seconds)]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceOptions(_Options):
    """One entry of ``sources``."""

    name: str = Field(pattern=f"^{NAME}$")
    title: str = Field("", max_length=200)
    url: str = Field(min_length=1, max_length=2048)
    kind: Literal["index", "directory"] | None = None
    enabled: bool = True
    username: str = ""
    password_file: Path | None = None
    interval: Duration = Field(1800, ge=MIN_INTERVAL)
    timeout: Duration = Field(600, ge=1)
    max_index_bytes: int = Field(64 * 1024 * 1024, ge=1)
    content: Literal["latest", "all", "none"] = "latest"
    captain_repo: str = Field("", pattern=f"^({NAME})?$")

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> "SourceOptions":
        if bool(self.username) != bool(self.password_file):
            raise ValueError("username and password_file belong together: give both or neither")
        return self

    @field_validator("name")
    @classmethod
    def _name_is_free(cls, value: str) -> str:
        if value in _RESERVED:
            raise ValueError(f"the name {value} is taken by a page of Chartroom; choose another")
        return value


class ClusterOptions(_Options):
    """One entry of ``clusters``."""

    name: str = Field(pattern=f"^{NAME}$")
    kubeconfig: Path | None = None
    context: str = ""
    in_cluster: bool = False
    captain_namespace: str = Field("", pattern=f"^({NAME})?$")
    api_version: Literal["v1alpha1", "v1"] = "v1alpha1"

    @model_validator(mode="after")
    def _one_way_in(self) -> "ClusterOptions":
        if self.in_cluster == bool(self.kubeconfig):
            raise ValueError("give either kubeconfig or in_cluster: true; a kubeconfig is never picked up unasked")
        return self


class Options(_Options):
    """The whole file. Defaults here are the ones that config/chartroom.yaml tells."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    allow_unauthenticated: bool = False
    data_dir: Path = Path("data")
    sources_only_configured: bool = False
    sources: tuple[SourceOptions, ...] = ()
    clusters: tuple[ClusterOptions, ...] = ()

    @field_validator("listen")
    @classmethod
    def _listen_is_an_address(cls, value: str) -> str:
        if (
            not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]\s]+):\d{1,5}", value)
            or int(value.rsplit(":", 1)[1]) > _MAX_PORT
        ):
            raise ValueError("write it as ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_a_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", value):
            raise ValueError("write it as https://charts.example.org or with a path, without query")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Options":
        for what, entries in (("sources", self.sources), ("clusters", self.clusters)):
            names = [one.name for one in entries]
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                raise ValueError(f"{what}: the name {', '.join(doubled)} stands there twice")
        return self


class Config(BaseModel):
    """The options after paths became absolute and sources became the model's."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    listen_host: str
    listen_port: int
    public_url: str
    allow_unauthenticated: bool
    data_dir: Path
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
    try:
        options = Options.model_validate(values)
    except ValidationError as error:
        raise ConfigError(where, tuple(_sentence(one) for one in error.errors())) from None
    return _resolve(options, path)


def make_source(base: Path, **values: Any) -> Source:
    """Build a Source from what a person gave (URL or path, kind perhaps absent). Raises ConfigError."""
    try:
        return _source(SourceOptions.model_validate(values), base, configured=False)
    except ValidationError as error:
        raise ConfigError("this source", tuple(_sentence(one) for one in error.errors())) from None


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
            values[key] = json.loads(text) if key in {"sources", "clusters"} else text
        except ValueError:
            mistakes.append(f"{variable}: lists are written as JSON")
    if mistakes:
        raise ConfigError(where, tuple(mistakes))
    return values


def _sentence(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "there is no such option"
    return f"{path}: {message}" if path else message


def _resolve(options: Options, file: Path | None) -> Config:
    base = file.parent if file else Path.cwd()
    host, port = options.listen.rsplit(":", 1)
    return Config(
        listen_host=host.strip("[]"),
        listen_port=int(port),
        public_url=options.public_url,
        allow_unauthenticated=options.allow_unauthenticated,
        data_dir=(base / options.data_dir.expanduser()).resolve(),
        sources_only_configured=options.sources_only_configured,
        sources=tuple(_source(one, base, configured=True) for one in options.sources),
        clusters=tuple(_cluster(one, base) for one in options.clusters),
        file=file,
    )


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
