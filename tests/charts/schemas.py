"""Kubernetes' own schemas and the operators' CRDs, each compiled once."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from kubernetes_validate import utils
from referencing import Registry, Resource

from .released import RELEASED
from .render import Object

CRDS = Path(__file__).parents[3] / "shared" / "crds"
VERSIONS = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
# Kinds without a schema at hand: those in released modules have tests of their own, the other is asserted by hand.
UNKNOWN = {*RELEASED, "HealthCheckPolicy"}
_CRD_FILES = {
    "ExternalSecret": "external-secrets.io_externalsecrets.yaml",
    "ManagedCertificate": "networking.gke.io_managedcertificates.yaml",
}


@cache
def _registry(folder: str, version: str) -> Registry[Any]:
    definitions = utils.schema_contents(f"kubernetes-json-schema/{folder}/_definitions.json", version)
    return Resource.from_contents(definitions) @ Registry()


@cache
def _builtin(kind: str, api_version: str, version: str) -> Validator:
    full = next(known for known in utils.all_versions() if utils.major_minor(known) == version)
    folder = f"v{full}-local-strict"
    group = re.sub(r"^([^./]*)(\.[^/]*)?/", r"\1-", api_version)
    schema = utils.schema_contents(f"kubernetes-json-schema/{folder}/{kind.lower()}-{group}.json", version)
    registry = Resource.from_contents(schema) @ _registry(folder, version)
    return Draft202012Validator(schema, registry=registry)


@cache
def crd(file: Path, api_version: str) -> Validator:
    """What a custom resource definition says of one version, which it must serve."""
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    group, _, name = api_version.partition("/")
    assert document["spec"]["group"] == group
    version = next(v for v in document["spec"]["versions"] if v["name"] == name)
    assert version["served"]
    schema = version["schema"]["openAPIV3Schema"]
    every_kind_has = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return Draft202012Validator(_closed(schema | {"properties": schema["properties"] | every_kind_has}))


def _closed(schema: Any) -> Any:
    """An API server drops fields that a CRD does not name; here they are errors."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed


def is_crd(found: Object) -> bool:
    """Whether the object's kind is an operator's, with a CRD that may be at hand."""
    return found["kind"] in _CRD_FILES


@cache
def _problems(text: str, version: str) -> tuple[str, ...]:
    found = json.loads(text)
    if is_crd(found):
        validator = crd(CRDS / _CRD_FILES[found["kind"]], found["apiVersion"])
    else:
        validator = _builtin(found["kind"], found["apiVersion"], version)
    return tuple(told(found, validator))


def told(found: Object, validator: Validator) -> list[str]:
    """What a validator says is wrong with the object."""
    return [f"{found['kind']}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(found)]


def problems(found: Object, version: str) -> tuple[str, ...]:
    """What is wrong with the object for that version of Kubernetes."""
    return _problems(json.dumps(found, sort_keys=True), version)
