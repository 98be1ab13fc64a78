"""For a shell: helm, which installs without captain."""

import shlex
from collections.abc import Iterator

from catalog_web.install.exports.chart_origin import ChartOrigin
from catalog_web.install.exports.wanted import ValuesRef, Wanted
from catalog_web.install.helmrequest import here_document, manifest_yaml
from indexer.errors import N_, Phrase, phrase


def commands(wanted: Wanted, origin: ChartOrigin) -> tuple[str, tuple[Phrase, ...]]:
    """The commands that do the same with helm, and what to know of them."""
    values = [f"  {_values_option(wanted.namespace, one)} \\" for one in wanted.values_from]
    values += [f"  --values - {here_document(manifest_yaml(wanted.values))}"] if wanted.values else []
    chart = origin.address if origin.kind == "oci" else f"{origin.name}/{origin.chart}"
    lines = [
        *_login(origin),
        f"helm upgrade --install {_quoted(wanted.release)} {_quoted(chart)} \\",
        f"  --version {_quoted(wanted.version)} --namespace {_quoted(wanted.release_namespace)} \\",
        *values,
    ]
    return "\n".join(lines).removesuffix(" \\").removesuffix("\n") + "\n", tuple(_notes(wanted, origin))


def _login(origin: ChartOrigin) -> list[str]:
    login = f" --username {_quoted(origin.username or 'USER')} --password-stdin" if origin.private else ""
    if origin.kind == "index":
        # The same name again, with another address or login, is what --force-update is for.
        return [f"helm repo add --force-update {_quoted(origin.name)} {_quoted(origin.url)}{login}"]
    return [f"helm registry login {_quoted(origin.host)}{login}"] if login else []


def _notes(wanted: Wanted, origin: ChartOrigin) -> Iterator[Phrase]:
    yield phrase(N_("helm keeps its releases where captain does not look: install it one way only."))
    if origin.private:
        yield phrase(N_("The repository asks for a login: helm reads the password from its standard input."))
    if wanted.values_from:
        yield phrase(N_("“<(…)” needs bash or zsh."))


def _values_option(namespace: str, ref: ValuesRef) -> str:
    """``--values`` of what lies in the cluster; kubectl decodes it, and it never stands on a command line."""
    read = (
        f'{{{{index .data "{ref.key}" | base64decode}}}}'
        if ref.kind == "Secret"
        else f'{{{{index .data "{ref.key}"}}}}'
    )
    what = f"{ref.kind.lower()} {_quoted(ref.name)} --namespace {_quoted(namespace)}"
    return f"--values <(kubectl get {what} -o go-template={_quoted(read)})"


_quoted = shlex.quote
