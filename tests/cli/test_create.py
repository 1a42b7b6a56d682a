"""create: two new files for a new preview, and what stands in them."""

from datetime import timedelta

import pytest
import yaml

from tests.support.basics import instant, now
from tests.support.repos import BACKEND, PREVIEWS, Apps

APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"


def test_a_new_preview_is_two_new_files_and_nothing_else_in_one_commit(apps: Apps) -> None:
    before, commits = apps.tree(), apps.count()
    apps.create("preview-1")
    assert apps.changed() == {APPLICATION: "A", VALUES: "A"}
    assert set(apps.tree()) == {*before, APPLICATION, VALUES}
    assert apps.count() == commits + 1


def test_the_result_has_the_contracts_keys_and_tells_the_truth(apps: Apps) -> None:
    result = apps.create("preview-1")
    keys = "name overlay namespace action commit branch urls expiresAt ttlMinutes pinned attempts dryRun"
    assert set(result) == set(keys.split())
    assert result["name"] == result["namespace"] == "preview-1"
    assert (result["overlay"], result["action"], result["branch"]) == ("dev", "created", "main")
    assert result["commit"] == apps.tip()
    assert result["urls"] == {"backend": "https://sample-be.preview-1.starry.mycompany.com"}
    assert (result["ttlMinutes"], result["pinned"], result["attempts"], result["dryRun"]) == (30, False, 1, False)
    assert abs(instant(result["expiresAt"]) - now() - timedelta(minutes=30)) < timedelta(seconds=30)


def test_the_application_is_named_like_its_folder_namespace_and_release(apps: Apps) -> None:
    apps.create("preview-1")
    application = apps.application("preview-1")
    assert (application["apiVersion"], application["kind"]) == ("argoproj.io/v1alpha1", "Application")
    assert application["metadata"]["name"] == "preview-1"
    assert application["metadata"]["namespace"] == "argocd"
    assert application["spec"]["destination"] == {"server": "https://kubernetes.default.svc", "namespace": "preview-1"}
    assert application["spec"]["source"]["helm"]["releaseName"] == "preview-1"


