"""What would be sent to each of the chosen clusters, and what speaks for and against it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext
from markupsafe import Markup

from catalog_web import yaml_text
from catalog_web.catalog import VersionPage
from catalog_web.checking import facts_of
from catalog_web.install.checks import Check, Preview, draft
from catalog_web.install.helmrequest import InstallForm, manifest_yaml
from catalog_web.install.http_request import HttpRequest
from catalog_web.pages.preview import RenderedPane, Tool, request, tools
from catalog_web.pages.view import services

_ORDER = ("fail", "warn", "unknown", "ok")
FIELD_OF = {
    "name": "name",
    "name-free": "name",
    "release-free": "name",
    "namespace": "namespace",
    "namespace-there": "namespace",
    "version": "version",
    "source-url": "source_url",
    "source-secret": "source_secret",
}
"""The field that a check is about."""


@dataclass(frozen=True, slots=True)
class Review:
    """One cluster's."""

    cluster: str
    """Empty where none is connected."""
    form: InstallForm = field(repr=False)
    """Its values hold what is secret."""
    found: Preview
    same_with: tuple[Tool, ...] = ()
    http: HttpRequest | None = None
    rendered: RenderedPane | None = None
    """None until somebody asks for it."""

    @property
    def secret_paths(self) -> tuple[str, ...]:
        """Dotted paths of what goes into a Secret."""
        return self.form.secret_paths

    @property
    def failed(self) -> list[Check]:
        """What stops it."""
        return [one for one in self.found.checks if one.state == "fail"]

    @property
    def loud(self) -> list[Check]:
        """What asks for a look, the worst first."""
        wanted = (one for one in self.found.checks if one.state != "ok")
        return sorted(wanted, key=lambda one: _ORDER.index(one.state))

    @property
    def quiet(self) -> list[Check]:
        """What found nothing wrong."""
        return [one for one in self.found.checks if one.state == "ok"]

    @property
    def manifest(self) -> list[Markup]:
        """The HelmRequest as highlighted lines; none where there is none."""
        wanted = self.found.helmrequest
        return yaml_text.highlight(manifest_yaml(wanted)) if wanted else []


def reviewed(shown: VersionPage, forms: Iterable[InstallForm]) -> tuple[Review, ...]:
    """All checks of every form; those of a cluster only where one is connected. Raises ClusterNotFound."""
    return tuple(_review(shown, form) for form in forms)


def _review(shown: VersionPage, form: InstallForm) -> Review:
    facts = facts_of(services(), shown, form.cluster)
    installs = services().installs
    found = installs.preview(form, facts) if installs.clusters else draft(form, facts=facts)
    wanted = found.helmrequest
    if not wanted:
        return Review(form.cluster, form, found)
    same = tools(shown, wanted, form.secret_paths)
    return Review(form.cluster, form, found, same, request(wanted, form.cluster, form.person))


def sendable(reviews: Sequence[Review]) -> bool:
    """Whether every cluster has something to be sent, and nothing stops it."""
    return bool(reviews) and bool(services().installs.clusters) and all(one.found.sendable for one in reviews)


def mistakes_of(reviews: Iterable[Review]) -> dict[str, str]:
    """Failed checks that belong to one field, by the field."""
    ids = {one.id for review in reviews for one in review.failed}
    return {FIELD_OF[one]: gettext("See the check below.") for one in sorted(ids) if one in FIELD_OF}


def fingerprint(reviews: Sequence[Review]) -> str:
    """What was shown, so that nothing else is sent. A HelmRequest holds no secret."""
    told = [[one.cluster, one.found.helmrequest] for one in reviews]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest() if reviews else ""
