"""Who keeps an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.owners import owners_of


@pytest.mark.parametrize(
    ("repository", "home"),
    [
        ("https://argoproj.github.io/argo-helm", "https://github.com/argoproj/argo-cd"),
        ("https://charts.bitnami.com/bitnami", "https://bitnami.com"),
        ("oci://ghcr.io/prometheus-community/charts", "https://github.com/prometheus-community/helm-charts"),
        ("https://grafana.github.io/helm-charts", "https://grafana.com"),
        ("https://raw.githubusercontent.com/owner/charts/main", "https://github.com/Owner/thing"),
        ("https://charts.example.co.uk", "https://example.co.uk/product"),
    ],
)
def test_a_projects_own_repository_has_the_owner_of_its_home(repository, home):
    assert owners_of([repository]) & owners_of([home])


@pytest.mark.parametrize(
    ("repository", "home"),
    [
        ("https://charts.bitnami.com/bitnami", "https://github.com/argoproj/argo-cd"),
        ("https://argoproj.example.com/charts", "https://github.com/argoproj/argo-cd"),
        ("https://github.com/one/charts", "https://github.com/other/charts"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost/charts", "http://localhost/"),
        ("/srv/charts", "/srv/charts"),
        ("", ""),
    ],
)
def test_a_copy_elsewhere_has_not(repository, home):
    assert not owners_of([repository]) & owners_of([home])


@given(st.lists(st.text(max_size=60) | st.from_regex(r"https?://[\[\]a-z.:@0-9]{0,20}/?", fullmatch=True)))
def test_any_address_is_read(urls):
    assert "" not in owners_of(urls)
