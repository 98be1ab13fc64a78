"""What a page reads out of the texts of a chart: its licence, and where a deprecated one points to."""

import pytest

from catalog_web.licences import licence_name
from catalog_web.successor import moved_to


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "                                 Apache License\n                           Version 2.0, January 2004",
            "Apache-2.0",
        ),
        ("MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy", "MIT"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        ("Business Source License 1.1", "BUSL-1.1"),
        ("Redistribution and use in source and binary forms, with\nNeither the name of", "BSD-3-Clause"),
        ("Redistribution and use in source and binary forms, with", "BSD-2-Clause"),
        ("All rights reserved.", ""),
        ("", ""),
    ],
)
def test_a_licence_is_told_by_its_first_lines(text: str, name: str) -> None:
    assert licence_name(text) == name


def test_a_deprecated_chart_points_to_the_addresses_beside_its_words() -> None:
    readme = (
        "# Old\n\nSee https://example.org/docs for more.\n\n"
        "**This chart is DEPRECATED and has moved to https://charts.example.org/new.** Use [it](https://git.example.org/new)!"
    )
    assert moved_to(["It was replaced by https://a.example.org", readme]) == (
        "https://a.example.org",
        "https://charts.example.org/new",
    )


def test_F2_only_web_addresses_are_pointed_to() -> None:
    assert moved_to(["deprecated, see javascript:alert(1) and http://user:pw@evil.example/x"]) == ()


def test_a_chart_that_says_nothing_points_nowhere() -> None:
    assert moved_to(["", "a https://example.org b"]) == ()
