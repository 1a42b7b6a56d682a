"""Every file is valid: YAML, Kubernetes' schemas, the CRDs, the settings' schema, Kustomize."""

import copy
import json

import jsonschema
import pytest
import yaml

from starry_gitops.scaffold import render_scaffold, write_scaffold
from starry_gitops.settings import read_settings

from .scaffold_support import (
    CRDS,
    OVERLAYS,
    PROJECT,
    VARIANTS,
    by_name,
    check_object,
    crd_schemas,
    documents,
    example,
    kustomize,
    manifests,
    own_files,
)  # fmt: skip

SCHEMA_PATH = ".starry/starry.schema.json"
needs_crds = pytest.mark.skipif(not CRDS.is_dir(), reason=f"no CRDs beside the project ({CRDS.name}/)")
needs_chart = pytest.mark.skipif(not (PROJECT / "charts/environment").is_dir(), reason="no environment chart yet")
variants = pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)


@variants
def test_every_yaml_file_parses(options):
    for path, text in own_files(render_scaffold(options)).items():
        if path.endswith(".yaml"):
            assert all(item is not None for item in documents(text)), path


@needs_crds
@variants
def test_every_manifest_fits_its_schema(options):
    for item in manifests(render_scaffold(options)):
        check_object(item)


@needs_crds
def test_the_crd_schemas_refuse_unknown_fields():
    application = copy.deepcopy(by_name(manifests(example()), "Application")["root-dev"])
    application["spec"]["source"]["repoUrl"] = "https://example.org/typo.git"
    with pytest.raises(jsonschema.ValidationError, match="repoUrl"):
        check_object(application)


@needs_crds
def test_external_secrets_no_longer_serves_the_version_of_the_articles():
    assert ("external-secrets.io/v1", "ExternalSecret") in crd_schemas()
    assert ("external-secrets.io/v1beta1", "ExternalSecret") not in crd_schemas()


@variants
def test_the_settings_fit_their_own_schema(options):
    files = render_scaffold(options)
    schema = json.loads(files[SCHEMA_PATH])
    settings = yaml.safe_load(files["starry.yaml"])
    jsonschema.validate(settings, schema)
    assert files["starry.yaml"].startswith(f"# yaml-language-server: $schema={SCHEMA_PATH}\n")
    assert ("chart" in settings) == (options.chart_repo is not None)
    assert settings.get("repoURL") == options.repo_url
    assert {name: overlay["previews"] for name, overlay in settings["overlays"].items()} == {"dev": True, "prod": False}
    assert settings["policy"]["quota"] == {"total": 50, "perOwner": 5}
    assert settings["policy"]["gc"] == {"grace": "0m", "maxDeletes": 50, "maxDeleteShare": 0.5}


@variants
def test_starry_reads_the_settings_that_it_wrote(options):
    settings = read_settings(render_scaffold(options)["starry.yaml"])
    assert settings.domain == options.domain
    assert settings.repo_url == options.repo_url
    assert settings.chart.repo_url == options.chart_repo
    assert [overlay.previews for overlay in settings.overlays.values()] == [True, False]


@needs_crds
@variants
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_overlay_builds_and_its_objects_fit_their_schemas(tmp_path, options, overlay):
    write_scaffold(tmp_path, render_scaffold(options))
    built = kustomize(tmp_path / "overlays" / overlay)
    assert {f"previews-{overlay}", "starry", "external-secrets", "cert-manager", "argocd-image-updater"} == set(
        by_name(built, "Application")
    )
    for item in built:
        check_object(item)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_preview_does_not_show_in_the_overlay(tmp_path, overlay):
    write_scaffold(tmp_path, example())
    before = kustomize(tmp_path / "overlays" / overlay)
    preview = tmp_path / "overlays" / overlay / "previews" / "preview-1"
    preview.mkdir()
    (preview / "application.yaml").write_text("not: even a manifest\n")
    (preview / "values.yaml").write_text("global: {}\n")
    assert kustomize(tmp_path / "overlays" / overlay) == before


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_patches_of_each_overlay_arrive(overlay):
    built = kustomize(PROJECT / "argocd-apps" / "overlays" / overlay)
    starry = by_name(built, "Application")["starry"]
    assert starry["spec"]["sources"][0]["helm"]["valueFiles"] == [
        "values.yaml",
        f"$values/overlays/{overlay}/starry/values.yaml",
    ]
    updater = by_name(built, "ImageUpdater")["starry"]["spec"]["writeBackConfig"]["gitConfig"]
    assert updater["writeBackTarget"] == f"helmvalues:/overlays/{overlay}/starry/values.yaml"
    for path in (updater["writeBackTarget"].partition(":/")[2], starry["spec"]["sources"][0]["path"]):
        assert path == "charts/starry" or path in example()


@needs_chart
def test_without_a_chart_repository_the_chart_comes_along():
    files = render_scaffold(VARIANTS["chart-inside"])
    chart = PROJECT / "charts" / "environment"
    expected = {path.relative_to(PROJECT).as_posix() for path in chart.rglob("*") if path.is_file()}
    assert {path for path in files if path.startswith("charts/")} == expected
    assert files["charts/environment/Chart.yaml"] == (chart / "Chart.yaml").read_text(encoding="utf-8")
    assert not [path for path in example() if path.startswith("charts/")]
