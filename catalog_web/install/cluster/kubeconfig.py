"""From a configured cluster to the official client: where to go is told by nothing but the configuration.

A kubeconfig may start programs (``exec``, ``auth-provider``) and read files. That is the operator's own doing: its path
stands in the configuration file alone, and neither page nor API takes one.
"""

from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from catalog_web.install.cluster.limits import MAX_AT_ONCE
from catalog_web.install.cluster.request import FIELD_MANAGER
from indexer.access import is_loopback
from indexer.errors import ClusterUnreachable
from indexer.model import ClusterConfig


def connect(config: ClusterConfig) -> Any:
    """The client, with no retries. Raises `ClusterUnreachable` where the kubeconfig does not do."""
    from kubernetes.config import ConfigException

    try:
        return _client(config)
    except OSError as error:
        detail = f"the kubeconfig {config.kubeconfig} cannot be read: {(error.strerror or '').lower()}"
        raise ClusterUnreachable(cluster=config.name, detail=detail) from None
    except (ConfigException, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        # The texts of these quote the kubeconfig, tokens included.
        raise ClusterUnreachable(cluster=config.name, detail=_incomplete(config)) from None


def _client(config: ClusterConfig) -> Any:
    from kubernetes.client import ApiClient, Configuration
    from kubernetes.config import ConfigException, incluster_config, kube_config

    load_incluster: Any = incluster_config.load_incluster_config
    load_file: Any = kube_config.load_kube_config
    settings = Configuration()
    if config.in_cluster:
        load_incluster(client_configuration=settings)
    elif config.kubeconfig:
        with Path(config.kubeconfig).open("rb"):
            """Says why a file cannot be read; the client only says that it is invalid."""
        load_file(config.kubeconfig, config.context or None, settings, persist_config=False)
    else:
        raise ConfigException
    settings.retries = False
    settings.connection_pool_maxsize = MAX_AT_ONCE
    return _named(ApiClient(settings))


def without_credentials(client: Any, cluster: str) -> Any:
    """A client for the same server that shows neither token, password nor certificate.

    Raises `ClusterUnreachable` where nobody would know who gets a person's token: over plain HTTP, but on this machine,
    and where the server's certificate is not looked at.
    """
    from kubernetes.client import ApiClient

    settings = deepcopy(client.configuration)
    there = urlsplit(settings.host)
    if not settings.verify_ssl or (there.scheme != "https" and not is_loopback(there.hostname or "")):
        detail = "people’s own tokens go only to an API server whose certificate is checked"
        raise ClusterUnreachable(cluster=cluster, detail=detail)
    settings.api_key, settings.api_key_prefix, settings.refresh_api_key_hook = {}, {}, None
    settings.username = settings.password = settings.cert_file = settings.key_file = None
    return _named(ApiClient(settings))


def _named(client: Any) -> Any:
    client.user_agent = FIELD_MANAGER
    return client


def _incomplete(config: ClusterConfig) -> str:
    if config.in_cluster:
        return "Chartroom does not run in a pod with a service account"
    if not config.kubeconfig:
        return "neither a kubeconfig nor “in_cluster” is configured for it"
    where = f"the context “{config.context}”" if config.context else "its current context"
    return f"the kubeconfig {config.kubeconfig} does not describe {where} in full"
