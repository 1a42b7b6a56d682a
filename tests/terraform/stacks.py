"""The two stacks of terraform/: parsed without Terraform, and run by it in a copy."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

from tests.terraform.provider_build import MIRROR, TOP

TERRAFORM = TOP / "terraform"
STACKS = ("google", "argocd")
PROGRAM = shutil.which("terraform")
CONFIGURATION = "terraformrc"
NO_PROGRAM = "terraform is not installed"
NO_PROVIDERS = "the providers' schemas are not built: make schemas"


def plain(value: Any) -> Any:
    """What python-hcl2 read, without the quotes and marks that it keeps."""
    if isinstance(value, dict):
        return {plain(key): plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


@cache
def parsed(stack: str) -> tuple[tuple[Path, dict[str, Any]], ...]:
    """Each file of a stack and its blocks."""
    files = sorted((TERRAFORM / stack).glob("*.tf"))
    return tuple((file, plain(hcl2.loads(file.read_text(encoding="utf-8")))) for file in files)


def named(stack: str, block: str) -> dict[str, Any]:
    """Variables or outputs by name."""
    return {name: body for _, found in parsed(stack) for one in found.get(block, []) for name, body in one.items()}


def resources(stack: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(type, name, body) of each resource."""
    for _, found in parsed(stack):
        for one in found.get("resource", []):
            for kind, inner in one.items():
                for name, body in inner.items():
                    yield kind, name, body


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a run of Terraform left."""

    code: int
    out: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A copy of terraform/ beside an apps repository, where Terraform may write."""

    folder: Path

    def run(self, stack: str, *args: str) -> Done:
        """Terraform, which can reach nothing but the built providers."""
        configuration = str(self.folder / CONFIGURATION)
        variables = {"TF_CLI_CONFIG_FILE": configuration, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        command = [PROGRAM or "terraform", *args, "-no-color"]
        at = self.folder / "terraform" / stack
        done = subprocess.run(
            command, cwd=at, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        return Done(code=done.returncode, out=done.stdout + done.stderr)

    def again(self, folder: Path) -> "Copy":
        """A copy of this one, for a test that changes it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Copy(folder=folder)

    def plans(self, stack: str) -> dict[str, dict[str, Mapping[str, Any]]]:
        """What `terraform test` planned: run -> address of a resource -> its values, as far as they are known."""
        done = self.run(stack, "test", "-json", "-verbose")
        assert done.code == 0, done.out
        lines = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
        return {
            line["@testrun"]: {
                change["address"]: change["change"]["after"]
                for change in line["test_plan"].get("resource_changes", [])
                if change["mode"] == "managed"
            }
            for line in lines
            if line["type"] == "test_plan"
        }


def copied(folder: Path, apps_repository: Path) -> Copy:
    """A copy in `folder`, initialised."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfvars", "*.tfstate*")
    shutil.copytree(TERRAFORM, folder / "terraform", ignore=ignored)
    shutil.copytree(apps_repository, folder / "argocd-apps")
    mirror = _small_mirror(folder / "providers")
    text = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    (folder / CONFIGURATION).write_text(text, encoding="utf-8")
    copy = Copy(folder=folder)
    for stack in STACKS:
        done = copy.run(stack, "init", "-backend=false", "-input=false")
        assert done.code == 0, done.out
    return copy


def _small_mirror(folder: Path) -> Path:
    """The providers with the schemas of what the stacks use: a run spends most of its time on schemas."""
    used = {kind for stack in STACKS for block in ("resource", "data") for kind in _kinds(stack, block)}
    shutil.copytree(MIRROR, folder)
    for file in folder.rglob("schema.json"):
        schema = json.loads(file.read_text(encoding="utf-8"))
        for part in ("resources", "data"):
            schema[part] = {name: body for name, body in schema[part].items() if name in used}
        file.write_text(json.dumps(schema), encoding="utf-8")
    return folder


def _kinds(stack: str, block: str) -> Iterator[str]:
    return (kind for _, found in parsed(stack) for one in found.get(block, []) for kind in one)
