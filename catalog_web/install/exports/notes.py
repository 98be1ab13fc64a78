"""What has to be said beside an export: what must be made before, and what the tool cannot do."""

import shlex
from collections.abc import Iterator, Sequence

from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.wanted import Wanted
from indexer.errors import N_, Phrase, phrase


def secret_notes(wanted: Wanted, paths: Sequence[str]) -> Iterator[Phrase]:
    """How to make the Secrets with values, which no export holds; ``paths`` are the values in them, dotted."""
    for one in wanted.secrets:
        facts = {"name": one.name, "key": one.key, "namespace": wanted.namespace, "paths": ", ".join(paths)}
        yield phrase(
            N_("The Secret {name} in {namespace} holds {paths} and must be there first. Write them into secret.yaml:")
            if paths
            else N_(
                "The Secret {name} in {namespace} holds values and must be there first. Write them into secret.yaml:"
            ),
            **facts,
        )
        yield phrase(
            "kubectl create secret generic {name} --namespace {namespace} --from-file={key}=secret.yaml", **facts
        )


def login_note(origin: ChartOrigin, namespace: str) -> Iterator[Phrase]:
    """How to make the Secret by which a tool in the cluster reads a private repository."""
    if not origin.private:
        return
    facts = {"name": origin.secret, "namespace": namespace, "user": shlex.quote(origin.username or "USER")}
    yield phrase(N_("The repository asks for a login; the Secret {name} in {namespace} must hold it:"), **facts)
    yield phrase(
        "kubectl create secret generic {name} --namespace {namespace} --type=kubernetes.io/basic-auth "
        "--from-literal=username={user} --from-file=password=password.txt",
        **facts,
    )


def trust_note(origin: ChartOrigin) -> Iterator[Phrase]:
    """That the tool must trust the repository's certificate as well."""
    if origin.own_ca:
        text = N_("{host} has a certificate of an authority of its own, which must be made known there as well.")
        yield phrase(text, host=origin.host)


def unread_note(wanted: Wanted, tool: str, kind: str) -> Iterator[Phrase]:
    """That ``tool`` does not read values from a ``kind``."""
    for one in wanted.values_from:
        if one.kind == kind:
            text = N_("{tool} reads no values from a {kind}: what {name} holds is left out here.")
            yield phrase(text, tool=tool, kind=kind, name=one.name)
