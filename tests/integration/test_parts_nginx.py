"""A real nginx, well set up and in every way badly: read, and its faults told as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.http import Access, Basic, ClientCertificate, Tls
from tests.certificates import HERE, Certified, chain, signed
from tests.data import argo_cut_to_its_archives, real_data
from tests.integration.conftest import Room
from tests.integration.diagnoses import diagnosis, failed
from tests.parts.nginx import PASSWORD, USER, Listener, real_nginx
from tests.repository import repository

pytestmark = pytest.mark.parts

MONTH = 24 * 30
CHARTS = {"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}
MADE = chain(ends=MONTH)
OWN = signed("charts", names=HERE, is_authority=True, ends=MONTH)
EXPIRED = chain(starts=-MONTH, ends=-24)
EARLY = chain(starts=24, ends=MONTH)
ELSEWHERE = chain(names=("charts.example.org",), ends=MONTH)
PEOPLE = signed("People", is_authority=True, ends=MONTH)
ME = signed("me", by=PEOPLE, ends=MONTH)

LISTENERS = {
    "plain": Listener(),
    "good": Listener(MADE.leaf, (MADE.issuer,)),
    "own": Listener(OWN),
    "whole": Listener(MADE.leaf, (MADE.issuer, MADE.root)),
    "alone": Listener(MADE.leaf),
    "expired": Listener(EXPIRED.leaf, (EXPIRED.issuer,)),
    "early": Listener(EARLY.leaf, (EARLY.issuer,)),
    "elsewhere": Listener(ELSEWHERE.leaf, (ELSEWHERE.issuer,)),
    "old": Listener(MADE.leaf, (MADE.issuer,), protocols="TLSv1.1"),
    "clients": Listener(MADE.leaf, (MADE.issuer,), clients=PEOPLE),
    "password": Listener(MADE.leaf, (MADE.issuer,), with_password=True),
}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder, served = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("charts")
    shop = repository(CHARTS)
    (served / "index.yaml").write_text(shop.index)
    for name, data in shop.archives.items():
        (served / name).write_bytes(data)
    with real_nginx(folder, served, LISTENERS, served / "index.yaml") as addresses:
        yield addresses


def trusting(*certificates: Certified, **settings: object) -> Access:
    return Access(tls=Tls(lambda: "".join(one.pem for one in certificates)), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["plain", "good", "whole"])
def test_what_is_well_set_up_is_read(nginx: dict[str, str], name: str) -> None:
    found = diagnosis(nginx[name], trusting(MADE.root))
    assert found.is_good
    assert found.rung("charts").cause_words == "2 charts in 3 versions."


@pytest.mark.parametrize(
    ("name", "trusted", "said", "offered"),
    [
        ("own", (), "self-signed", "self"),
        ("whole", (), "below the root Test Root", "root"),
        ("good", (), "goes back to Test Root", "issuer"),
        ("alone", (), "goes back to Test Issuing", "server"),
        ("expired", (EXPIRED.root,), "expired on", None),
        ("early", (EARLY.root,), "is not valid before", None),
        ("elsewhere", (ELSEWHERE.root,), "is for charts.example.org, not for 127.0.0.1", None),
        ("old", (MADE.root,), "TLSv1.1 only", None),
        ("clients", (MADE.root,), "client certificate", None),
    ],
)
def test_what_is_wrong_with_its_tls_is_told_and_what_helps_is_offered(
    nginx: dict[str, str], name: str, trusted: tuple[Certified, ...], said: str, offered: str | None
) -> None:
    found = diagnosis(nginx[name], trusting(*trusted) if trusted else Access())
    rung, cause, _ = failed(found)
    assert (rung, said in cause, found.trust.kind if found.trust else None) == ("tls", True, offered)
    if found.trust is not None:
        assert diagnosis(nginx[name], Access(tls=Tls(lambda: found.trust.certificate.pem))).is_good  # type: ignore[union-attr]


def test_a_client_certificate_lets_it_in(nginx: dict[str, str]) -> None:
    mine = ClientCertificate(lambda: ME.pem, ME.key_pem)
    assert diagnosis(nginx["clients"], Access(tls=Tls(lambda: MADE.root.pem, client=mine))).is_good


def test_http_at_the_port_of_tls_and_the_reverse_are_told(nginx: dict[str, str]) -> None:
    reverse = failed(diagnosis(nginx["plain"].replace("http:", "https:")))
    assert (reverse[0], "speaks plain HTTP" in reverse[1]) == ("tls", True)
    found = failed(diagnosis(nginx["good"].replace("https:", "http:")))
    assert (found[0], "speaks TLS" in found[1]) == ("http", True)


def test_a_password_is_asked_for_and_taken(nginx: dict[str, str]) -> None:
    def access(password: str) -> Access:
        return trusting(MADE.root, credentials=Basic(USER, lambda: password))

    assert "no credentials" in failed(diagnosis(nginx["password"], trusting(MADE.root)))[1]
    assert "does not take" in failed(diagnosis(nginx["password"], access("wrong"), username=USER))[1]
    assert diagnosis(nginx["password"], access(PASSWORD), username=USER).is_good


def test_argo_is_synced_from_it_with_its_archives(tmp_path: Path, room: Room) -> None:
    served = real_data("argo")
    (tmp_path / "index.yaml").write_text(argo_cut_to_its_archives())
    with real_nginx(tmp_path, served, {"good": LISTENERS["good"]}, tmp_path / "index.yaml") as addresses:
        room.add(addresses["good"], ca=MADE.root.pem)
        result = room.sync()
        assert result.attempt.outcome == "changed"
        assert diagnosis(addresses["good"], trusting(MADE.root)).rung("charts").facts["versions"] == 328
    assert sum(map(len, room.versions().values())) == 328
