"""captain's ChartRepos, and the Charts that it writes for them."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from catalog_web.install.cluster.answers import Object, meta_text
from catalog_web.install.cluster.reach import Reach, newest_served
from catalog_web.install.cluster.request import MERGE_PATCH, About, Request, delete_options, write_options
from catalog_web.install.helmrequest import GROUP
from indexer.errors import ClusterRefused, ObjectNotFound

CHART_REPO, CHART = "ChartRepo", "Chart"
CAPTAIN_NAMESPACE = "captain"
"""captain's own default for the namespace of its ChartRepos."""
LAST_SYNC = "cpaas.io/last-sync-at"
"""captain's note of its last sync; without it captain syncs at once."""
_T = TypeVar("_T")
_VERSIONS = ("v1beta1", "v1alpha1")
_PLURAL, _CHARTS = "chartrepos", "charts"


class ChartRepos(Reach):
    """Verbs about ChartRepos; each asks in the newest version that is served."""

    @property
    def captain_namespace(self) -> str:
        """Where captain keeps its ChartRepos, as far as is known: nothing is asked here."""
        return self._connection.config.captain_namespace or self._memory.captain_namespace or CAPTAIN_NAMESPACE

    def chart_repo(self, name: str, patience: float | None = None) -> Object | None:
        """captain's ChartRepo of that name; None where there is none. Raises `ClusterRefused` and the like."""
        try:
            return self._newest(lambda version: self._ask(self._repo(version, name)), patience)
        except ObjectNotFound:
            return None

    def chart_repos(self, patience: float | None = None) -> tuple[Object, ...]:
        """All ChartRepos in captain's namespace. Raises `ClusterRefused` and the like."""

        def listed(version: str) -> tuple[Object, ...]:
            found = self._pages(Request(self._place(version, _PLURAL), About(CHART_REPO)))
            return tuple({"apiVersion": f"{GROUP}/{version}", **one} for one in found)

        return self._newest(listed, patience)

    def create_chart_repo(self, name: str, make: Callable[[str], Object]) -> Object:
        """Create the ChartRepo that ``make`` gives for the newest version served. Raises `ObjectConflict`."""

        def create(version: str) -> Object:
            segments = self._place(version, _PLURAL)
            about = About(CHART_REPO, self.captain_namespace, name)
            return self._ask(Request(segments, about, "POST", write_options(), make(version)))

        return self._newest(create)

    def patch_chart_repo(self, name: str, patch: Object) -> Object:
        """Change a ChartRepo by a merge patch. Raises `ObjectNotFound`; one with another ``uid`` is not changed."""

        def send(version: str) -> Object:
            one = self._repo(version, name)
            return self._ask(Request(one.segments, one.about, "PATCH", write_options(), patch, MERGE_PATCH))

        return self._newest(send)

    def resync_chart_repo(self, name: str) -> None:
        """Have captain read the repository at once. Raises `ObjectNotFound`."""
        self.patch_chart_repo(name, {"metadata": {"annotations": {LAST_SYNC: None}}})

    def delete_chart_repo(self, name: str, uid: str) -> None:
        """Delete this very ChartRepo. Raises `ObjectNotFound`, and `ObjectConflict` where another one has its name."""

        def send(version: str) -> Object:
            one = self._repo(version, name)
            return self._ask(Request(one.segments, one.about, "DELETE", body=delete_options(uid)))

        self._newest(send)

    def chart(self, repo: str, chart: str) -> Object | None:
        """What captain knows of a chart of that ChartRepo: its versions are ``spec.versions``, newest first.

        None where it knows no such chart (yet). Raises `ClusterRefused` and the like.
        """
        name = f"{chart.lower().replace('/', '.')}.{repo}"

        def read(version: str) -> Object:
            segments = (*self._place(version, _CHARTS), name)
            return self._ask(Request(segments, About(CHART, self.captain_namespace, name)))

        try:
            return self._newest(read)
        except ObjectNotFound:
            return None

    def _newest(self, ask: Callable[[str], _T], patience: float | None = None) -> _T:
        return self._within(lambda: newest_served(_VERSIONS, ask), patience)

    def _repo(self, version: str, name: str) -> Request:
        segments = (*self._place(version, _PLURAL), name)
        return Request(segments, About(CHART_REPO, self.captain_namespace, name))

    def _place(self, version: str, plural: str) -> tuple[str, ...]:
        """The collection in captain's namespace, which is looked for once where nobody has told it."""
        if not (self._connection.config.captain_namespace or self._memory.captain_namespace):
            self._memory.captain_namespace = self._look_for_captain(version)
        return ("apis", GROUP, version, "namespaces", self.captain_namespace, plural)

    def _look_for_captain(self, version: str) -> str:
        """The namespace whose ChartRepos captain looks after; captain's own default where not all may be listed, and
        empty where there is none yet."""
        try:
            found = self._pages(Request(("apis", GROUP, version, _PLURAL), About(CHART_REPO)))
        except ClusterRefused:
            return CAPTAIN_NAMESPACE
        seen = Counter(meta_text(one, "namespace") for one in found if isinstance(one.get("status"), dict))
        return max(seen, key=lambda namespace: (seen[namespace], namespace), default="")
