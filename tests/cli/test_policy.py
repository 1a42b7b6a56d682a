"""Policy: TTL bounds, quotas, images, secrets, supersession, previews off."""

import pytest

from tests.support.repos import Apps

IMAGE = ("--image", "backend=1.0.0")
TOKENS = {
    "GitHub": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "GitHub fine-grained": "github_pat_11ABCDEFG0abcdefghijkl_"
    "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGH",
    "GitLab": "glpat-0123456789abcdefghij",
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "Slack": "xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx",
    "Google": "AIzaSyA0123456789abcdefghijABCDEFGHIJ01",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "private key": "-----BEGIN OPENSSH PRIVATE KEY-----",
    "URL with a password": "postgres://app:hunter2hunter2@db1:5432/app",
}
SECRET_KEYS = ["backend.env.DB_PASSWORD", "backend.env.API_TOKEN", "backend.env.AWS_SECRET_ACCESS_KEY",
               "backend.env.PRIVATE_KEY"]  # fmt: skip


@pytest.mark.parametrize("ttl", ["1m", "4m", "4h1m", "5h", "PT100H"])
def test_a_ttl_outside_the_bounds_is_refused(apps: Apps, ttl: str) -> None:
    error = apps.fails(5, "create", "preview-1", *IMAGE, "--ttl", ttl)
    assert error["code"] == "ttl"
    assert "4h" in error["message"] + error["hint"] or "5m" in error["message"] + error["hint"]


@pytest.mark.parametrize(("ttl", "minutes"), [("5m", 5), ("4h", 240)])
def test_the_bounds_themselves_are_allowed(apps: Apps, ttl: str, minutes: int) -> None:
    assert apps.create("preview-1", "--ttl", ttl)["ttlMinutes"] == minutes


@pytest.mark.parametrize(
    "ttl", ["", "0m", "-30m", "30", "1.5h", "forever", "30m30", "P1Y", "\N{ARABIC-INDIC DIGIT THREE}m"]
)
def test_a_ttl_that_is_none_is_never_for_ever(apps: Apps, ttl: str) -> None:
    before = apps.refs()
    done = apps.run("create", "preview-1", *IMAGE, f"--ttl={ttl}")
    assert done.code in {2, 5}, done.out
    assert apps.refs() == before


def test_the_total_quota_refuses_one_more(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 2}))
    apps.create("preview-1")
    apps.create("preview-2")
    error = apps.fails(5, "create", "preview-3", *IMAGE)
    assert error["code"] == "quota"
    assert "2" in error["message"]


def test_the_owners_quota_counts_only_the_owner(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"perOwner": 1}))
    apps.create("preview-1", "--owner", "alice")
    apps.fails(5, "create", "preview-2", *IMAGE, "--owner", "alice")
    apps.create("preview-3", "--owner", "bob")


def test_quotas_never_block_updating(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    apps.create("preview-2", "--owner", "alice")
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 1, "perOwner": 1}))
    assert apps.create("preview-1", "--owner", "alice", tag="2.0.0")["action"] == "updated"
    assert apps.ok("update", "preview-2", "--image", "backend=2.0.0")["action"] == "updated"
    assert apps.ok("extend", "preview-2", "--ttl", "1h")["action"] == "updated"


def test_a_quota_never_evicts_a_live_preview(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 1}))
    apps.create("preview-1")
    apps.fails(5, "create", "preview-2", *IMAGE)
    assert apps.names() == ["preview-1"]


def test_many_previews_count(apps: Apps) -> None:
    apps.create("seed-preview", "--owner", "alice")
    apps.multiply("seed-preview", [f"many-{number}" for number in range(49)])
    apps.fails(5, "create", "one-more", *IMAGE, "--owner", "bob")


@pytest.mark.parametrize("image", ["ghcr.io/evil/x:1.0.0", "us-docker.pkg.dev/myproj-evil/x:1.0.0",
                                   "us-docker.pkg.dev/other/x:1.0.0", "x:1.0.0"])  # fmt: skip
def test_an_image_from_elsewhere_is_refused(apps: Apps, image: str) -> None:
    apps.settings(lambda settings: settings["policy"].update(images=["us-docker.pkg.dev/myproj/*"]))
    error = apps.fails(5, "create", "preview-1", "--image", f"backend={image}")
    assert error["code"] == "image"
    apps.create("preview-1")


@pytest.mark.parametrize("path", ["backend.image.repository", "frontend1.image.repository"])
def test_set_is_no_way_around_the_image_rule(apps: Apps, path: str) -> None:
    apps.settings(lambda settings: settings["policy"].update(images=["us-docker.pkg.dev/myproj/*"]))
    before = apps.refs()
    args = ("--image", "backend=1.0.0", "--image", "frontend1=1.0.0", "--set", f"{path}=ghcr.io/evil/x")
    assert apps.run("create", "preview-1", *args).code in {2, 5}
    assert apps.refs() == before


