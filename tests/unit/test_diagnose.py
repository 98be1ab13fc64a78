"""What a test of a connection makes of what it sees, without a server."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from indexer.diagnose.certificates import offered, read_chain
from indexer.diagnose.explain import explain
from indexer.diagnose.instead import classify, error_in
from indexer.diagnose.resolver import servers
from indexer.errors import ChartroomError, SourceError, by_id, fill
from indexer.model import Source
from tests.certificates import Certified, chain, signed

SOURCE = Source("shop", "https://charts.example.org/stable")


def der(one: Certified) -> bytes:
    return one.certificate.public_bytes(Encoding.DER)


# -- resolv.conf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nameserver 10.0.0.2\n", ("10.0.0.2",)),
        ("search x\nnameserver\tfd00::1\nnameserver 10.0.0.2 # no comment, and yet\n", ("fd00::1",)),
        ("#nameserver 10.0.0.2\n; nameserver 10.0.0.3\n", ()),
        ("nameserver fe80::1%eth0\n", ("fe80::1%eth0",)),
        ("".join(f"nameserver 10.0.0.{one}\n" for one in range(5)), ("10.0.0.0", "10.0.0.1", "10.0.0.2")),
        ("", ()),
    ],
)
def test_the_name_servers_are_those_that_the_c_library_asks(text: str, found: tuple[str, ...]) -> None:
    assert servers(text)[: len(found)] == found
    assert len(servers(text)) <= 3


@given(st.text())
def test_any_file_has_at_most_three_name_servers(text: str) -> None:
    assert len(servers(text)) <= 3


# -- certificates


def test_what_people_read_of_a_certificate() -> None:
    made = chain(names=("charts.example.org", "10.1.2.3"))
    (read,) = read_chain([der(made.leaf)])
    assert (read.subject, read.issuer) == ("charts.example.org", "Test Issuing")
    assert read.names == ("charts.example.org", "10.1.2.3")
    assert (read.is_authority, read.is_self_signed) == (False, False)
    assert (read.pem, len(read.fingerprint)) == (made.leaf.pem, 32 * 3 - 1)
    assert read.starts is not None
    assert read.ends is not None
    assert read.starts < read.ends


def test_a_name_of_a_certificate_cannot_turn_the_line_around() -> None:
    (read,) = read_chain([der(signed("evil\u202egro.elpmaxe\x1b[31m"))])
    assert read.subject.isprintable()
    assert "\u202e" not in read.subject


@given(st.binary(max_size=300))
def test_bytes_that_are_no_certificate_are_shown_by_their_fingerprint_alone(data: bytes) -> None:
    (read,) = read_chain([data])
    assert (read.subject, read.ends) == ("", None)
    assert read.fingerprint
    assert offered([data]) is None


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.data())
def test_a_certificate_with_a_byte_changed_never_raises(data: st.DataObject) -> None:
    sent = [bytearray(_LEAF), bytearray(_ISSUER), bytearray(_ROOT)]
    changed = data.draw(st.sampled_from(sent))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    shown = list(map(bytes, sent))
    assert all(one.pem for one in read_chain(shown))
    offered(shown)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("a003020102", "a003020103"), ("06072a8648ce3d0201", "06072a8648ce3d0202")],
    ids=["an unknown version", "an unknown kind of key"],
)
def test_a_certificate_of_the_future_is_shown_as_far_as_it_can_be_read(was: str, becomes: str) -> None:
    future = _ISSUER.replace(bytes.fromhex(was), bytes.fromhex(becomes))
    assert future != _ISSUER
    assert [bool(one.fingerprint) for one in read_chain([_LEAF, future])] == [True, True]
    trust = offered([_LEAF, future])
    assert trust and trust.kind == "server"


_MADE = chain()
_LEAF, _ISSUER, _ROOT = der(_MADE.leaf), der(_MADE.issuer), der(_MADE.root)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (["leaf", "issuer", "root"], "root"),
        (["leaf", "root", "issuer"], "root"),
        (["leaf", "issuer"], "issuer"),
        (["leaf"], "server"),
        (["leaf", "root"], "server"),
        (["root"], "self"),
    ],
)
def test_the_highest_certificate_that_stands_behind_the_server_s_is_offered(sent: list[str], kind: str) -> None:
    found = offered([der(getattr(_MADE, one)) for one in sent])
    assert found is not None
    assert found.kind == kind
    assert found.certificate.fingerprint in fill(**found.meaning)


def test_a_long_chain_is_looked_at_up_to_a_bound() -> None:
    assert len(read_chain([_LEAF] * 1000)) == 10


# -- what stands in place of an index


@pytest.mark.parametrize(
    ("body", "media", "path", "kind", "said"),
    [
        (b"", "text/html", "/", "empty", ""),
        (b"\xef\xbb\xbf \n", "text/yaml", "/", "empty", ""),
        (b"<html><title>Wiki</title>", "text/html", "/", "page", "Wiki"),
        (b"<html><title>Log in - GitLab</title>", "text/html", "/", "sign-in", "Log in - GitLab"),
        (b"<html>", "text/html", "/users/sign_in", "sign-in", ""),
        (b"<html><input type=password>", "text/html", "/", "sign-in", ""),
        (b"<html><title>Blogging in style</title>", "text/html", "/blogs", "page", "Blogging in style"),
        ("<title>登录</title>".encode(), "text/html", "/", "sign-in", "登录"),
        (b'{"error": "no"}', "application/json", "/", "error", "no"),
        (b"hello: world\n", "text/yaml", "/", "other", ""),
    ],
)
def test_what_answers_is_told_apart(body: bytes, media: str, path: str, kind: str, said: str) -> None:
    found = classify(body, media, f"https://charts.example.org{path}")
    assert (found.kind, found.said) == (kind, said)


def test_an_index_as_json_is_no_error_though_it_says_message() -> None:
    assert error_in('{"message": "x", "entries": {}}') == ""


@given(
    st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda value: f'{{"error": {value}}}')
)
def test_any_body_says_something_short_or_nothing(text: str) -> None:
    assert len(error_in(text)) <= 160
    classify(text.encode("utf-8", "replace"), "", "https://example.org/")


# -- errors of a sync


def every_source_error() -> list[Any]:
    return [one for one in by_id().values() if issubclass(one, SourceError) and not issubclass(one, _NEVER)]


_NEVER = by_id()["held"]


@pytest.mark.parametrize("kind", every_source_error(), ids=lambda kind: kind.id)
def test_every_error_of_a_sync_has_a_rung_a_cause_and_a_remedy(kind: type[SourceError]) -> None:
    told = explain(kind(url="https://charts.example.org", host="charts.example.org", status=400, detail="x"), SOURCE)
    assert told.rung
    assert fill(**told.cause)
    if kind.remedy_text != ChartroomError.remedy_text:
        assert told.remedy
        assert fill(**told.remedy)


@pytest.mark.parametrize(
    ("host", "rung"), [("charts.example.org", "dns"), ("charts.example.org:443", "dns"), ("x", "http")]
)
def test_a_name_that_a_redirect_names_is_not_the_source_s_own(host: str, rung: str) -> None:
    assert explain(by_id()["name-not-resolved"](host=host, detail="x"), SOURCE).rung == rung  # type: ignore[arg-type]
