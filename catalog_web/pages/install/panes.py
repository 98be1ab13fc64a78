"""What would be sent, told in other words, for the review of an install."""

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog_web.catalog import VersionPage
from catalog_web.pages import preview
from catalog_web.previews import Subject
from catalog_web.values.difference import only_differing
from catalog_web.values.form import form_of
from catalog_web.values.reading import parse_values

if TYPE_CHECKING:
    from catalog_web.pages.install.review import Review


def rendered(shown: VersionPage, review: "Review") -> "Review":
    """``review`` with what helm makes of the chart; a sentence where it cannot."""
    form = review.form
    defaults = form_of(shown.content).defaults if shown.content else {}
    subject = Subject(
        source=form.source,
        chart=form.chart,
        version=form.version,
        namespace=form.namespace,
        name=form.name,
        values=only_differing(parse_values(form.values_yaml), defaults),
        cluster=review.cluster,
        secret_paths=form.secret_paths,
    )
    return replace(review, rendered=preview.rendered(subject))
