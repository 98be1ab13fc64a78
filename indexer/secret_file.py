"""A secret in a file of its own: read when it is needed, never kept."""

from pathlib import Path

from indexer.errors import N_, CredentialsUnreadable, phrase

_LIMIT = 1024 * 1024
"""Bytes. A bundle of authorities takes a third of it."""


def read_secret(path: str) -> str:
    """The one line that the file ``path`` holds. Raises CredentialsUnreadable."""
    text = read_secret_text(path).strip("\r\n")
    if not text or not text.isprintable():
        raise CredentialsUnreadable(path=path, detail=phrase(N_("it does not hold one line of text")))
    return text


def read_secret_text(path: str) -> str:
    """All text of the file ``path`` (a key, or certificates), at most 1 MiB. Raises CredentialsUnreadable."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise CredentialsUnreadable(path=path, detail=phrase(N_("it is larger than 1 MiB")))
        return content.decode()
    except OSError as error:
        raise CredentialsUnreadable(path=path, detail=error.strerror or "it cannot be read") from None
    except UnicodeDecodeError:
        raise CredentialsUnreadable(path=path, detail=phrase(N_("it is not UTF-8 text"))) from None
