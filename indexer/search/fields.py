"""The fields that can be asked for, such as ``image:redis``: their names, other names for them, and their help."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from indexer.errors import N_
from indexer.search.words import fold, tokens

Field = Literal[
    "name",
    "image",
    "crd",
    "kube",
    "app",
    "version",
    "source",
    "keyword",
    "values",
    "maintainer",
    "dep",
    "category",
    "license",
    "deprecated",
]


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """One field, as the help shows it."""

    field: Field
    aliases: tuple[str, ...]
    """What may be typed instead."""
    example: str
    """A value that many catalogs have."""
    text: str
    """A sentence, marked for translation."""


FIELDS: tuple[FieldHelp, ...] = (
    FieldHelp("name", ("names", "chart", "title", "名称", "名字"), "redis", N_("Charts with this word in their name.")),
    FieldHelp(
        "image",
        ("images", "container", "镜像"),
        "redis",
        N_("Charts that run an image with this in its name."),
    ),
    FieldHelp(
        "crd",
        ("crds", "kind", "kinds", "资源类型"),
        "Prometheus",
        N_("Charts that bring a custom resource of this kind."),
    ),
    FieldHelp(
        "kube",
        ("k8s", "kubernetes", "kubeversion", "集群版本"),
        "1.30",
        N_("Charts that allow this version of Kubernetes."),
    ),
    FieldHelp(
        "app",
        ("appversion", "app-version", "app_version", "应用版本"),
        "2.12",
        N_("Charts whose application has this version, or one that begins so."),
    ),
    FieldHelp(
        "version",
        ("chartversion", "chart-version", "版本"),
        "1.0",
        N_("Charts whose latest version is this one, or begins so."),
    ),
    FieldHelp(
        "source",
        ("sources", "repo", "repos", "repository", "repositories", "来源", "仓库"),
        "bitnami",
        N_("Charts of sources with this in their name."),
    ),
    FieldHelp(
        "keyword",
        ("keywords", "tag", "tags", "关键词", "关键字", "标签"),
        "database",
        N_("Charts with this keyword."),
    ),
    FieldHelp(
        "values",
        ("value", "set", "option", "options", "配置", "参数"),
        "persistence",
        N_("Charts with this in the path of a value, or in its comment."),
    ),
    FieldHelp(
        "maintainer",
        ("maintainers", "author", "authors", "owner", "维护者", "作者"),
        "bitnami",
        N_("Charts that this person or team maintains."),
    ),
    FieldHelp(
        "dep",
        ("deps", "dependency", "dependencies", "requires", "依赖"),
        "postgresql",
        N_("Charts that bring this chart along as a dependency."),
    ),
    FieldHelp("category", ("categories", "分类", "类别"), "database", N_("Charts of this category.")),
    FieldHelp(
        "license",
        ("licence", "licenses", "licences", "许可证", "许可"),
        "Apache-2.0",
        N_("Charts under this licence."),
    ),
    FieldHelp("deprecated", ("obsolete", "弃用", "废弃"), "yes", N_("Only deprecated charts; with “no”, only others.")),
)

NAMES: Mapping[str, Field] = {name: one.field for one in FIELDS for name in (one.field, *one.aliases)}
"""All that may stand before the colon, folded."""

_YES = frozenset(("yes", "y", "true", "1", "on", "是"))
_NO = frozenset(("no", "n", "false", "0", "off", "否"))
_KUBE = re.compile(r"v?(\d{1,4}(?:\.\d{1,6}){0,2})")
_V = re.compile(r"v(?=\d)")


def understood(field: Field, typed: str) -> str:
    """The value of a condition as it is compared; empty where the field cannot have it."""
    value = " ".join(fold(typed).split())
    if field == "deprecated":
        return "true" if value in _YES else "false" if value in _NO else ""
    if field == "kube":
        version = _KUBE.fullmatch(value)
        return version[1] if version else ""
    if field in {"app", "version"}:
        value = _V.sub("", value, count=1) if value.startswith("v") else value
    return value if tokens(value) else ""
