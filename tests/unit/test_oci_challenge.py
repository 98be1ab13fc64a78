"""WWW-Authenticate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.oci.challenge import MAX_CHALLENGES, MAX_HEADER, Challenge, choose, parse_challenges

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,9}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:a/b:pull,push"',
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.example.org/token",
                        "service": "registry",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        ('Basic realm="Sonatype Nexus"', [Challenge("basic", {"realm": "Sonatype Nexus"})]),
        ("Basic", [Challenge("basic")]),
        ("BASIC realm=x , charset = UTF-8", [Challenge("basic", {"realm": "x", "charset": "UTF-8"})]),
        (
            'Negotiate YII=, Basic realm="a, b", Bearer realm="c\\"d"',
            [Challenge("negotiate"), Challenge("basic", {"realm": "a, b"}), Challenge("bearer", {"realm": 'c"d'})],
        ),
        (",, ,Basic realm=x,", [Challenge("basic", {"realm": "x"})]),
        ("", []),
        ("realm=x", []),
        ('Bearer realm="never ends', [Challenge("bearer")]),
        ("Bearer realm=x, realm=y", []),
        ("Bearer realm=x, realm=y, Basic realm=z", [Challenge("basic", {"realm": "z"})]),
        ('Bearer realm="a\r\nb"', [Challenge("bearer")]),
        ("Basic " + "x" * MAX_HEADER, []),
    ],
)  # fmt: skip
def test_challenges_are_read(header: str, found: list[Challenge]) -> None:
    assert list(parse_challenges(header)) == found


def test_Bearer_is_met_before_Basic_and_nothing_else_at_all() -> None:
    assert choose(parse_challenges('Basic realm=x, Bearer realm="y"')) == Challenge("bearer", {"realm": "y"})
    assert choose(parse_challenges("Bearer scope=x, Basic realm=x")) == Challenge("basic", {"realm": "x"})
    assert choose(parse_challenges("Negotiate, Digest realm=x")) is None


@given(st.lists(st.tuples(WORDS, st.dictionaries(WORDS.map(str.lower), VALUES, max_size=4)), max_size=5))
def test_what_is_written_is_read_again(offered: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    header = ", ".join(
        f"{scheme} " + ", ".join(f'{name}="{quoted(value)}"' for name, value in params.items())
        for scheme, params in offered
    )
    assert [(one.scheme, dict(one.params)) for one in parse_challenges(header)] == [
        (scheme.lower(), params) for scheme, params in offered
    ]


@given(st.text(max_size=500) | st.text('Bearer realm="=,\\ \t;', max_size=500))
def test_anything_is_read_within_bounds(header: str) -> None:
    found = parse_challenges(header)
    assert len(found) <= MAX_CHALLENGES
    assert all(
        value.isprintable() or "\t" in value for one in found for value in one.params.values() if value.isascii()
    )


@pytest.mark.parametrize(
    "text", ["Bearer " + 'a="' * 2700, "a," * 4096, "a " * 4096, '"' * 8192, "a=" * 4096, " " * 8192]
)
def test_headers_that_are_made_to_be_slow_are_not(text: str) -> None:
    parse_challenges(text[:MAX_HEADER])
