"""Which licence a text is, told by its first lines. Pure."""

import re

_BEGIN = 4_000
"""Characters that are looked into: a licence says what it is at its begin."""
_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("AGPL-3.0", ("gnu affero general public license", "version 3")),
    ("LGPL-3.0", ("gnu lesser general public license", "version 3")),
    ("LGPL-2.1", ("gnu lesser general public license", "version 2.1")),
    ("GPL-3.0", ("gnu general public license", "version 3")),
    ("GPL-2.0", ("gnu general public license", "version 2")),
    ("MPL-2.0", ("mozilla public license", "2.0")),
    ("EPL-2.0", ("eclipse public license", "2.0")),
    ("BUSL-1.1", ("business source license 1.1",)),
    ("SSPL-1.0", ("server side public license",)),
    ("Elastic-2.0", ("elastic license 2.0",)),
    ("BSL-1.0", ("boost software license",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("WTFPL", ("do what the fuck you want to public license",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("MIT", ("permission is hereby granted, free of charge, to any person obtaining a copy",)),
    ("ISC", ("permission to use, copy, modify, and/or distribute this software",)),
    ("ISC", ("permission to use, copy, modify, and distribute this software",)),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
)
"""SPDX names (spdx.org/licenses) with what stands in each; the first that fits counts, so the narrower come first."""


def licence_name(text: str) -> str:
    """The SPDX name of the licence that ``text`` is; empty where it is none that is known."""
    begin = re.sub(r"\s+", " ", text[:_BEGIN]).casefold()
    return next((name for name, words in _KNOWN if all(word in begin for word in words)), "")
