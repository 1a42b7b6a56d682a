"""Each template makes what its golden files show, byte by byte, and takes every value as text."""

from datetime import timedelta
from pathlib import Path

import pytest

from starry_gitops.core.context import folder_of
from starry_gitops.core.model import Image, Preview
from starry_gitops.core.preview_files import NewPreview, render_application, render_values
from starry_gitops.core.yamltext import leaves, parse_document
from starry_gitops.data import data_root
from starry_gitops.errors import InvalidRepository
from starry_gitops.templates import TEMPLATE
from tests.unit.strategies import HOSTILE
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, context, create, empty

GOLDEN = Path(__file__).parent / "golden"
GIT_CHART = (
    SETTINGS + "chart: {repoURL: https://github.com/myorg/environment-helm.git, targetRevision: main, path: .}\n"
)
HELM_CHART = (
    SETTINGS
    + "chart: {repoURL: https://charts.mycompany.com, chart: environment, targetRevision: 1.2.3,\n"
    + "  valueFiles: [values.preview.yaml]}\n"
    + "overlays: {dev: {previews: true, argocdNamespace: gitops, destination: {name: previews}}}\n"
)
DESCRIBED = SETTINGS + "chart: {describe: true}\n"
DIGEST = "sha256:" + "0123456789abcdef" * 4

FULL = Preview(
    name="preview-123", overlay="dev", namespace="preview-123", created_at=NOW, expires_at=NOW + timedelta(minutes=90),
    ttl_minutes=90, pinned=True, owner="Ada Lovelace", pull_request="https://github.com/myorg/app/pull/123",
    branch="feature/login", commit="0123456789abcdef0123456789abcdef01234567", sequence=7,
)  # fmt: skip
SMALL = Preview(
    name="p", overlay="dev", namespace="p", created_at=NOW, expires_at=NOW + timedelta(minutes=30), ttl_minutes=30
)
BACKEND = Image(repository="us-docker.pkg.dev/myproj/sample-be", tag="pr-123-abcd123")
FRONTEND = Image(repository="us-docker.pkg.dev/myproj/sample-fe-1", tag=DIGEST)
CASES = {
    "chart-here-full": (SETTINGS, FULL, {"backend": BACKEND, "frontend1": FRONTEND}),
    "chart-here-small": (SETTINGS, SMALL, {"backend": BACKEND}),
    "described-full": (DESCRIBED, FULL, {"backend": BACKEND}),
    "described-small": (DESCRIBED, SMALL, {"backend": BACKEND}),
    "chart-in-git-full": (GIT_CHART, FULL, {"backend": BACKEND, "frontend1": FRONTEND}),
    "chart-in-helm-small": (HELM_CHART, SMALL, {"backend": BACKEND}),
}


def rendered(settings: str, preview: Preview, images: dict[str, Image]) -> dict[str, str]:
    start = context(empty(settings))
    new = NewPreview(preview=preview, overlay=start.settings.overlay("dev"), images=images)
    return {"application.yaml": render_application(new, start), "values.yaml": render_values(new, start)}


@pytest.mark.parametrize("case", CASES)
def test_golden_files(case: str) -> None:
    """After a wanted change, delete tests/unit/golden/*.yaml, run this once and read the difference."""
    for name, text in rendered(*CASES[case]).items():
        golden = GOLDEN / f"{case}.{name}"
        if not golden.exists():
            golden.write_text(text, encoding="utf-8")
            pytest.fail(f"{golden.name} was missing and has been written: read it, then run again")
        assert text == golden.read_text(encoding="utf-8")


def test_there_is_no_golden_file_without_a_case() -> None:
    expected = {f"{case}.{name}" for case in CASES for name in ("application.yaml", "values.yaml")}
    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_every_template_that_ships_is_tested_here() -> None:
    folder = data_root("templates") / "applications"
    assert [path.name for path in folder.iterdir()] == [TEMPLATE]
    assert {path.name for path in (folder / TEMPLATE).iterdir()} == {"application.yaml.j2", "values.yaml.j2"}


@pytest.mark.parametrize("case", CASES)
def test_every_value_that_varies_is_quoted(case: str) -> None:
    settings, preview, images = CASES[case]
    texts = {preview.name, preview.owner, preview.branch, preview.commit, preview.pull_request, DIGEST}
    for text in rendered(settings, preview, images).values():
        lines = text.splitlines()
        for _, leaf in leaves(parse_document(text, file="x")):
            if leaf.value in texts - {None}:
                assert lines[leaf.line - 1].endswith(f'"{leaf.value}"')


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isprintable() and text.strip()])
def test_a_hostile_owner_branch_and_commit_make_no_finding(text: str) -> None:
    tree = create(empty(), "p-1", owner=text, commit=text)
    found = dict(leaves(parse_document(tree.files[f"{PREVIEWS}/p-1/application.yaml"], file="x")))
    assert found["metadata", "annotations", "starry.env/owner"].value == text
    assert found["metadata", "annotations", "starry.env/commit"].value == text


def overridden(change: tuple[str, str]) -> Tree:
    shipped = (data_root("templates") / "applications" / TEMPLATE / "application.yaml.j2").read_text(encoding="utf-8")
    assert change[0] in shipped
    path = f".starry/templates/{TEMPLATE}/application.yaml.j2"
    return empty().put({path: shipped.replace(*change, 1)})


@pytest.mark.parametrize(
    "change",
    [
        ("    namespace: {{ name }}\n  syncPolicy", "    namespace: argocd\n  syncPolicy"),
        ("project: {{ project }}", "project: default"),
        ("kind: Application\n", "kind: AppProject\n"),
        ("  finalizers:\n    - resources-finalizer.argocd.argoproj.io\n", ""),
        ("    repoURL: {{ repo_url }}", "    repoURL: https://github.com/evil/apps.git"),
        ("apiVersion", "a: 1\n---\napiVersion"),
        ("name: {{ name }}", "name: {{ nam }}"),
        ("    starry.env/expires-at: {{ expires_at }}\n", ""),
        ("      prune: true\n", ""),
        ("spec:\n", "operation: {}\nspec:\n"),
    ],
    ids=lambda change: change[1].strip().split("\n")[0] or "nothing",
)
def test_a_repositorys_own_template_cannot_make_what_validate_would_refuse(change: tuple[str, str]) -> None:
    with pytest.raises(InvalidRepository):
        create(overridden(change), "p-1")


def test_a_repositorys_own_template_may_add_what_is_harmless() -> None:
    tree = create(overridden(("  annotations:\n", "  annotations:\n    example.com/team: previews\n")), "p-1")
    start = context(tree)
    folder = folder_of(start.settings.overlay("dev"), "p-1")
    assert "example.com/team: previews" in tree.files[f"{folder}/application.yaml"].decode()
