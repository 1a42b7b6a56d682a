"""What must hold of terraform/ whether or not Terraform is there: names, rights, and what a teardown may take."""

import re
import subprocess

import hcl2
import pytest
import yaml

from tests.charts_starry.render import ON, render
from tests.scaffold.scaffold_support import ARGOCD_APPS
from tests.terraform.stacks import NO_PROGRAM, PROGRAM, STACKS, TERRAFORM, named, parsed, plain, resources

# What Google calls least for each purpose. Whoever adds a role adds it here, and says in its file what for.
PROJECT_ROLES = {"roles/container.defaultNodeServiceAccount"}
ROLES = {
    "google_artifact_registry_repository_iam_member": {
        "roles/artifactregistry.reader",
        "roles/artifactregistry.writer",
    },
    "google_project_iam_member": PROJECT_ROLES,
    "google_secret_manager_secret_iam_member": {"roles/secretmanager.secretAccessor"},
    "google_service_account_iam_member": {"roles/iam.workloadIdentityUser"},
}
# Their deletion loses what nobody can make again.
KEPT = {"google_artifact_registry_repository", "google_dns_managed_zone", "google_secret_manager_secret"}
# These would hold a secret in the state, or take rights from others that nobody named.
NEVER = r"google_service_account_key|\w+_secret_version|\w+_iam_(binding|policy)|google_project_iam_custom_role"
SECRETS = r"BEGIN [A-Z ]*PRIVATE KEY|ghp_\w{8}|github_pat_|glpat-|AIza[\w-]{30}|ya29\.|eyJ[\w-]{20}"
IMAGES = {"sample-be", "sample-fe-1", "sample-fe-2", "starry"}

each_stack = pytest.mark.parametrize("stack", STACKS)


def texts(stack: str, pattern: str = "*.tf") -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted((TERRAFORM / stack).rglob(pattern))}


@pytest.mark.skipif(PROGRAM is None, reason=NO_PROGRAM)
def test_it_is_formatted():
    command = [PROGRAM, "fmt", "-check", "-diff", "-recursive", str(TERRAFORM)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@each_stack
def test_every_variable_is_described_checked_and_used(stack: str):
    elsewhere = "\n".join(text for name, text in texts(stack).items() if name != "variables.tf")
    unchecked = {"deletion_protection", "labels"}  # of any value that their type allows
    for name, body in named(stack, "variable").items():
        assert body["description"].endswith("."), name
        assert body["type"], name
        assert ("validation" in body) == (name not in unchecked), name
        assert "default" in body or body["nullable"] is False, name
        assert re.search(rf"\bvar\.{name}\b", elsewhere), f"{name} is not used"


@each_stack
def test_every_output_is_described(stack: str):
    assert all(body["description"].endswith(".") for body in named(stack, "output").values())


@each_stack
def test_the_example_sets_what_must_be_set(stack: str):
    variables = named(stack, "variable")
    example = plain(hcl2.loads((TERRAFORM / stack / "terraform.tfvars.example").read_text(encoding="utf-8")))
    assert {name for name, body in variables.items() if "default" not in body} <= set(example) <= set(variables)
    assert example["project_id"] == "myproj"


@each_stack
def test_versions_are_bounded_on_both_sides(stack: str):
    settings = next(found["terraform"][0] for file, found in parsed(stack) if file.name == "versions.tf")
    required = settings["required_providers"][0]
    assert set(required) == {kind.split("_")[0] for kind, _, _ in resources(stack)} | {"google"}
    for version in (settings["required_version"], *(one["version"] for one in required.values())):
        assert re.fullmatch(r">= [\d.]+, < \d+", version)
    assert settings["backend"] == [{"gcs": {"prefix": f"starry/{stack}"}}]  # the bucket is everyone's own


@each_stack
def test_rights_are_the_least(stack: str):
    for kind, name, body in resources(stack):
        assert not re.fullmatch(NEVER, kind), f"{kind}.{name}"
        if "role" in body:
            assert body["role"] in ROLES[kind], f"{kind}.{name}"
            assert body["member"] not in {"allUsers", "allAuthenticatedUsers"}


def test_every_pipeline_is_held_to_a_condition():
    providers = [body for kind, _, body in resources("google") if kind == "google_iam_workload_identity_pool_provider"]
    assert providers
    for body in providers:
        assert body["attribute_condition"] == '${join(" && ", local.conditions)}'
    conditions = texts("google")["pipelines.tf"]
    assert "local.forge.owner_id} == '${var.forge.owner_id}'" in conditions
    assert "/attribute.repository/${each.value}" in conditions


def test_nothing_that_holds_data_goes_unasked():
    kept = {kind for kind, _, body in resources("google") if body.get("lifecycle") == [{"prevent_destroy": True}]}
    assert kept == KEPT
    cluster = next(body for kind, _, body in resources("google") if kind == "google_container_cluster")
    assert cluster["deletion_protection"] == "${var.deletion_protection}"
    assert named("google", "variable")["deletion_protection"]["default"] is True
    assert named("google", "variable")["delete_preview_images_after_days"]["default"] is None
    for kind, name, body in resources("google"):
        assert not body.get("force_destroy"), f"{kind}.{name}"
        assert body.get("disable_on_destroy", False) is False, f"{kind}.{name}"


def test_image_repositories_are_those_of_the_settings():
    locals_ = next(found["locals"][0] for file, found in parsed("google") if file.name == "registries.tf")
    settings = yaml.safe_load((ARGOCD_APPS / "starry.yaml").read_text(encoding="utf-8"))
    assert set(locals_["components"]) == {one["app"] for one in settings["components"].values()}
    assert {*locals_["components"], "starry"} == IMAGES
    assert plain(hcl2.loads(texts("google", "*.example")["terraform.tfvars.example"]))["pipelines"].keys() == IMAGES


def test_identities_are_those_of_the_apps_repository():
    text = texts("google")["workloads.tf"]
    stores = yaml.safe_load_all((ARGOCD_APPS / "base" / "secret-stores.yaml").read_text(encoding="utf-8"))
    accounts = [one["metadata"] for one in stores if one["kind"] == "ServiceAccount"]
    for account in accounts:
        assert f"/ns/{account['namespace']}/sa/{account['name']}" in text
    assert len(accounts) == text.count("/ns/external-secrets/sa/")
    assert "starry-web" in {one["metadata"]["name"] for one in render(ON) if one["kind"] == "ServiceAccount"}
    assert "[starry/starry-web]" in text


def test_secrets_are_those_of_the_apps_repository():
    found = yaml.safe_load_all((ARGOCD_APPS / "base" / "repository-credentials.yaml").read_text(encoding="utf-8"))
    keys = {data["remoteRef"]["key"] for one in found for data in one["spec"]["data"]}
    assert all(f'"{key}"' in texts("google")["secrets.tf"] for key in keys)


@each_stack
def test_no_secret_stands_in_it(stack: str):
    for name, text in texts(stack, "*.*").items():
        assert not re.search(SECRETS, text), name
        assert not re.search(r'\b(password|token|secret_data)\s*=\s*"', text), name


@each_stack
def test_files_are_short(stack: str):
    assert all(text.count("\n") <= 250 for text in texts(stack).values())
