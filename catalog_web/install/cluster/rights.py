"""Who asks, and what they may do: the cluster's own answer, for the person where Chartroom acts as one."""

from dataclasses import dataclass

from catalog_web.install.cluster.answers import Object, text_at
from catalog_web.install.cluster.reach import Reach
from catalog_web.install.cluster.request import About, Request
from indexer.errors import ClusterRefused, NotServed

_REVIEW = "SelfSubjectAccessReview"
_WHO = "SelfSubjectReview"


@dataclass(frozen=True, slots=True)
class Access:
    """Whether something is allowed."""

    allowed: bool
    reason: str = ""
    """The cluster's own words, such as the RoleBinding that allows it; often empty for a refusal."""


class Rights(Reach):
    """Verbs about rights. Everybody who is signed in to a cluster may ask them."""

    def may(
        self,
        verb: str,
        resource: str,
        *,
        group: str = "",
        namespace: str = "",
        name: str = "",
        subresource: str = "",
    ) -> Access:
        """Whether ``verb`` on ``resource`` (a plural) is allowed; without a namespace: in all of them.

        A yes is no promise: an admission rule may still refuse. Raises `ClusterRefused` and the like.
        """
        asked = {
            "verb": verb,
            "resource": resource,
            "group": group,
            "namespace": namespace,
            "name": name,
            "subresource": subresource,
        }
        attributes = {key: value for key, value in asked.items() if value}
        answer = self._review("authorization.k8s.io", _REVIEW, {"resourceAttributes": attributes})
        status = answer.get("status")
        allowed = isinstance(status, dict) and status.get("allowed") is True
        return Access(allowed, text_at(status, "reason"))

    def whoami(self) -> str:
        """The user name that the cluster knows the asker by; empty where it does not tell (before Kubernetes 1.28)."""
        try:
            answer = self._review("authentication.k8s.io", _WHO, None)
        except (NotServed, ClusterRefused):
            return ""
        return text_at(answer, "status", "userInfo", "username")

    def _review(self, group: str, kind: str, spec: Object | None) -> Object:
        body = {"apiVersion": f"{group}/v1", "kind": kind, **({"spec": spec} if spec else {})}
        return self._one(Request(("apis", group, "v1", f"{kind.lower()}s"), About(kind), "POST", body=body))
