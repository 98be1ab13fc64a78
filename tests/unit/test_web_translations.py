"""Every text has its Chinese, with the same places for facts in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from catalog_web.translations.compile import FOLDER

ROOT = FOLDER.parent.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (1, 2), "N_": None}
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")
Id = str | tuple[str, ...]


def texts() -> Iterator[Id]:
    """Every text that is marked for translation."""
    with (FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    for room in ("indexer", "catalog_web"):
        mapping = [
            (pattern.removeprefix(f"{room}/"), method) for pattern, method in methods if pattern.startswith(room)
        ]
        here = {pattern.removeprefix(f"{room}/"): one for pattern, one in options.items()}
        found = extract_from_dir(str(ROOT / room), mapping, here, keywords=KEYWORDS)
        yield from (message for _, _, message, _, _ in found if message)


@pytest.fixture(scope="module")
def chinese() -> dict[Id, Id]:
    with Path(FOLDER, "zh", "LC_MESSAGES", "messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id and not message.fuzzy}


def test_no_text_lacks_its_chinese(chinese: dict[Id, Id]) -> None:
    wanted = set(texts())
    assert len(wanted) > 400
    assert [one for one in sorted(map(str, wanted)) if one not in set(map(str, chinese))] == []
    assert [one for one, words in chinese.items() if not all(words if isinstance(words, tuple) else (words,))] == []


def test_no_chinese_is_left_over(chinese: dict[Id, Id]) -> None:
    assert set(chinese) - set(texts()) == set()


def test_the_places_for_facts_are_the_same(chinese: dict[Id, Id]) -> None:
    for text, words in chinese.items():
        english = text if isinstance(text, str) else text[-1]
        translated = words if isinstance(words, str) else words[0]
        assert set(PLACES.findall(english)) == set(PLACES.findall(translated)), text
