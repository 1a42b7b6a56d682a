"""What the files say to Argo CD: refresh, order, limits, deletion, credentials."""

import os
import subprocess

import pytest
import yaml

from starry_gitops.core.naming import is_reserved
from starry_gitops.settings import read_settings

from .scaffold_support import (
    ARGOCD_APPS,
    IN_CLUSTER,
    OVERLAYS,
    PATHS_ANNOTATION,
    annotation,
    by_name,
    destination_allowed,
    example,
    is_refreshed,
    kind_allowed,
    kustomize,
    manifests,
    wave,
)  # fmt: skip

OTHER = {"dev": "prod", "prod": "dev"}


@pytest.fixture(scope="module", params=OVERLAYS)
def environment(request):
    """An environment's name, its root and everything the root deploys."""
    root = by_name(manifests(example()), "Application")[f"root-{request.param}"]
    return request.param, root, kustomize(ARGOCD_APPS / "overlays" / request.param)


def project(name):
    return by_name(manifests(example()), "AppProject")[name]


# Refresh


def refreshed(environment, *changed):
    _, root, built = environment
    applications = [root, *by_name(built, "Application").values()]
    return {item["metadata"]["name"] for item in applications if is_refreshed(item, list(changed))}


def test_every_application_says_which_paths_it_is_made_from(environment):
    _, root, built = environment
    for item in [root, *by_name(built, "Application").values()]:
        assert annotation(item, PATHS_ANNOTATION), item["metadata"]["name"]


def test_a_commit_for_one_preview_refreshes_only_the_list_of_previews(environment):
    name = environment[0]
    folder = f"overlays/{name}/previews/preview-1"
    assert refreshed(environment, f"{folder}/application.yaml", f"{folder}/values.yaml") == {f"previews-{name}"}


@pytest.mark.parametrize("file", ["previews/preview-1/application.yaml", "previews.yaml", "starry/values.yaml"])
def test_a_commit_for_another_environment_refreshes_nothing(environment, file):
    assert refreshed(environment, f"overlays/{OTHER[environment[0]]}/{file}") == set()


def test_a_new_tag_of_starry_refreshes_starry_alone(environment):
    assert refreshed(environment, f"overlays/{environment[0]}/starry/values.yaml") == {"starry"}


@pytest.mark.parametrize("file", ["kustomization.yaml", "previews.yaml", "patches/starry.yaml", "patches/own.yaml"])
def test_a_change_of_the_overlay_refreshes_its_root(environment, file):
    name = environment[0]
    assert refreshed(environment, f"overlays/{name}/{file}") == {f"root-{name}"}


def test_a_change_of_base_refreshes_the_root(environment):
    assert f"root-{environment[0]}" in refreshed(environment, "base/appprojects.yaml")


@pytest.mark.parametrize("file", ["README.md", "starry.yaml", "charts/environment/values.yaml", ".starry/templates/x"])
def test_what_the_platform_is_not_made_from_refreshes_nothing(environment, file):
    assert refreshed(environment, file) == set()


# Order


def waves(built, kind):
    return {wave(item) for item in built if item["kind"] == kind}


def test_waves_projects_operators_stores_secrets_then_the_rest(environment):
    name, _, built = environment
    applications = by_name(built, "Application")
    order = [
        waves(built, "AppProject"),
        {wave(applications[item]) for item in ("external-secrets", "cert-manager", "argocd-image-updater")},
        waves(built, "ClusterSecretStore") | waves(built, "ServiceAccount"),
        waves(built, "ExternalSecret"),
        {wave(applications["starry"]), wave(applications[f"previews-{name}"])} | waves(built, "ImageUpdater"),
    ]
    assert [len(step) for step in order] == [1] * 5
    assert sorted(order, key=min) == order
    assert len({min(step) for step in order}) == 5


def test_nothing_waits_for_the_previews(environment):
    name, _, built = environment
    assert wave(by_name(built, "Application")[f"previews-{name}"]) == max(wave(item) for item in built)


def test_kinds_whose_crd_arrives_later_skip_the_dry_run(environment):
    late = [item for item in environment[2] if item["kind"] in {"ClusterSecretStore", "ExternalSecret", "ImageUpdater"}]
    assert late
    for item in late:
        options = annotation(item, "argocd.argoproj.io/sync-options").split(",")
        assert "SkipDryRunOnMissingResource=true" in options, item["metadata"]["name"]


# Deletion


def test_the_roots_and_the_list_of_previews_have_no_finalizer(environment):
    name, root, built = environment
    for item in (root, by_name(built, "Application")[f"previews-{name}"]):
        assert "finalizers" not in item["metadata"]


