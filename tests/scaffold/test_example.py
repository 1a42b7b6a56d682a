"""The project's argocd-apps/ is exactly what `starry init` writes for the example settings."""

from .scaffold_support import ARGOCD_APPS, example

COMMAND = "python -m tests.scaffold.scaffold_support"


def test_argocd_apps_is_what_init_writes():
    on_disk = {
        path.relative_to(ARGOCD_APPS).as_posix(): path.read_text(encoding="utf-8")
        for path in ARGOCD_APPS.rglob("*")
        if path.is_file()
    }
    assert on_disk == example(), f"regenerate argocd-apps/ with: {COMMAND}"


def test_the_layout_of_the_contract():
    assert {
        "starry.yaml",
        "root/dev.yaml",
        "root/prod.yaml",
        "base/kustomization.yaml",
        "overlays/dev/kustomization.yaml",
        "overlays/dev/previews.yaml",
        "overlays/dev/previews/keep.yaml",
        "overlays/prod/kustomization.yaml",
        "overlays/prod/previews.yaml",
        "overlays/prod/previews/keep.yaml",
        "README.md",
    } <= set(example())


def test_no_template_syntax_or_placeholder_is_left():
    for path, text in example().items():
        assert "{%" not in text, path
        assert "_env_" not in path + text, path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "change-me" not in text or path == "README.md", path
