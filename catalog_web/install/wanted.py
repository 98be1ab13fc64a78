"""The HelmRequest that an install means, and the Secret beside it. Pure."""

from collections.abc import Mapping
from typing import Any

from catalog_web.install.cluster import Object
from catalog_web.install.helmrequest import InstallForm, manifest
from catalog_web.install.secret_values import SecretValues, divide
from catalog_web.install.upgrade_form import with_references


def wanted(form: InstallForm, values: Mapping[str, Any], api_version: str) -> tuple[Object, SecretValues | None]:
    """The HelmRequest of ``form`` without what is secret of ``values``, and the Secret for that, which it names."""
    public, secret = divide(values, form.secret_paths, form.namespace, form.name, form.request_id)
    return with_references(manifest(form, public, api_version), [secret.reference] if secret else []), secret
