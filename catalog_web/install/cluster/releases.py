"""What captain's releases made, and captain itself: read where rights allow, and None where they do not."""

from catalog_web.install.cluster.answers import Object, meta_text, objects_at, text_at, texts_at, value_at
from catalog_web.install.cluster.chart_repos import ChartRepos
from catalog_web.install.cluster.request import About, Request
from catalog_web.install.helmrequest import GROUP

RELEASE = "Release"
_VERSION = "v1alpha1"
_CAPTAIN = "captain"
_NAMES = (_CAPTAIN, "captain-controller-manager")


class Releases(ChartRepos):
    """Verbs about what runs."""

    def releases(self, namespace: str, release_name: str) -> tuple[Object, ...] | None:
        """captain's Release records of one release, newest first; None where they may not be listed.

        Their ``spec`` is packed: see `release_record`.
        """
        segments = ("apis", GROUP, _VERSION, "namespaces", namespace, "releases")
        found = self._all_allowed(Request(segments, About(RELEASE), query={"labelSelector": f"name={release_name}"}))
        return None if found is None else tuple(sorted(found, key=_number, reverse=True))

    def pods(self, namespace: str, selector: str) -> tuple[Object, ...] | None:
        """The pods that the label ``selector`` finds; None where they may not be listed."""
        segments = ("api", "v1", "namespaces", namespace, "pods")
        return self._all_allowed(Request(segments, About("Pod"), query={"labelSelector": selector}))

    def controller(self) -> tuple[Object, ...] | None:
        """captain's own Deployments in its namespace; None where they may not be listed, empty where it runs elsewhere.

        captain is told by its name or by its image, as its Helm chart and its manifests have them.
        """
        segments = ("apis", "apps", "v1", "namespaces", self.captain_namespace, "deployments")
        found = self._all_allowed(Request(segments, About("Deployment")))
        return None if found is None else tuple(one for one in found if _is_captain(one))

    def webhooks(self) -> tuple[Object, ...] | None:
        """The webhook configurations that look at captain's objects; None where they may not be listed."""
        found: tuple[Object, ...] = ()
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
            segments = ("apis", "admissionregistration.k8s.io", "v1", f"{kind.lower()}s")
            listed = self._all_allowed(Request(segments, About(kind)))
            if listed is None:
                return None
            found += tuple({"kind": kind, **one} for one in listed if _looks_at_captain(one))
        return found


def _number(release: Object) -> int:
    number = value_at(release, "spec", "version")
    return number if isinstance(number, int) else 0


def _is_captain(deployment: Object) -> bool:
    images = (text_at(one, "image") for one in objects_at(deployment, "spec", "template", "spec", "containers"))
    return meta_text(deployment, "name") in _NAMES or any(_program(image) == _CAPTAIN for image in images)


def _program(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _looks_at_captain(configuration: Object) -> bool:
    rules = (rule for hook in objects_at(configuration, "webhooks") for rule in objects_at(hook, "rules"))
    return any({GROUP, "*"} & set(texts_at(rule, "apiGroups")) for rule in rules)
