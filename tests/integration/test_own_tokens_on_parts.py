"""The token of a person's own sign-in on a real API server that trusts the same provider, and that knows Chartroom by
a certificate which may do everything."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Chain, chain, signed
from tests.oidc_provider import CLIENT, Running, at, behind, through_provider
from tests.pages import Browser
from tests.parts.control_plane import ControlPlane, control_plane
from tests.people import token_of
from tests.repository import repository
from tests.tls_servers import server_context
from tests.upstream import Site
from tests.waiting import until
from tests.web import Web, web

pytestmark = pytest.mark.parts

RULES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: chartroom}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: chartroom-itself, apiGroup: rbac.authorization.k8s.io}]
"""


@dataclass(frozen=True)
class Company:
    """A provider, a cluster that trusts it, and where both are."""

    plane: ControlPlane
    provider: Running
    issuer: str
    authority: Path
    kubeconfig: Path
    """Of Chartroom, by its certificate."""

    def says(self, name: str, *groups: str, **said: Any) -> None:
        """Have the provider say who comes next."""
        claims = {"iss": self.issuer, "groups": list(groups)}
        self.provider.behave(metadata=at(self.issuer), user=name, claims=claims, **said)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder, made = tmp_path_factory.mktemp("company"), chain()
    authority = folder / "authority.pem"
    authority.write_text(made.root.pem)
    with behind(server_context(made.leaf, made.issuer)) as (provider, issuer):
        flags = (
            f"--oidc-issuer-url={issuer}",
            f"--oidc-client-id={CLIENT}",
            f"--oidc-ca-file={authority}",
            "--oidc-username-claim=preferred_username",
            "--oidc-username-prefix=-",
            "--oidc-groups-claim=groups",
            f"--client-ca-file={authority}",
        )
        with control_plane(folder, *flags) as plane:
            for namespace in ("apps", "ops"):
                plane.create_namespace(namespace)
            plane.apply(RULES)
            plane.allow("installer", "apps", {"kind": "Group", "name": "web"}, "*")
            yield Company(plane, provider, issuer, authority, _kubeconfig(plane, made, folder))


def _kubeconfig(plane: ControlPlane, made: Chain, folder: Path) -> Path:
    certificate, key = signed("chartroom-itself", by=made.root).write(folder)
    written = json.loads(plane.kubeconfig.read_text())
    written["users"][0]["user"] = {"client-certificate": str(certificate), "client-key": str(key)}
    file = folder / "chartroom.kubeconfig"
    file.write_text(json.dumps(written))
    return file


@pytest.fixture
def shop(tmp_path: Path, site: Site, company: Company) -> Iterator[Web]:
    repository({"redis": ("1.0.0",)}).serve(site)
    source = {"name": "shop", "url": site.url, "captain_repo": "shop"}
    oidc = {**company.provider.options, "issuer": company.issuer, "ca_file": str(company.authority)}
    cluster = {"name": "home", "kubeconfig": str(company.kubeconfig), "own_token": True}
    roles = [{"role": "developer", "everyone": True}]
    with web(tmp_path / "room", [source], sign_in=["oidc"], oidc=oidc, roles=roles, clusters=[cluster]) as running:
        running.sync()
        yield running


def sign_in(shop: Web, company: Company, name: str, *groups: str) -> Browser:
    company.says(name, *groups)
    begun = shop.ask("GET", "/sign-in/oidc")
    assert shop.ask("GET", through_provider(begun.location, company.provider.issuer)).status_code == 303
    cluster = shop.services.installs.cluster()
    # The API server asks the provider for its keys beside everything else.
    until(lambda: cluster.acting_as(name).whoami() == name, 60)
    assert cluster.whoami() == "chartroom-itself"
    return Browser(shop)


def install(shop: Web, person: str, namespace: str, status: int) -> Any:
    wish = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": namespace, "name": f"of-{person}"}
    return shop.send("POST", "/api/v1/installs", wish, status, headers=token_of(shop, person, "install"))


def test_L5_the_cluster_decides_by_the_groups_that_the_provider_told_it(shop: Web, company: Company) -> None:
    sign_in(shop, company, "ada", "web")
    install(shop, "ada", "apps", 201)
    assert "of-ada" in company.plane.kubectl("get", "helmrequests", "-n", "apps", "-o", "name")
    refused = install(shop, "ada", "ops", 403)
    assert refused["detail"] == "ada may not create helmrequests in namespace ops of cluster home."


def test_L5_chartrooms_own_certificate_lends_nobody_anything(shop: Web, company: Company) -> None:
    browser = sign_in(shop, company, "bob", "visitors")
    assert "bob may not create helmrequests" in install(shop, "bob", "apps", 403)["detail"]
    assert "of-bob" not in company.plane.kubectl("get", "helmrequests", "-A", "-o", "name")
    path = "/charts/shop/redis/1.0.0/install"
    form = browser.get(path).form("/install")
    checked = browser.sent(form, path, step="check", namespace="apps", name="of-bob")
    assert "bob may not create helmrequests in namespace apps" in checked.text


def test_L3_a_sign_in_that_the_cluster_does_not_take_is_told_as_that(shop: Web, company: Company) -> None:
    sign_in(shop, company, "eve", "web")
    token = shop.services.person_tokens.of("eve")
    shop.services.person_tokens.source = lambda _person: f"{token[:-8]}AAAAAAAA"
    told = install(shop, "eve", "apps", 403)
    assert told["id"] == "own-token-refused"
    assert "does not accept the sign-in of eve (401)" in told["detail"]
