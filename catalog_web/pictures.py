"""The pictures of READMEs, served from here: which of them a reader's browser may ask for.

An address is signed for the chart whose README shows it. So the route that serves them fetches what READMEs name and
nothing else, and needs no README to tell.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from indexer.model import Source
from indexer.pictures import README, Pictures, Wanted
from indexer.signing import Signer

_PURPOSE = "picture's link"
_LONGEST = 2048
_ASKED_AHEAD = 50
"""Pictures of one README that are fetched before a browser asks for them."""


class PictureLinks:
    """Makes and checks the addresses of READMEs' pictures."""

    def __init__(self, pictures: Pictures, signer: Signer) -> None:
        self._pictures, self._signer = pictures, signer

    def of_chart(self, source: Source, chart: str, path: str) -> Callable[[str], str | None]:
        """From the absolute address of a picture in the README of ``chart`` to where it is served here, at ``path``.

        None for what is not to be had: no http(s) address, or one beyond all measure, or no remote picture is wanted at
        all. What it is called with is fetched meanwhile.
        """
        asked = set[str]()

        def link(address: str) -> str | None:
            if not self._pictures.remote or len(address) > _LONGEST or not address.startswith(("http://", "https://")):
                return None
            if address not in asked and len(asked) < _ASKED_AHEAD:
                asked.add(address)
                self._pictures.known(Wanted(source, address, README))
            signature = self._signer.sign(_PURPOSE, _signed(source.name, chart, address))
            return f"{path}?{urlencode({'of': address, 'by': signature})}"

        return link

    def admits(self, source: str, chart: str, address: str, signature: str) -> bool:
        """Whether ``address`` was signed here for that chart."""
        return self._signer.admits(_PURPOSE, _signed(source, chart, address), signature)


def _signed(source: str, chart: str, address: str) -> bytes:
    return "\0".join((source, chart, address)).encode("utf-8", "replace")
