"""What is asked for measuring: each shape of a query in several texts, and what must come out first."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from indexer.search.request import SearchRequest

NOTHING = "-"
Asked = tuple[str, str]
"""A text, and how the name of the first chart must begin; empty: any will do; NOTHING: there must be none."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Texts of one kind."""

    name: str
    asked: tuple[Asked, ...]
    offset: int = 0
    compared: bool = True
    """A plain use of FTS5 answers it as well: words and beginnings of words."""

    def requests(self) -> Iterator[tuple[SearchRequest, str]]:
        """Each text as a request, with what must come out first."""
        for text, first in self.asked:
            yield SearchRequest(text, offset=self.offset), first


def _named(*names: str) -> tuple[Asked, ...]:
    return tuple((name, name) for name in names)


_NAMES = ("nginx", "redis", "grafana", "jenkins", "kafka", "vault", "mysql", "harbor", "mongodb", "etcd", "airflow")

SHAPES = (
    Shape("everything", (("", ""),)),
    Shape("everything, page 50", (("", ""),), offset=1_176),
    Shape("one letter", _named(*"ackmnprstv")),
    Shape("one name", _named(*_NAMES)),
    Shape(
        "repository and chart",
        (("bitnami/redis", "redis"), ("argo/argo-cd", "argo-cd"), ("stable/dex", "dex")),
        compared=False,
    ),
    Shape("a word everywhere", tuple((word, "") for word in ("kubernetes", "helm", "chart", "cluster", "open source"))),
    Shape("a word everywhere, page 10", (("kubernetes", ""), ("chart", ""), ("cluster", "")), offset=216),
    Shape(
        "a purpose",
        tuple((text, "") for text in ("monitoring", "message queue", "ingress controller", "object storage", "wiki")),
    ),
    Shape(
        "five words",
        (
            ("highly available postgresql database cluster", "postgresql"),
            ("redis cluster in memory cache", "redis"),
            ("wordpress blog on my kubernetes", "wordpress"),
            ("collect logs and send elasticsearch", ""),
            ("manage tls certificates of ingress", ""),
        ),
    ),
    Shape(
        "a typo",
        (
            ("promethues", "prometheus"),
            ("grafna", "grafana"),
            ("rabitmq", "rabbitmq"),
            ("jenkis", "jenkins"),
            ("wordpres", "wordpress"),
            ("kuberntes dashbord", "kubernetes-dashboard"),
        ),
        compared=False,
    ),
    Shape("while typing", _named("graf", "prom", "elasti", "wordp", "jenk", "postg", "cert-m", "argo")),
    Shape(
        "joined words",
        (("fluentbit", "fluent-bit"), ("argocd", "argo-cd"), ("certmanager", "cert-manager")),
        compared=False,
    ),
    Shape(
        "Chinese", (("监控面板", "jiankong"), ("监控", ""), ("redis缓存", "redis"), ("可观测性", "")), compared=False
    ),
    Shape("a phrase", (('"message broker"', ""), ('"reverse proxy"', ""), ('"bare metal"', "metallb")), compared=False),
    Shape(
        "a field",
        (
            ("keyword:database", ""),
            ("source:stable redis", "redis"),
            ("deprecated:no mysql", "mysql"),
            ("maintainer:argoproj", "argo"),
            ("redis -cluster", "redis"),
        ),
        compared=False,
    ),
    Shape("nothing", (("xqzwvk", NOTHING), ("qqqqzzzz kkkkwwww", NOTHING)), compared=False),
)

SUGGESTED = (
    *("n", "ng", "ngi", "ngin", "nginx", "r", "re", "red", "redis", "g", "gra", "graf", "p", "post", "kube", "a"),
    *("argo", "argo-c", "b", "bitnami/r", "监", "监控", "promet", "xqz"),
)


def suggest_address(text: str) -> str:
    """The path of the API that asks what ``text`` may become."""
    return "/api/v1/charts/suggest?" + urlencode({"q": text})


def address(request: SearchRequest) -> str:
    """The path of the API that asks the same."""
    return "/api/v1/charts?" + urlencode({"q": request.text, "offset": request.offset})
