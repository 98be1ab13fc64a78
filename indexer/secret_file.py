"""A secret in a file of its own: read when it is needed, never kept."""

from pathlib import Path

from indexer.errors import N_, CredentialsUnreadable, phrase

_LIMIT = 64 * 1024


def read_secret(path: str) -> str:
    """The one line that the file ``path`` holds. Raises CredentialsUnreadable."""
    text = read_secret_text(path).strip("\r\n")
    if not text or not text.isprintable():
        raise CredentialsUnreadable(path=path, detail=phrase(N_("it does not hold one line of text")))
    return text


def read_secret_text(path: str) -> str:
    """All text of the file ``path``, at most 64 KiB (a key or a certificate). Raises CredentialsUnreadable."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_LIMIT).decode()
    except OSError as error:
        raise CredentialsUnreadable(path=path, detail=error.strerror or "it cannot be read") from None
    except UnicodeDecodeError:
        raise CredentialsUnreadable(path=path, detail=phrase(N_("it is not UTF-8 text"))) from None
