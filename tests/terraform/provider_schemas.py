"""The schemas of Terraform's providers, read from published typed bindings of them.

Terraform's registry is not a package registry. But the schemas of its providers are published on PyPI as well: the
prebuilt bindings of the CDK for Terraform are generated from them. Their description (a jsii assembly) says of each
attribute its name, its type and whether it must be given, and of each block that it is one. It does not say which lists
are sets, how many blocks of a kind may stand, which values are allowed, or which two things exclude each other.
"""

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
# A map whose values are of any type has no type of its own there; a value of later on is a yes or no.
_OTHERS: Mapping[str, Any] = {
    "cdktf.StringMap": ["map", "string"],
    "cdktf.NumberMap": ["map", "number"],
    "cdktf.BooleanMap": ["map", "bool"],
    "cdktf.AnyMap": "dynamic",
    "cdktf.IResolvable": "bool",
}
_LINK = re.compile(r"#(\w+) \w+#\1\}")
_TERRAFORM_TYPE = re.compile(r" ((?:google|helm)_\w+)\}")


def schema_of(wheel: Path, address: str) -> dict[str, Any]:
    """The provider's whole schema, as `provider/main.go` reads it. `address` is the provider's, with host."""
    types = _assembly(wheel)["types"]
    reader = _Reader(types)
    found: dict[str, Any] = {"address": address, "resources": {}, "data": {}}
    for fqn, kind in types.items():
        match kind.get("base"):
            case "cdktf.TerraformProvider":
                found["provider"] = reader.block(fqn)
            case "cdktf.TerraformResource":
                found["resources"][_terraform_name(kind)] = reader.block(fqn)
            case "cdktf.TerraformDataSource":
                found["data"][_terraform_name(kind)] = reader.block(fqn)
    return found


def _assembly(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as outer:
        name = next(one for one in outer.namelist() if one.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as inner:
            found = json.loads(_member(inner, ".jsii"))
            if found.get("schema") == "jsii/file-redirect":
                found = json.loads(gzip.decompress(_member(inner, found["filename"])))
            return found


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    if file is None:
        raise FileNotFoundError(name)
    return file.read()


def _terraform_name(kind: Mapping[str, Any]) -> str:
    match = _TERRAFORM_TYPE.search(json.dumps(kind["docs"]))
    if match is None:
        raise ValueError(kind["name"])
    return match[1]


class _Reader:
    def __init__(self, types: Mapping[str, Any]) -> None:
        self._types = types

    def block(self, fqn: str) -> dict[str, Any]:
        """A resource, data source or provider: its `…Config` may be given, the rest of its class is computed."""
        return self._block(f"{fqn}Config", fqn)

    def _block(self, given: str, read: str) -> dict[str, Any]:
        inputs = self._properties(given)
        result: dict[str, Any] = {"attributes": {}, "blocks": {}}
        for one in inputs:
            self._add(result, one)
        result["attributes"].pop("alias", None)  # Terraform's own, of every provider
        if result["attributes"].get("id", {}).get("optional"):
            result["attributes"]["id"]["computed"] = True
        for name, attribute in self._computed(read, {one["name"] for one in inputs}):
            result["attributes"].setdefault(name, attribute)
        return result

    def _add(self, result: dict[str, Any], one: Mapping[str, Any]) -> None:
        name, is_required = _name(one), not one.get("optional")
        struct, nesting = self._struct(_plain(one["type"]))
        if struct is None:
            kind = self._type(one["type"])
            result["attributes"][name] = {"type": kind, "required": is_required, "optional": not is_required}
            return
        inner = self._block(struct, f"{struct}OutputReference")
        if f"{name} block." in json.dumps(one["docs"]):
            single = name == "timeouts"
            least = 1 if is_required and not single else 0
            result["blocks"][name] = {"nesting": "single" if single else "list", "min": least, "block": inner}
            return
        nested = {"nesting": nesting, "attributes": inner["attributes"]}
        result["attributes"][name] = {"nested": nested, "required": is_required, "optional": not is_required}

    def _computed(self, fqn: str, given: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for one in self._properties(fqn):
            name = one["name"]
            if one.get("static") or name in given or name.removesuffix("Input") in given or name == "internalValue":
                continue
            yield _snake(name), {"type": self._type(one["type"]), "computed": True}

    def _properties(self, fqn: str) -> list[Any]:
        return list(self._types.get(fqn, {}).get("properties", []))

    def _struct(self, kind: Mapping[str, Any]) -> tuple[str | None, str]:
        """The interface that a block, or a list of blocks, is made of."""
        collection = kind.get("collection")
        inner = _plain(collection["elementtype"]) if collection else kind
        fqn = inner.get("fqn", "")
        nesting = {"array": "list", "map": "map"}[collection["kind"]] if collection else "single"
        return (fqn if self._types.get(fqn, {}).get("kind") == "interface" else None), nesting

    def _type(self, kind: Mapping[str, Any]) -> Any:
        """A type in Terraform's own notation."""
        kind = _plain(kind)
        if "primitive" in kind:
            return _PRIMITIVES[kind["primitive"]]
        if "collection" in kind:
            outer = {"array": "list", "map": "map"}[kind["collection"]["kind"]]
            return [outer, self._type(kind["collection"]["elementtype"])]
        fqn = kind["fqn"]
        if fqn in _OTHERS:
            return _OTHERS[fqn]
        if fqn.endswith("List"):
            return ["list", self._object(f"{fqn.removesuffix('List')}OutputReference")]
        return self._object(fqn)

    def _object(self, fqn: str) -> Any:
        names = {one["name"] for one in self._properties(fqn)}
        fields = {
            _snake(one["name"]): self._type(one["type"])
            for one in self._properties(fqn)
            if one["name"] != "internalValue" and one["name"].removesuffix("Input") not in names - {one["name"]}
        }
        return ["object", fields] if fields else "dynamic"


def _plain(kind: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the alternative that stands for a value of later on."""
    if "union" not in kind:
        return kind
    return next(one for one in kind["union"]["types"] if one.get("fqn") != "cdktf.IResolvable")


def _name(one: Mapping[str, Any]) -> str:
    match = _LINK.search(json.dumps(one["docs"]))
    return match[1] if match else _snake(one["name"])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
