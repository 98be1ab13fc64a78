"""The contexts of a kubeconfig, and the names that clusters get from them. Nothing else of the file is looked at."""

import re
from pathlib import Path

import yaml

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 63
MAX_BYTES = 4 * 1024 * 1024
MAX_CONTEXTS = 500


def contexts_of(kubeconfig: Path) -> tuple[str, ...]:
    """The names of its contexts, in the order of the file. Raises ValueError, in words for who wrote the configuration.

    The texts of errors of the file are not quoted: it holds tokens.
    """
    try:
        with kubeconfig.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{kubeconfig} cannot be read: {(error.strerror or 'it is no file').lower()}") from None
    found = _listed(text) if len(text) <= MAX_BYTES else ()
    if not 0 < len(found) <= MAX_CONTEXTS:
        raise ValueError(f"{kubeconfig} is no kubeconfig with 1 to {MAX_CONTEXTS} contexts")
    return found


def _listed(text: bytes) -> tuple[str, ...]:
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return ()
    contexts = read.get("contexts") if isinstance(read, dict) else None
    names = [one.get("name") for one in contexts if isinstance(one, dict)] if isinstance(contexts, list) else []
    return tuple(one for one in names if isinstance(one, str) and one)


def cluster_name(context: str) -> str:
    """A context's name as a cluster may have it: ``arn:aws:eks:eu:1:cluster/dev`` is ``arn-aws-eks-eu-1-cluster-dev``.

    Empty where nothing of it is left.
    """
    return _NOT_IN_NAMES.sub("-", context.lower()).strip("-")[:_MAX_NAME].rstrip("-")
