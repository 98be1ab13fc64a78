"""What the catalog knows of a chart that a person should know before installing it. Pure; it only ever warns."""

from collections.abc import Iterator, Mapping, Sequence

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.facts import Facts
from catalog_web.install.doors import Door
from catalog_web.install.helmrequest import InstallForm
from indexer.errors import N_

_MOST = 8
"""Images or dependencies that are named; of the others the number."""


def check_chart_facts(form: InstallForm, facts: Facts) -> Iterator[Check]:
    """All that can be said without asking a cluster."""
    params = {"source": form.source, "chart": form.chart, "version": form.version}
    door = Door("source", N_("Open the source {source}"), params)
    if facts.deprecated:
        old = N_("The chart is deprecated: its publisher no longer keeps it up.")
        yield Check("deprecated", "warn", old, N_("Look for another chart before you depend on this one."), params)
    if facts.repushed:
        yield Check(
            "repushed",
            "warn",
            N_(
                "Version {version} was pushed again with other content, so what is installed may differ from what runs."
            ),
            N_("Ask who publishes the chart what changed, or choose a version that stayed as it was."),
            params,
            doors=(door,),
        )
    if facts.approval and not form.decides:
        first = N_("An administrator of the source “{source}” decides about it first: what you send now is a request.")
        yield Check("approval", "warn", first, N_("You are told what was decided; say below why you need it."), params)
    yield from _dependencies(facts, params)
    yield from _images(facts, params)


def check_crds(facts: Facts) -> Iterator[Check]:
    """Helm makes what lies in ``crds/`` once and never changes it."""
    if not facts.changed_crds:
        return
    yield Check(
        "crds",
        "warn",
        N_("These files with custom resource definitions changed, and captain does not apply them: {files}."),
        N_("Apply them by hand before the upgrade, with “kubectl apply --server-side”; the report shows them."),
        {"files": _some(facts.changed_crds)},
    )


def _dependencies(facts: Facts, params: Mapping[str, str]) -> Iterator[Check]:
    content = facts.content
    if content is None or content.partial or not content.dependencies:
        return
    packed = {one.name for one in content.subcharts}
    missing = sorted({one.name for one in content.dependencies} - packed)
    if not missing:
        yield Check("dependencies", "ok", N_("All charts that it depends on are in its archive."), params=params)
        return
    yield Check(
        "dependencies",
        "warn",
        N_("These charts, which it depends on, are not in its archive: {missing}. captain fetches none of them."),
        N_("Ask who publishes the chart to pack it with “helm dependency build”, or choose another version."),
        {**params, "missing": _some(missing)},
    )


def _images(facts: Facts, params: Mapping[str, str]) -> Iterator[Check]:
    lost = [reference for reference, placed in facts.images if placed.is_out_of_reach]
    mirrored = [f"{one} → {placed.mirrored}" for one, placed in facts.images if placed.blocked and placed.mirrored]
    if lost:
        yield Check(
            "images",
            "warn",
            N_("These images come from registries that cannot be reached from here, and have no mirror: {images}."),
            N_("Name images in the values that can be reached, or ask your operators for a mirror (image_mirrors)."),
            {**params, "images": _some(lost)},
        )
    if mirrored:
        yield Check(
            "images-mirrored",
            "warn",
            N_("These images come from registries that cannot be reached from here, but are mirrored: {images}."),
            N_("Unless the nodes know the mirrors, name them in the values."),
            {**params, "images": _some(mirrored)},
        )
    if facts.images and not lost and not mirrored:
        yield Check("images", "ok", N_("No image is known to come from a blocked registry."), params=params)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" (+{more})" if more > 0 else "")
