"""What really ran: captain's records of an app's releases, without secrets."""

from collections.abc import Iterable
from typing import Any

from flask import render_template
from flask_babel import gettext

from catalog_web import yaml_text
from catalog_web.auth import current_person, rule
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.masking import shown_manifest, shown_values
from catalog_web.install.release_record import Part, ReleaseRecord
from catalog_web.install.service import AppDetail
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.view import number_argument, services
from catalog_web.release_rights import demand_release


@pages.get("/apps/<cluster>/<namespace>/<name>/release")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def release(cluster: str, namespace: str, name: str) -> str:
    """One record (``number``), by default the one that runs. Raises InstallNotFound, ClusterNotFound, ClusterError, and
    Forbidden where it is of a namespace whose apps the person may not see."""
    detail = services().installs.status(cluster, namespace, name)
    demand_release(services(), current_person(), detail.app)
    found = services().installs.resources(detail)
    wanted = number_argument("number", default=found.record.version if found.record else 1)
    record = next((one for one in found.records if one.version == wanted), found.record)
    return render_template(
        "apps/release.html",
        place={"cluster": cluster, "namespace": namespace, "name": name},
        app=detail.app,
        records=found.records,
        record=record,
        missing=found.missing,
        **(_shown(record, detail) if record else {}),
    )


def _shown(record: ReleaseRecord, detail: AppDetail) -> dict[str, Any]:
    paths = [path for one in detail.history for path in one.secret_paths]
    values = shown_values(record, detail.helmrequest, paths)
    return {
        "values": yaml_text.highlight(manifest_yaml(values)) if values else [],
        "manifest": shown_manifest(record, detail.app.release_namespace, detail.helmrequest, paths),
        "unknown": list(_unknown(record.unknown)),
    }


def _unknown(parts: Iterable[Part]) -> Iterable[str]:
    words: dict[Part, str] = {
        "chart": gettext("Which chart it was cannot be read."),
        "values": gettext("Its values cannot be read."),
        "manifest": gettext("Its objects cannot be read."),
        "hooks": gettext("Its hooks cannot be read."),
    }
    return (words[part] for part in parts)
