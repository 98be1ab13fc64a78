"""Secrets of a cluster that sources refer to, read when they are needed and kept nowhere."""

from collections.abc import Mapping

from catalog_web.captain import chartrepo
from catalog_web.captain.errors import SecretUnreadable
from catalog_web.install.service import Installs
from indexer.errors import N_, ClusterError, ClusterNotFound, phrase

_KEYS = ("username", "password", "token", "tls.crt", "tls.key", "ca.crt")


class KubernetesSecrets:
    """Reads what ``secret_ref`` of a source names."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    def read(self, cluster: str, namespace: str, name: str) -> Mapping[str, str]:
        """The texts of a Secret by key: of username, password, token, tls.crt, tls.key and ca.crt those that are there.

        Raises SecretUnreadable.
        """
        where = {"cluster": cluster, "namespace": namespace, "name": name}
        try:
            found = self._installs.cluster(cluster).secret(namespace, name)
        except (ClusterError, ClusterNotFound) as error:
            raise SecretUnreadable(**where, detail=phrase(error.cause_text, **error.params)) from None
        if found is None:
            raise SecretUnreadable(**where, detail=phrase(N_("it is not there")))
        texts = chartrepo.texts_of(found)
        return {key: texts[key] for key in _KEYS if key in texts}
