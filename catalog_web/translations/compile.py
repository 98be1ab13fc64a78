"""Compile the message catalogs, ``python -m catalog_web.translations.compile``, wherever one is older than its text."""

import logging
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
log = logging.getLogger(__name__)


def compile_all() -> None:
    """Write every ``messages.mo`` that is missing or old. A folder that may not be written is told and left."""
    for source in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        if not target.is_file() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parts[-3])
    partial = target.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            write_mo(file, catalog)
        partial.replace(target)
    except OSError as error:
        log.warning("translations: %s cannot be written (%s), pages stay English", target, error)


if __name__ == "__main__":
    compile_all()
