"""A chart's notes: links to follow and commands to copy, and all else as the text that it is."""

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.notes_text import Piece, parts

RECORDED = (
    "1. Get the application URL by running these commands:\n"
    '  export POD_NAME=$(kubectl get pods --namespace apps-a -l "app.kubernetes.io/name=tiny" -o name)\n'
    '  echo "Visit http://127.0.0.1:8080 to use your application"\n'
    "  kubectl --namespace apps-a port-forward $POD_NAME 8080:80\n"
)


def test_commands_are_told_from_sentences_and_lose_their_indent() -> None:
    sentence, command = parts(RECORDED)
    assert sentence.text == "1. Get the application URL by running these commands:"
    assert command.kind == "command"
    assert [line.split()[0] for line in command.text.split("\n")] == ["export", "echo", "kubectl"]
    assert command.text.startswith("export POD_NAME=")


def test_a_command_goes_on_in_the_next_line() -> None:
    (command,) = parts("  kubectl run x \\\n    --image redis\n")
    assert command.text == "kubectl run x \\\n  --image redis"


def test_a_prompt_is_not_copied() -> None:
    assert parts("  $ helm list\n")[0].text == "helm list"


def test_an_address_is_a_link_without_the_full_stop_after_it() -> None:
    (part,) = parts("Visit https://web.test/ui. It (http://b.test) is there.")
    assert [one for one in part.pieces if one.url] == [
        Piece("https://web.test/ui", "https://web.test/ui"),
        Piece("http://b.test", "http://b.test"),
    ]
    assert part.text == "Visit https://web.test/ui. It (http://b.test) is there."


def test_an_address_that_pretends_is_text() -> None:
    (part,) = parts("http://bank.test@evil.test/ and javascript:alert(1)")
    assert not any(one.url for one in part.pieces)


def test_an_indented_sentence_is_no_command() -> None:
    assert [one.kind for one in parts("Note:\n    nothing to run here\n")] == ["text"]


@given(st.text())
def test_nothing_is_lost_but_indents_prompts_and_empty_lines(notes: str) -> None:
    told = "".join(one.text for one in parts(notes))
    assert sorted(told.replace("$ ", "").split()) == sorted(notes.replace("$ ", "").split())
    for part in parts(notes):
        assert all(one.url.startswith(("http://", "https://")) for one in part.pieces if one.url)
