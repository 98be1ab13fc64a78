"""The keys of a values.yaml: places, defaults, comments; and the lines that a search shows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.values_outline import MAX_LINES, filtered, outline

VALUES = """\
# -- how many
# of them
replicas: 1 # trailing

## @param image.tag [default: latest] Which tag to pull
## @section Images
image:
  repository: "docker.io/x # y"  # where it is
  tag: ""
  # commented: true

hosts:
  - name: one
    ports: [80]
  - name: two
script: |
  name: inside
on: yes
nodeSelector:
  kubernetes.io/os: linux
after:
"""


def text_of(wanted: str) -> list[str]:
    return [line.text for line in filtered(outline(VALUES), wanted).lines]


def test_each_key_knows_its_lines_and_its_default() -> None:
    found = {key.path: (key.line, key.last, key.value) for key in outline(VALUES).keys}
    assert found["replicas"] == (3, 3, "1")
    assert found["image"] == (7, 10, "")
    assert found["image.repository"] == (8, 8, '"docker.io/x # y"')
    assert found["hosts"] == (12, 15, "")
    assert found["hosts[1].name"] == (15, 15, "two")
    assert found["script"] == (16, 17, "")
    assert found["nodeSelector.kubernetes\\.io/os"] == (20, 20, "linux")
    assert found["after"] == (21, 21, "")


def test_a_default_is_what_helm_takes_it_for() -> None:
    keys = outline(VALUES).by_path
    assert keys["on"].resolved is True
    assert keys["replicas"].resolved == 1
    assert keys["image.tag"].resolved == ""


def test_the_help_of_a_key_is_the_comment_above_it_or_behind_it_or_the_one_that_names_it() -> None:
    found = outline(VALUES)
    told = {path: found.help(key) for path, key in found.by_path.items()}
    assert told["replicas"] == "how many of them"
    assert told["image.repository"] == "where it is"
    assert told["image.tag"] == "Which tag to pull"
    assert told["after"] == ""


def test_the_keys_of_the_top_level_are_told() -> None:
    assert [key.path for key in outline(VALUES).top][:4] == ["replicas", "image", "hosts", "script"]


def test_a_path_that_is_not_there_leads_to_the_nearest_key_above() -> None:
    found = outline(VALUES)
    nearest = [found.nearest(path) for path in ("image.pullPolicy.x", "hosts[1].nothing", "nope.at.all")]
    assert [key.path if key else None for key in nearest] == ["image", "hosts", None]


def test_a_search_shows_matching_keys_with_their_parents_and_their_comments() -> None:
    assert text_of("tag") == [
        "## @param image.tag [default: latest] Which tag to pull",
        *VALUES.splitlines()[5:7],
        '  tag: ""',
    ]
    assert text_of("two") == ["hosts:", "  - name: two"]


def test_a_key_that_is_found_brings_what_stands_below_it() -> None:
    assert text_of("hosts") == VALUES.splitlines()[11:15]


def test_a_comment_that_is_found_brings_its_key() -> None:
    assert text_of("of them") == VALUES.splitlines()[:3]


def test_a_search_by_path_needs_no_places_in_lists() -> None:
    assert text_of("hosts.name") == ["hosts:", "  - name: one", "  - name: two"]
    assert filtered(outline(VALUES), "IMAGE.Tag").hits == {5, 9}


def test_an_empty_search_finds_nothing() -> None:
    assert filtered(outline(VALUES), "  ").lines == ()


def test_G4_duplicate_keys_keep_their_lines_and_the_first_has_the_path() -> None:
    found = outline("a: 1\na: 2\n")
    assert [key.line for key in found.keys] == [1, 2]
    assert found.by_path["a"].line == 1


@settings(max_examples=300)
@given(st.text(alphabet="ab:-#|>\n \t'\"[]{}&*%\r\u202e", max_size=120), st.text("ab.[]0:", max_size=6))
def test_G4_whatever_the_text_is_it_has_an_outline(text: str, wanted: str) -> None:
    found = outline(text)
    assert all(key.line <= key.last <= len(found.lines) for key in found.keys)
    numbers = [line.number for line in filtered(found, wanted).lines]
    assert numbers == sorted(set(numbers))
    found.nearest(wanted)
    assert all(isinstance(found.help(key), str) for key in found.keys)


def test_G4_five_megabytes_have_an_outline_of_their_begin() -> None:
    found = outline("key: value # comment\n" * 250_000)
    assert len(found.lines) == MAX_LINES
    assert len(filtered(found, "key").lines) == 2_000


def test_hostile_lines_take_no_more_than_their_length() -> None:
    for line in ("- " * 990, "a:" * 990, "#" * 1990, "a: " + "&x " * 600, "a: '" + '"' * 1900, ": - " * 490):
        outline(f"{line}\n" * 2_000)
