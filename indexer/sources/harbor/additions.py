"""README and values of a chart as Harbor tells them: it opens the archive itself, and no pull is counted."""

from urllib.parse import quote

from indexer.archive.limits import FILE_BYTES, README_BYTES
from indexer.archive.text import cut, decode
from indexer.errors import TooLarge
from indexer.sources import Preview
from indexer.sources.harbor.api import API, HarborApi, encoded
from indexer.sources.oci.reference import split_chart_url


def read_additions(api: HarborApi, project: str, url: str, manifest: str) -> Preview | None:
    """Those of the artifact with the digest ``manifest`` (hexadecimal), in the repository that ``url`` names.

    None where they are too large to be had in this way. Raises FetchError, BadUrl.
    """
    repository = split_chart_url(url)[1].removeprefix(f"{project}/")
    artifacts = f"{API}/projects/{quote(project, safe='')}/repositories/{encoded(repository)}/artifacts"
    base = f"{artifacts}/sha256:{manifest}/additions"
    try:
        readme = api.ask(f"{base}/readme.md", limit=FILE_BYTES).body
        values = api.ask(f"{base}/values.yaml", limit=FILE_BYTES).body
    except TooLarge:
        return None
    shortened = readme if len(readme) <= README_BYTES else cut(readme, README_BYTES)
    return Preview(decode(shortened)[0], decode(values)[0])
