"""How the API tells who signed a version."""

from typing_extensions import TypedDict

from indexer.errors import fill
from indexer.model import Signature, SignatureState


class SignatureShape(TypedDict):
    """What the provenance file beside the archive proves. ``state``: ``verified`` by a key of the keyring; ``bad``: not
    proven, for ``cause``; ``present``: there is one, and no keyring is configured; ``none``: there is none;
    ``unknown``: it could not be looked for, for ``cause``."""

    state: SignatureState
    signer: str
    fingerprint: str
    cause: str | None


def signed(one: Signature) -> SignatureShape:
    """What is known of a signature."""
    return {
        "state": one.state,
        "signer": one.signer,
        "fingerprint": one.fingerprint,
        "cause": fill(one.fault["text"], one.fault["params"]) if one.fault else None,
    }
