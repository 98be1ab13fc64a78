"""Who signed a version, from every kind of source, as a page and the API tell it."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pysequoia import Tsk

from tests.fake_registry import fake_registry
from tests.integration.oci_sources import oci
from tests.pages import Browser
from tests.parts.located import located
from tests.repository import archive, repository
from tests.signing import ALICE, keyring, provenance
from tests.upstream import Site
from tests.web import Web, web

KEY = Tsk.generate(ALICE)
OTHER = Tsk.generate("Mallory")
NAME = "redis-2.0.0.tgz"
MADE = repository({"redis": ("2.0.0", "1.0.0")})
SIGNED = provenance(KEY, {NAME: MADE.archives[NAME]})
VERSION = "/api/v1/charts/shop/redis/versions/2.0.0"
PAGE = "/charts/shop/redis/2.0.0"


@contextmanager
def room(folder: Path, site: Site, source: Mapping[str, Any] | None = None, **options: Any) -> Iterator[Web]:
    """A Chartroom that believes Alice, and has synced the shop at ``site``."""
    ring = str(keyring(folder, KEY.extract_certificate()))
    with web(
        folder / "room", [{"name": "shop", "url": site.url, **(source or {})}], **{"keyring": ring, **options}
    ) as running:
        running.sync()
        yield running


def serve(site: Site, signed: bytes = SIGNED) -> None:
    MADE.serve(site)
    site.put(f"/{NAME}.prov", signed, content_type="application/pgp-signature")


def signature(running: Web, path: str = VERSION) -> Any:
    return running.get(path)["signature"]


def test_a_signed_version_is_verified_by_whom_the_keyring_names(tmp_path: Path, site: Site) -> None:
    serve(site)
    with room(tmp_path, site) as running:
        assert signature(running) == {
            "state": "verified",
            "signer": ALICE,
            "fingerprint": KEY.extract_certificate().fingerprint,
            "cause": None,
        }
        page = Browser(running).get(PAGE)
        assert "verified signed by Alice Packs" in page.text
        assert KEY.extract_certificate().fingerprint.upper() in page.text.replace(" ", "")
    assert len(site.asked(f"/{NAME}.prov")) == 1, "it is looked for once"


def test_without_a_keyring_a_signature_is_told_as_not_verified(tmp_path: Path, site: Site) -> None:
    serve(site)
    with room(tmp_path, site, keyring="") as running:
        assert signature(running) == {"state": "present", "signer": "", "fingerprint": "", "cause": None}
        text = Browser(running).get(PAGE).text
    assert "signed, not verified" in text
    assert "no keyring is configured" in text


def test_a_version_without_a_provenance_file_is_told_as_not_signed(tmp_path: Path, site: Site) -> None:
    MADE.serve(site)
    with room(tmp_path, site) as running:
        for _ in range(2):
            assert signature(running)["state"] == "none"
        assert "no provenance file lies beside the archive" in Browser(running).get(PAGE).text
    assert len(site.asked(f"/{NAME}.prov")) == 1


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        (provenance(OTHER, {NAME: MADE.archives[NAME]}), "which is not in the keyring"),
        (provenance(KEY, {NAME: b"another archive"}), "it is of another archive"),
        (SIGNED.replace(b"redis", b"nginx"), "does not fit the text"),
        (SIGNED[:100], "is damaged"),
    ],
    ids=["another key", "another archive", "changed", "cut"],
)
def test_a_signature_that_proves_nothing_is_told_with_the_reason(
    tmp_path: Path, site: Site, signed: bytes, reason: str
) -> None:
    serve(site, signed)
    with room(tmp_path, site) as running:
        told = signature(running)
        assert told["state"] == "bad"
        assert reason in told["cause"]
        page = Browser(running).get(PAGE)
    assert "not valid There is a signature, but " in page.text
    assert reason in page.text
    assert "signed by" not in page.text


@pytest.mark.parametrize("mode", [("status", {"status": 403}), ("status", {"status": 410}), ("endless", {})])
def test_what_servers_answer_for_a_file_that_is_not_there_counts_as_none(
    tmp_path: Path, site: Site, mode: tuple[str, dict[str, Any]]
) -> None:
    MADE.serve(site)
    site.behave(f"/{NAME}.prov", mode[0], **mode[1])
    with room(tmp_path, site) as running:
        assert signature(running)["state"] == "none"


def test_a_page_in_place_of_a_provenance_file_counts_as_none(tmp_path: Path, site: Site) -> None:
    serve(site, b"<html>Sign in</html>")
    with room(tmp_path, site) as running:
        assert signature(running)["state"] == "none"


def test_a_server_in_trouble_leaves_it_unknown_and_is_not_asked_at_each_look(tmp_path: Path, site: Site) -> None:
    serve(site)
    site.behave(f"/{NAME}.prov", "status", status=500)
    with room(tmp_path, site) as running:
        for _ in range(3):
            told = signature(running)
            assert told["state"] == "unknown"
            assert "500" in told["cause"]
        assert "not known:" in Browser(running).get(PAGE).text
    assert len(site.asked(f"/{NAME}.prov")) == 1


def test_another_archive_under_the_same_version_is_looked_at_anew(tmp_path: Path, site: Site) -> None:
    serve(site)
    with room(tmp_path, site) as running:
        assert signature(running)["state"] == "verified"
        repository({"redis": ("2.0.0", "1.0.0")}, salt="other").serve(site)
        running.sync()
        assert signature(running)["state"] == "bad"
    assert len(site.asked(f"/{NAME}.prov")) == 2


def test_a_source_may_have_a_keyring_of_its_own(tmp_path: Path, site: Site) -> None:
    serve(site)
    (tmp_path / "other").mkdir()
    other = str(keyring(tmp_path / "other", OTHER.extract_certificate()))
    with room(tmp_path, site, {"keyring_file": other}) as running:
        assert signature(running)["state"] == "bad"


def test_a_keyring_that_is_gone_since_the_start_believes_nobody(tmp_path: Path, site: Site) -> None:
    serve(site)
    with room(tmp_path, site) as running:
        (tmp_path / "keyring.gpg").unlink()
        assert signature(running)["state"] == "bad"


def test_the_signature_of_a_chart_in_a_registry_is_its_layer(tmp_path: Path) -> None:
    signed = provenance(KEY, {NAME: archive("redis", "2.0.0")})
    with fake_registry() as registry:
        registry.push("team/redis", "2.0.0", provenance=signed)
        registry.push("team/redis", "1.0.0")
        ring = str(keyring(tmp_path, KEY.extract_certificate()))
        source = {"name": "shop", "url": oci(registry, "team/redis")}
        with web(tmp_path / "room", [source], keyring=ring) as running:
            running.sync()
            assert signature(running)["state"] == "verified"
            assert signature(running, VERSION.replace("2.0.0", "1.0.0"))["state"] == "none"


def test_the_signature_of_a_chart_in_a_folder_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    for name, body in {**MADE.archives, f"{NAME}.prov": SIGNED}.items():
        (folder / name).write_bytes(body)
    ring = str(keyring(tmp_path, KEY.extract_certificate()))
    with web(tmp_path / "room", [{"name": "shop", "url": str(folder)}], keyring=ring) as running:
        running.sync()
        assert signature(running)["state"] == "verified"
        assert signature(running, VERSION.replace("2.0.0", "1.0.0"))["state"] == "none"


def test_the_provenance_file_is_served_beside_the_archive(tmp_path: Path, site: Site) -> None:
    serve(site)
    with room(tmp_path, site) as running:
        for path in (f"/charts/shop/{NAME}.prov", f"/helm/shop/{NAME}.prov"):
            with running.ask("GET", path) as answer:
                assert (answer.status_code, answer.mimetype) == (200, "application/pgp-signature")
                assert answer.get_data() == SIGNED
        absent = running.ask("GET", "/helm/shop/redis-1.0.0.tgz.prov")
        assert (absent.status_code, absent.mimetype) == (404, "application/problem+json")
        assert "No provenance file lies beside the archive of redis 1.0.0" in absent.get_data(as_text=True)


@pytest.fixture
def gnupg(tmp_path: Path) -> Iterator[Path]:
    """A folder with public.gpg and secret.gpg of a key that may sign itself: helm signs with the primary one."""
    if shutil.which("gpg") is None:
        print("not run: no gpg")
        pytest.skip("not run: no gpg")
    folder = tmp_path / "gnupg"
    folder.mkdir(mode=0o700)

    def gpg(*words: str) -> bytes:
        command = ["gpg", "--homedir", str(folder), "--batch", "--passphrase", "", *words]
        return subprocess.run(command, capture_output=True, check=True).stdout

    gpg("--quick-gen-key", ALICE, "rsa2048", "sign", "never")
    (tmp_path / "public.gpg").write_bytes(gpg("--export"))
    (tmp_path / "secret.gpg").write_bytes(gpg("--export-secret-keys"))
    yield tmp_path
    subprocess.run(["gpgconf", "--homedir", str(folder), "--kill", "all"], check=True)


@pytest.mark.parts
@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_what_helm_signs_is_verified_here(part: str, gnupg: Path) -> None:
    folder = packaged(part, gnupg, "--sign", "--key", "Alice", "--keyring", str(gnupg / "secret.gpg"))
    source = {"name": "shop", "url": str(folder)}
    with web(gnupg / "room", [source], keyring=str(gnupg / "public.gpg")) as running:
        running.sync()
        told = signature(running)
    assert (told["state"], told["signer"]) == ("verified", ALICE)


@pytest.mark.parts
@pytest.mark.parametrize("part", ["helm3", "helm4"])
def test_helm_verifies_what_these_tests_sign(part: str, tmp_path: Path) -> None:
    folder = packaged(part, tmp_path)
    signed = provenance(KEY, {NAME: (folder / NAME).read_bytes()})
    (folder / f"{NAME}.prov").write_bytes(signed)
    ring = keyring(tmp_path, KEY.extract_certificate())
    assert "Alice" in helm(part, tmp_path, "verify", str(folder / NAME), "--keyring", str(ring))


def packaged(part: str, folder: Path, *signing: str) -> Path:
    """The folder where helm packed redis 2.0.0."""
    (folder / "redis").mkdir()
    (folder / "redis" / "Chart.yaml").write_text("apiVersion: v2\nname: redis\nversion: 2.0.0\n")
    helm(part, folder, "package", "redis", "--destination", "charts", *signing)
    return folder / "charts"


def helm(part: str, folder: Path, *words: str) -> str:
    home = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    command = [str(located(part)), *words]
    answer = subprocess.run(command, cwd=folder, env=home, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
