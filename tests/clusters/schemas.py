"""Holds what the test's server serves to the CRDs and to Kubernetes' own schemas."""

from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

CRDS = Path(__file__).parents[3] / "shared" / "crds"
_FILES = {
    "Application": "argoproj.io_applications.yaml",
    "AppProject": "argoproj.io_appprojects.yaml",
    "ExternalSecret": "external-secrets.io_externalsecrets.yaml",
    "ManagedCertificate": "networking.gke.io_managedcertificates.yaml",
}
# Kinds of GKE without a published schema.
_UNKNOWN = {"ServiceNetworkEndpointGroup"}


@cache
def _validator(file: str, version: str) -> Draft202012Validator:
    document = yaml.load((CRDS / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    served = next(one for one in document["spec"]["versions"] if one["name"] == version and one["served"])
    return Draft202012Validator(_closed(served["schema"]["openAPIV3Schema"]))


def _closed(schema: Any) -> Any:
    """What a CRD does not name is an error here; metadata is Kubernetes' own."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_open = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not is_open:
        closed["additionalProperties"] = False
        closed["properties"].update({} if "spec" not in schema["properties"] else {"apiVersion": {}, "kind": {}})
    return closed


def check(item: dict[str, Any]) -> None:
    """Fails when no API server could hold the object."""
    kind = item["kind"]
    if kind in _UNKNOWN or (kind in _FILES and not CRDS.is_dir()):
        return
    if kind in _FILES:
        problems = list(_validator(_FILES[kind], item["apiVersion"].rpartition("/")[2]).iter_errors(item))
        assert not problems, f"{kind}: {problems[0].json_path}: {problems[0].message[:300]}"
        return
    kubernetes_validate.validate(item, "1.34", strict=True)