@pytest.mark.parametrize("path", ["global.ttlMinutes", "ingress.hosts", "global.labels"])
def test_set_is_no_way_around_what_starry_owns(apps: Apps, path: str) -> None:
    before = apps.refs()
    assert apps.run("create", "preview-1", *IMAGE, "--set", f"{path}=9999").code in {2, 5}
    assert apps.refs() == before


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("where", ["--set", "--owner", "--source-branch", "--commit", "--image"])
def test_what_looks_like_a_secret_is_refused_and_not_repeated(apps: Apps, where: str, token: str) -> None:
    before = apps.refs()
    given = {"--set": f"backend.env.NOTE={token}", "--image": f"backend={token}"}.get(where, token)
    image = () if where == "--image" else IMAGE
    done = apps.run("create", "preview-1", *image, where, given)
    assert done.code in {2, 5}, done.out
    assert apps.refs() == before
    assert token not in done.out
    assert token not in done.err


@pytest.mark.parametrize("path", SECRET_KEYS)
def test_a_key_that_names_a_secret_is_refused(apps: Apps, path: str) -> None:
    error = apps.fails(5, "create", "preview-1", *IMAGE, "--set", f"{path}=hunter2hunter2")
    assert error["code"] == "secret"
    assert "hunter2hunter2" not in str(error)


@pytest.mark.parametrize("value", ["backend.env.LOG_LEVEL=debug", "backend.env.TOKEN_TTL_MINUTES=5",
                                   "backend.env.COMMIT=0123456789abcdef0123456789abcdef01234567"])  # fmt: skip
def test_plain_values_are_no_secrets(apps: Apps, value: str) -> None:
    assert apps.create("preview-1", "--set", value)["action"] == "created"


@pytest.mark.parametrize(
    "assignment",
    ["", "=", "x", "=x", ".a=1", "a.=1", "a..b=1", "backend=1", "a.b\n=1", "a=x\ny", "__proto__.x\0=1"],
)  # fmt: skip
def test_a_set_that_makes_no_sense_is_refused(apps: Apps, assignment: str) -> None:
    before = apps.refs()
    done = apps.run("create", "preview-1", *IMAGE, f"--set={assignment}")
    assert done.code in {2, 5}, done.out
    assert apps.refs() == before


def test_an_older_pipeline_never_overwrites_a_newer_preview(apps: Apps) -> None:
    apps.create("preview-1", "--sequence", "42")
    error = apps.fails(5, "create", "preview-1", "--image", "backend=0.9.0", "--sequence", "41")
    assert error["code"] == "superseded"
    assert apps.fails(5, "update", "preview-1", "--image", "backend=0.9.0", "--sequence", "9")["code"] == "superseded"


def test_a_newer_pipeline_does(apps: Apps) -> None:
    apps.create("preview-1", "--sequence", "9")
    result = apps.ok("create", "preview-1", "--image", "backend=2.0.0", "--sequence", "10")
    assert (result["action"], apps.annotation("preview-1", "sequence")) == ("updated", "10")


def test_an_equal_sequence_with_equal_content_is_unchanged(apps: Apps) -> None:
    apps.create("preview-1", "--sequence", "42")
    tip = apps.tip()
    assert apps.create("preview-1", "--sequence", "42")["action"] == "unchanged"
    assert apps.tip() == tip


@pytest.mark.parametrize("sequence", ["-1", "x", "1.5", ""])
def test_a_sequence_that_is_no_number_is_a_usage_error(apps: Apps, sequence: str) -> None:
    apps.fails(2, "create", "preview-1", *IMAGE, f"--sequence={sequence}")


def test_an_overlay_whose_previews_are_off_refuses_create(apps: Apps) -> None:
    error = apps.fails(5, "create", "preview-1", *IMAGE, "--overlay", "prod")
    assert "prod" in error["message"]


@pytest.mark.parametrize("tag", ["1", "1.0", "v2", "latest", "pr-123-abcd123", "a" * 128, "sha-1.2_3"])
def test_what_create_accepts_validate_accepts(apps: Apps, tag: str) -> None:
    apps.create("preview-1", tag=tag)
    assert apps.ok("validate")["findings"] == []


@pytest.mark.parametrize("value", ["backend.service.port=none", "backend.image.tag=x", "global.nosuch=1", "redis=1"])
def test_a_value_that_the_charts_schema_refuses_is_not_pushed(apps: Apps, value: str) -> None:
    before = apps.refs()
    assert apps.run("create", "preview-1", *IMAGE, "--set", value).code in {2, 5}
    assert apps.refs() == before


@pytest.mark.parametrize("command", ["update", "extend"])
def test_what_somebody_else_manages_is_left_alone(apps: Apps, command: str) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text.replace("managed-by: ", "managed-by: not-"))
    options = ("--image", "backend=2.0.0") if command == "update" else ("--ttl", "1h")
    apps.fails(5, command, "preview-1", *options)
    apps.fails(5, "create", "preview-1", "--image", "backend=2.0.0")