def test_the_application_prunes_heals_retries_and_takes_its_resources_with_it(apps: Apps) -> None:
    apps.create("preview-1")
    application = apps.application("preview-1")
    assert application["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    policy = application["spec"]["syncPolicy"]
    assert policy["automated"]["prune"] is True
    assert policy["automated"]["selfHeal"] is True
    assert "CreateNamespace=true" in policy["syncOptions"]
    assert policy["retry"]["limit"] > 0
    assert {"duration", "factor", "maxDuration"} <= set(policy["retry"]["backoff"])
    assert application["spec"]["project"] == "starry"


def test_labels_say_who_manages_it_and_what_it_is(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    assert apps.application("preview-1")["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "starry",
        "app.kubernetes.io/part-of": "starry",
        "starry.env": "preview-1",
        "starry.env/owner": "alice",
    }


def test_without_an_owner_there_is_no_owner_label_or_annotation(apps: Apps) -> None:
    apps.create("preview-1")
    metadata = apps.application("preview-1")["metadata"]
    assert "starry.env/owner" not in {**metadata["labels"], **metadata["annotations"]}


def test_an_owner_that_is_no_label_value_stands_whole_in_the_annotation(apps: Apps) -> None:
    owner = "Alice Müller <alice@example.com>"
    apps.create("preview-1", "--owner", owner)
    assert apps.annotation("preview-1", "owner") == owner
    label = apps.application("preview-1")["metadata"]["labels"].get("starry.env/owner", "x")
    assert label.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert label.isascii()
    assert len(label) <= 63


def test_annotations_hold_what_is_known(apps: Apps) -> None:
    url = "https://github.com/myorg/sample/pull/123"
    apps.create(
        "preview-1", "--owner", "alice", "--pr", url, "--source-branch", "feature/x", "--commit", "abcd123",
        "--sequence", "42", "--pin",
    )  # fmt: skip
    found = apps.application("preview-1")["metadata"]["annotations"]
    assert all(isinstance(value, str) for value in found.values())
    expected = {
        "owner": "alice",
        "pull-request": url,
        "branch": "feature/x",
        "commit": "abcd123",
        "sequence": "42",
        "pinned": "true",
        "ttl-minutes": "30",
    }
    assert {key: found[f"starry.env/{key}"] for key in expected} == expected
    span = instant(found["starry.env/expires-at"]) - instant(found["starry.env/created-at"])
    assert span == timedelta(minutes=30)


def test_unknown_facts_leave_no_annotation(apps: Apps) -> None:
    apps.create("preview-1")
    found = {key for key in apps.application("preview-1")["metadata"]["annotations"] if key.startswith("starry.env/")}
    assert found == {"starry.env/created-at", "starry.env/expires-at", "starry.env/ttl-minutes"}


def test_generate_paths_name_this_preview_and_the_chart_absolutely(apps: Apps) -> None:
    apps.create("preview-1")
    annotations = apps.application("preview-1")["metadata"]["annotations"]
    paths = annotations["argocd.argoproj.io/manifest-generate-paths"].split(";")
    assert f"/{PREVIEWS}/preview-1" in paths
    assert all(path.startswith("/") for path in paths)
    assert "/charts/environment" in paths
    assert f"/{PREVIEWS}" not in paths


def test_the_values_are_the_articles_minimal_shape(apps: Apps) -> None:
    apps.ok("create", "preview-1", "--image", "backend=pr-1-abcd123", "--image", "frontend1=pr-1-abcd123")
    values = apps.values("preview-1")
    assert values["global"]["ttlMinutes"] == 30
    assert values["global"]["labels"]["starry.env"] == "preview-1"
    assert values["ingress"]["hosts"] == [
        "sample-be.preview-1.starry.mycompany.com",
        "sample-fe-1.preview-1.starry.mycompany.com",
    ]
    assert values["backend"]["image"] == {"repository": BACKEND, "tag": "pr-1-abcd123"}
    assert values["frontend1"]["enabled"] is True
    assert values["frontend1"]["image"]["tag"] == "pr-1-abcd123"
    assert values["frontend1"]["env"]["VITE_API_BASE_URL"] == "https://sample-be.preview-1.starry.mycompany.com"
    assert values["frontend2"] == {"enabled": False}


@pytest.mark.parametrize("tag", ["1.0e3", "12e03", "false", "0x10ab", "1.100", "00007", "12_345", "2026-01-31"])
def test_a_tag_that_yaml_would_read_as_something_else_stays_text(apps: Apps, tag: str) -> None:
    apps.create("preview-1", tag=tag)
    assert apps.values("preview-1")["backend"]["image"]["tag"] == tag
    assert apps.ok("list")[0]["images"] == {"backend": tag}


def test_an_image_may_name_its_repository(apps: Apps) -> None:
    apps.create("preview-1", tag="ghcr.io/other/backend:7.1.0")
    image = apps.values("preview-1")["backend"]["image"]
    assert image == {"repository": "ghcr.io/other/backend", "tag": "7.1.0"}


def test_an_image_may_be_a_digest(apps: Apps) -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    apps.create("preview-1", tag=f"localhost:5000/backend@{digest}")
    image = apps.values("preview-1")["backend"]["image"]
    assert image == {"repository": "localhost:5000/backend", "tag": digest}


def test_set_writes_a_further_value_in_its_place(apps: Apps) -> None:
    apps.create("preview-1", "--set", "backend.env.LOG_LEVEL=debug", "--set", "ingress.className=nginx")
    values = apps.values("preview-1")
    assert values["backend"]["env"]["LOG_LEVEL"] == "debug"
    assert values["backend"]["image"]["tag"] == "1.0.0"
    assert values["ingress"]["className"] == "nginx"


@pytest.mark.parametrize(("text", "minutes"), [("45m", 45), ("2h", 120), ("PT90M", 90), ("1h30m", 90), ("PT1H", 60)])
def test_the_ttl_is_a_duration(apps: Apps, text: str, minutes: int) -> None:
    result = apps.create("preview-1", "--ttl", text)
    assert result["ttlMinutes"] == minutes
    assert apps.annotation("preview-1", "ttl-minutes") == str(minutes)
    assert apps.values("preview-1")["global"]["ttlMinutes"] == minutes
    assert abs(instant(result["expiresAt"]) - now() - timedelta(minutes=minutes)) < timedelta(seconds=30)


def test_a_pinned_preview_says_so(apps: Apps) -> None:
    assert apps.create("preview-1", "--pin")["pinned"] is True
    assert apps.annotation("preview-1", "pinned") == "true"


def test_only_new_leaves_an_existing_preview_alone(apps: Apps) -> None:
    assert apps.create("preview-1", "--only-new")["action"] == "created"
    before = apps.tip()
    apps.run("create", "preview-1", "--image", "backend=2.0.0", "--only-new")
    assert apps.tip() == before


def test_previews_of_one_repository_share_no_file(apps: Apps) -> None:
    apps.create("preview-1")
    first = {path: apps.read(path) for path in apps.tree()}
    apps.create("preview-12")
    assert {path: apps.read(path) for path in first} == first
    assert set(apps.changed()) == {f"{PREVIEWS}/preview-12/{kind}.yaml" for kind in ("application", "values")}


def test_both_files_are_one_plain_yaml_document(apps: Apps) -> None:
    apps.create("preview-1", "--owner", 'o\'brien: "x" #y', "--source-branch", "feature/{{x}}-&a *b")
    for path in (APPLICATION, VALUES):
        (document,) = yaml.safe_load_all(apps.read(path))
        assert isinstance(document, dict)
    assert apps.annotation("preview-1", "owner") == 'o\'brien: "x" #y'
    assert apps.annotation("preview-1", "branch") == "feature/{{x}}-&a *b"


@pytest.mark.parametrize(
    "images",
    [
        [],
        ["frontend1=1.0.0"],
        ["backend"],
        ["backend="],
        ["=1.0.0"],
        ["nosuch=1.0.0"],
        ["backend=1.0.0", "backend=2.0.0"],
        ["backend=a b c"],
    ],
)
def test_images_that_make_no_sense_are_a_usage_error(apps: Apps, images: list[str]) -> None:
    apps.fails(2, "create", "preview-1", *(word for image in images for word in ("--image", image)))


def test_a_component_that_does_not_exist_is_answered_with_those_that_do(apps: Apps) -> None:
    error = apps.fails(2, "create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend=2.0.0")
    assert "frontend1" in error["message"] + error["hint"]
