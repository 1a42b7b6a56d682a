"""terraform/, by Terraform itself against the providers' real schemas; no account, no cluster."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.stacks import STACKS, Copy

POOL = "principal://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/myproj-123.svc.id.goog/subject"
PUSHER = "principalSet://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pipelines/attribute.repository"


@pytest.mark.parametrize("stack", STACKS)
def test_it_is_valid(stacks: Copy, stack: str):
    done = stacks.run(stack, "validate")
    assert done.code == 0, done.out


def test_their_own_tests_pass(google, argocd):
    """`plans` fails when one of them does."""
    assert {"github", "gitlab_of_your_own", "previews_never_read_git_tokens"} <= set(google)
    assert {"development", "production", "too_seldom"} <= set(argocd)


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("google/cluster.tf", "enable_autopilot ", "enable_autopilots ", "Unsupported argument"),
        ("google/cluster.tf", "release_channel {", "release_channels {", "Unsupported block type"),
        ("google/registries.tf", "  repository_id = each.value\n", "", "Missing required argument"),
        ("google/dns.tf", "ttl          = 300", 'ttl          = "soon"', "Incorrect attribute value type"),
        ("google/outputs.tf", "account.starry.email", "account.starry.mail", "Unsupported attribute"),
        ("argocd/versions.tf", "kubernetes = {", "kubernetes {", "Unsupported block type"),
        ("argocd/root.tf", '  chart     = "${path.module}/root"\n', "", "Missing required argument"),
    ],
)  # fmt: skip
def test_the_schemas_do_refuse(stacks: Copy, tmp_path: Path, file: str, old: str, new: str, complaint: str):
    copy = stacks.again(tmp_path / "copy")
    broken = copy.folder / "terraform" / file
    text = broken.read_text(encoding="utf-8")
    assert old in text
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = copy.run(file.split("/", maxsplit=1)[0], "validate")
    assert done.code == 1
    assert complaint in done.out


@pytest.fixture
def plan(google) -> Mapping[str, Mapping[str, Any]]:
    return google["github"]


def rights(plan: Mapping[str, Mapping[str, Any]], kind: str, thing: str) -> set[tuple[str, str, str]]:
    return {
        (values[thing], values["role"], values["member"])
        for address, values in plan.items()
        if address.startswith(f"{kind}.") and values.get("member")
    }


def test_who_reads_which_secret(plan: Mapping[str, Mapping[str, Any]]):
    role = "roles/secretmanager.secretAccessor"
    platform, previews = (f"{POOL}/ns/external-secrets/sa/gsm-{name}" for name in ("platform", "previews"))
    assert rights(plan, "google_secret_manager_secret_iam_member", "secret_id") == {
        ("starry-git-read-token", role, platform),
        ("starry-git-write-token", role, platform),
        ("starry-session-key", role, platform),
        ("db-password", role, previews),
        ("redis-password", role, previews),
    }


def test_who_may_act_as_whom(plan: Mapping[str, Mapping[str, Any]]):
    members = {
        address: values["member"]
        for address, values in plan.items()
        if address.startswith("google_service_account_iam_member.")
    }
    assert members == {
        "google_service_account_iam_member.starry": "serviceAccount:myproj-123.svc.id.goog[starry/starry-web]",
        'google_service_account_iam_member.pushers["sample-be"]': f"{PUSHER}/myorg/sample-be",
        'google_service_account_iam_member.pushers["starry"]': f"{PUSHER}/myorg/starry",
    }


def test_who_may_push_where(plan: Mapping[str, Mapping[str, Any]]):
    writers = {
        address: values["repository"]
        for address, values in plan.items()
        if values.get("role") == "roles/artifactregistry.writer"
    }
    assert writers == {
        f'google_artifact_registry_repository_iam_member.pushers["{image}"]': image for image in ("sample-be", "starry")
    }


def test_the_cluster_is_autopilot_and_private(plan: Mapping[str, Mapping[str, Any]]):
    cluster = plan["google_container_cluster.this"]
    assert cluster["enable_autopilot"] is True
    assert cluster["deletion_protection"] is True
    assert cluster["private_cluster_config"][0]["enable_private_nodes"] is True
    assert cluster["control_plane_endpoints_config"][0]["ip_endpoints_config"][0]["enabled"] is False
