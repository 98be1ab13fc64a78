"""Where the audit log ends: kept in ``meta`` beside the rows, and signed with a key of the vault, so that who may write
the database but has no key cannot set it to another place.

Who has an older copy of the head and of the rows can still put both back together.
"""

import json
import logging
from dataclasses import asdict

from sqlalchemy import Connection

from indexer.audited import Head
from indexer.errors import SecretKeyUnusable
from indexer.store.meta_rows import meta_of, put_meta
from indexer.store.sealed import count_sealed
from indexer.vault import Vault

log = logging.getLogger(__name__)

_KEY = "audit_head"


class AuditHead:
    """The head, read and written inside the caller's transaction, which has the turn ``audit`` where it writes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def read(self, connection: Connection) -> Head | None:
        """The head; None where there is none, or one that no key here has signed."""
        kept = _kept(connection)
        if kept is None:
            return None
        head, signature = kept
        try:
            return head if self._vault.is_signed(head.to_text(), signature) else None
        except SecretKeyUnusable:
            return None

    def write(self, connection: Connection, head: Head) -> None:
        """Keep ``head`` in the place of the one before."""
        signature = self._sign(connection, head)
        put_meta(connection, _KEY, json.dumps({**asdict(head), "signature": signature}))

    def is_current(self, connection: Connection) -> bool:
        """Whether the first key has signed the head, or none here has. Raises SecretKeyUnusable."""
        kept = _kept(connection)
        if kept is None or not self._vault.is_signed(kept[0].to_text(), kept[1]):
            return True
        return self._vault.sign(kept[0].to_text()) == kept[1]

    def vouch(self, connection: Connection) -> None:
        """Sign the head as it is, whoever has signed it: what an operator does who puts back a backup."""
        kept = _kept(connection)
        if kept is not None and self.read(connection) is None:
            self.write(connection, kept[0])

    def _sign(self, connection: Connection, head: Head) -> str:
        """Empty where it cannot be signed: nothing is proven then, and what people do goes on. No key is made where
        there are secrets of another one, which might come back."""
        try:
            if self._vault.has_key() or not count_sealed(connection):
                return self._vault.sign(head.to_text())
        except SecretKeyUnusable as error:
            log.warning("the head of the audit log cannot be signed: %s", error.cause)
        return ""


def _kept(connection: Connection) -> tuple[Head, str] | None:
    """The head as it stands there, and its signature."""
    try:
        facts = json.loads(meta_of(connection, _KEY) or "")
        return Head(int(facts["id"]), str(facts["chain"]), int(facts["found"])), str(facts["signature"])
    except (ValueError, KeyError, TypeError):  # none, or whatever somebody wrote there
        return None