def test_roots_and_previews_heal_and_prune_but_never_to_nothing(environment):
    name, root, built = environment
    for item in (root, by_name(built, "Application")[f"previews-{name}"]):
        assert item["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


def test_projects_outlive_their_applications(environment):
    for item in by_name(environment[2], "AppProject").values():
        options = annotation(item, "argocd.argoproj.io/sync-options").split(",")
        assert {"Prune=confirm", "Delete=confirm"} <= set(options)
        assert item["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]


# Previews


def test_the_list_of_previews_takes_the_manifests_and_no_values(environment):
    name, _, built = environment
    application = by_name(built, "Application")[f"previews-{name}"]
    source = application["spec"]["source"]
    assert source["path"] == f"overlays/{name}/previews"
    assert source["directory"] == {"recurse": True, "include": "{keep.yaml,*/application.yaml}"}
    assert application["spec"]["project"] == "starry-apps"
    keep = yaml.safe_load(example()[f"{source['path']}/keep.yaml"])
    assert keep["kind"] == "ConfigMap"
    assert keep["metadata"]["namespace"] == application["spec"]["destination"]["namespace"]


def test_the_keep_files_of_two_environments_do_not_clash():
    keeps = [yaml.safe_load(example()[f"overlays/{name}/previews/keep.yaml"]) for name in OVERLAYS]
    assert len({keep["metadata"]["name"] for keep in keeps}) == len(OVERLAYS)


# Limits


@pytest.mark.parametrize(
    "namespace", ["argocd", "kube-system", "kube-public", "default", "external-secrets", "cert-manager", "starry"]
)
def test_no_preview_reaches_a_namespace_of_the_platform(namespace):
    assert not destination_allowed(project("starry"), IN_CLUSTER, namespace)
    assert not kind_allowed(project("starry"), "", "Namespace", name=namespace, namespaced=False)


@pytest.mark.parametrize("namespace", ["preview-1", "feat-login", "argocd-upgrade", "starry-1", "my-default"])
def test_a_preview_reaches_its_own_namespace(namespace):
    assert destination_allowed(project("starry"), IN_CLUSTER, namespace)
    assert kind_allowed(project("starry"), "", "Namespace", name=namespace, namespaced=False)


@pytest.mark.parametrize("namespace", ["preview-1", "argocd", "kube-system"])
@pytest.mark.parametrize("name", ["starry", "starry-apps", "starry-platform"])
def test_no_project_reaches_another_cluster(name, namespace):
    assert not destination_allowed(project(name), "https://other.example.org", namespace)


@pytest.mark.parametrize(
    ("group", "kind", "namespaced"),
    [
        ("rbac.authorization.k8s.io", "ClusterRole", False),
        ("apiextensions.k8s.io", "CustomResourceDefinition", False),
        ("external-secrets.io", "ClusterSecretStore", False),
        ("argoproj.io", "Application", True),
        ("argoproj.io", "AppProject", True),
    ],
)
def test_a_preview_makes_nothing_that_reaches_beyond_it(group, kind, namespaced):
    assert not kind_allowed(project("starry"), group, kind, namespaced=namespaced)


def test_a_preview_makes_everything_an_environment_has():
    for group, kind in [("apps", "Deployment"), ("", "Secret"), ("external-secrets.io", "ExternalSecret")]:
        assert kind_allowed(project("starry"), group, kind, namespaced=True)


def test_the_list_of_previews_makes_applications_and_a_config_map_in_argocd_only():
    apps = project("starry-apps")
    assert kind_allowed(apps, "argoproj.io", "Application", namespaced=True)
    assert kind_allowed(apps, "", "ConfigMap", namespaced=True)
    for group, kind in [("argoproj.io", "AppProject"), ("", "Secret"), ("apps", "Deployment")]:
        assert not kind_allowed(apps, group, kind, namespaced=True)
    assert not kind_allowed(apps, "", "Namespace", namespaced=False)
    assert destination_allowed(apps, IN_CLUSTER, "argocd")
    assert not destination_allowed(apps, IN_CLUSTER, "preview-1")


def test_every_application_stays_within_its_project(environment):
    _, _, built = environment
    for item in by_name(built, "Application").values():
        spec, limits = item["spec"], project(item["spec"]["project"])
        assert destination_allowed(limits, spec["destination"]["server"], spec["destination"]["namespace"])
        for source in spec.get("sources", [spec.get("source")]):
            assert source["repoURL"] in limits["spec"]["sourceRepos"]


def test_only_the_roots_are_in_the_open_project():
    applications = by_name(manifests(example()), "Application")
    assert {name for name, item in applications.items() if item["spec"]["project"] == "default"} == {
        "root-dev",
        "root-prod",
    }


def test_no_preview_can_be_named_like_what_base_deploys(environment):
    settings = read_settings(example()["starry.yaml"])
    _, root, built = environment
    names = {item["metadata"]["name"] for item in [root, *by_name(built, "Application").values()]}
    for name in names | {"argocd", "cert-manager", "default", "external-secrets", "kube-system", "starry"}:
        assert is_reserved(name, settings), name


# Operators and credentials


def test_operators_are_pinned_to_one_version(environment):
    charts = {
        item["spec"]["source"]["chart"]: item["spec"]["source"]["targetRevision"]
        for item in by_name(environment[2], "Application").values()
        if "chart" in item["spec"].get("source", {})
    }
    assert set(charts) == {"external-secrets", "cert-manager", "argocd-image-updater"}
    for version in charts.values():
        assert version.removeprefix("v").replace(".", "").isdigit()


def test_the_store_of_the_tokens_is_closed_to_previews(environment):
    stores = by_name(environment[2], "ClusterSecretStore")
    accounts = [store["spec"]["provider"]["gcpsm"]["auth"]["workloadIdentity"] for store in stores.values()]
    assert len({account["serviceAccountRef"]["name"] for account in accounts}) == len(stores) == 2
    assert stores["gsm-platform"]["spec"]["conditions"] == [{"namespaces": ["argocd", "starry"]}]
    for secret in by_name(environment[2], "ExternalSecret").values():
        assert secret["spec"]["secretStoreRef"] == {"name": "gsm-platform", "kind": "ClusterSecretStore"}


def test_argocd_gets_a_repository_secret_for_every_private_repository(environment):
    secrets = by_name(environment[2], "ExternalSecret")
    templates = {
        name: secret["spec"]["target"]["template"] for name, secret in secrets.items() if name.startswith("repository-")
    }
    for template in templates.values():
        assert template["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
        assert template["data"]["type"] == "git"
        assert template["data"]["password"] == "{{ .token }}"
    urls = {template["data"]["url"] for template in templates.values()}
    previews, platform = project("starry")["spec"]["sourceRepos"], project("starry-platform")["spec"]["sourceRepos"]
    assert {url for url in [*previews, *platform] if url.endswith(".git")} == urls


def test_google_secrets_are_named_not_addressed(environment):
    for secret in by_name(environment[2], "ExternalSecret").values():
        for item in secret["spec"]["data"]:
            assert "/" not in item["remoteRef"]["key"]


def test_image_updater_writes_with_a_token_of_its_own(environment):
    built = environment[2]
    config = by_name(built, "ImageUpdater")["starry"]["spec"]["writeBackConfig"]
    namespace, name = config["method"].removeprefix("git:secret:").split("/")
    secret = by_name(built, "ExternalSecret")[name]
    assert secret["metadata"]["namespace"] == namespace
    keys = {item["spec"]["data"][0]["remoteRef"]["key"] for item in by_name(built, "ExternalSecret").values()}
    assert keys == {"starry-git-read-token", "starry-git-write-token"}


def test_the_registry_script_turns_googles_answer_into_credentials(environment, tmp_path):
    updater = by_name(environment[2], "Application")["argocd-image-updater"]
    values = updater["spec"]["source"]["helm"]["valuesObject"]
    script = tmp_path / values["config"]["registries"][0]["credentials"].removeprefix("ext:/scripts/")
    script.write_text(values["authScripts"]["scripts"][script.name])
    metadata_server = tmp_path / "wget"
    answer = '{"access_token":"ya29.a-B_c","expires_in":3599,"token_type":"Bearer"}'
    metadata_server.write_text(f"#!/bin/sh\nprintf '%s' '{answer}'\n")
    metadata_server.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["sh", script], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout == "oauth2accesstoken:ya29.a-B_c\n"


# Starry


def ignored(application, kind):
    rules = [rule for rule in application["spec"]["ignoreDifferences"] if rule["kind"] == kind]
    return [path for rule in rules for path in rule.get("jsonPointers", []) + rule.get("jqPathExpressions", [])]


def test_starry_does_not_fight_the_platform(environment):
    starry = by_name(environment[2], "Application")["starry"]
    assert "RespectIgnoreDifferences=true" in starry["spec"]["syncPolicy"]["syncOptions"]
    assert "/spec/replicas" in ignored(starry, "Deployment")
    assert "/metadata/annotations/cloud.google.com~1neg-status" in ignored(starry, "Service")
    for kind in ("Deployment", "StatefulSet", "CronJob"):
        paths = " ".join(ignored(starry, kind))
        for part in ("resources.limits", "ephemeral-storage", "tolerations", "seccompProfile", "capabilities"):
            assert part in paths


def test_what_people_tune_in_git_still_rolls_out(environment):
    """RespectIgnoreDifferences keeps the live value of an ignored field, so requests must not be ignored."""
    starry = by_name(environment[2], "Application")["starry"]
    for kind in ("Deployment", "StatefulSet", "CronJob"):
        assert not [path for path in ignored(starry, kind) if path.endswith((".resources", ".requests", ".cpu"))]


def test_base_does_not_own_argocds_config_map(environment):
    assert "argocd-cm" not in by_name(environment[2], "ConfigMap")
    patch = yaml.safe_load(example()["bootstrap/argocd-cm.yaml"])
    assert set(patch) == {"data"}
    lua = patch["data"]["resource.customizations.health.argoproj.io_Application"]
    assert "obj.status.health.status" in lua
    assert lua.rstrip().endswith("return hs")
