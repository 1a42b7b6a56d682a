"""Rules that hold where two features meet."""

import time
from pathlib import Path

import pytest

from tests.support.cli import run
from tests.support.hooks import write_hook
from tests.support.repos import Apps


def test_a_branchs_preview_is_not_taken_by_a_pull_request(apps: Apps) -> None:
    apps.create("shared", "--source-branch", "a")
    assert apps.fails(5, "create", "shared", "--image", "backend=1.0.0", "--pr", "7")["code"] == "name_taken"
    apps.ok("create", "shared", "--image", "backend=1.0.0", "--pr", "7", "--source-branch", "a")


def test_a_pull_requests_preview_is_not_taken_by_a_branch(apps: Apps) -> None:
    apps.create("shared", "--pr", "7")
    assert apps.fails(5, "create", "shared", "--image", "backend=1.0.0", "--source-branch", "a")["code"] == "name_taken"


def test_argo_cds_own_cluster_is_one_by_either_name(apps: Apps) -> None:
    def two(content: dict) -> None:
        content["overlays"] = {
            "dev": {"previews": True, "destination": {"server": "https://kubernetes.default.svc/"}},
            "qa": {"previews": True, "destination": {"name": "in-cluster"}, "argocdNamespace": "argocd-qa"},
        }

    apps.settings(two)
    apps.create("preview-1")
    apps.fails(5, "create", "preview-1", "--image", "backend=1.0.0", "--overlay", "qa")


def test_one_name_on_two_clusters_is_valid(apps: Apps) -> None:
    def two(content: dict) -> None:
        content["overlays"] = {
            "dev": {"previews": True},
            "qa": {"previews": True, "destination": {"name": "other"}, "argocdNamespace": "argocd-qa"},
        }

    apps.settings(two)
    apps.create("preview-1")
    apps.create("preview-1", "--overlay", "qa")
    findings = apps.run("validate").json()["findings"]
    assert [item for item in findings if item["rule"] in {"names", "hosts"}] == []


def test_the_share_cap_counts_all_overlays_together(apps: Apps) -> None:
    def two(content: dict) -> None:
        content["overlays"] = {"dev": {"previews": True}, "qa": {"previews": True}}

    apps.settings(two)
    for name in ("a", "b", "c", "d", "e", "f"):
        apps.create(f"dev-{name}")
        apps.create(f"qa-{name}", "--overlay", "qa")
    error = apps.fails(10, "gc", "--include-overlay", "qa", "--now", "2100-01-01T00:00:00Z")
    assert "12" in error["message"]


@pytest.mark.parametrize("sequence", ["0", "1"])
def test_a_number_is_shown_as_a_number(apps: Apps, sequence: str) -> None:
    apps.create("preview-1", "--sequence", sequence)
    shown = dict(line.split(None, 1) for line in apps.run("show", "preview-1", "-o", "table").out.splitlines()[1:])
    assert (shown["sequence"], shown["pinned"]) == (sequence, "no")


@pytest.mark.parametrize("words", [("-vo", "json"), ("-ojson",), ("--output=json",), ("-qojson",)])
def test_json_errors_however_the_option_is_written(apps: Apps, words: tuple[str, ...]) -> None:
    done = apps.run(*words, "show", "preview-9")
    assert (done.code, done.error()["code"]) == (3, "not_found")


def test_init_shows_what_it_would_write(tmp_path: Path) -> None:
    target = tmp_path / "repository"
    target.mkdir()
    (target / "README.md").write_text("mine\n")
    done = run("init", str(target), "--domain", "starry.mycompany.com", "--dry-run")
    assert done.code == 0
    assert "diff --git a/starry.yaml b/starry.yaml" in done.out
    assert "diff --git a/README.md" not in done.out
    assert [path.name for path in target.iterdir()] == ["README.md"]


def test_the_demo_is_the_same_for_everybody(isolation: Path) -> None:
    config = isolation / "home" / ".gitconfig"
    config.write_text(config.read_text() + "[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /bin/false\n")
    done = run("demo", env={"STARRY_OVERLAY": "prod", "STARRY_TTL": "9h", "STARRY_QUIET": "1"})
    assert done.code == 0, done.err
    assert "preview-123 created" in done.out


def test_the_budget_is_used_to_its_end(apps: Apps) -> None:
    """A branch that never can be written, with a race's words: it is tried until the time is up, not longer."""
    write_hook(apps.bare, "update", 'echo "fetch first" >&2; exit 0')
    (apps.bare / "refs" / "heads" / "main.lock").write_text("")
    started = time.monotonic()
    error = apps.fails(4, "create", "preview-1", "--image", "backend=1.0.0", "--timeout", "2")
    assert time.monotonic() - started >= 2
    assert "lock" in error["message"] or "update ref" in error["message"]


def test_a_clock_that_is_behind_never_passes_the_policys_maximum(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=-30)
    result = apps.ok("extend", "preview-1", "--ttl", "3h")
    assert result["ttlMinutes"] == 180


def test_a_creation_far_in_the_future_is_broken(apps: Apps) -> None:
    apps.create("preview-1")
    apps.age("preview-1", minutes=-600)
    error = apps.fails(7, "extend", "preview-1", "--ttl", "1h")
    assert "future" in error["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"repoURL": "https://secret-token@github.com/myorg/apps.git"},
        {"repoURL": "https://user:secret@github.com/myorg/apps.git"},
        {"overlays": {"dev": {"path": ".git/x", "previews": True}}},
        {"overlays": {"dev": {"path": "overlays/dev"}, "two": {"path": "overlays/DEV"}}},
        {"templates": "overlays/dev/previews/templates"},
        {"chart": {"path": "overlays/dev/previews/chart"}},
    ],
)
def test_settings_that_would_break_something_later_are_refused(apps: Apps, change: dict) -> None:
    apps.settings(lambda content: content.update(change))
    error = apps.fails(7, "create", "preview-1", "--image", "backend=1.0.0")
    assert error["message"].startswith("starry.yaml:")
    assert "secret" not in error["message"]


def test_values_that_contradict_each_other_are_refused(apps: Apps) -> None:
    image = ("--image", "backend=1.0.0")
    apps.fails(2, "create", "preview-1", *image, "--set", "backend.x.b=1", "--set", "backend.x=2")


def test_values_from_the_environment_may_have_spaces(apps: Apps) -> None:
    lines = "backend.env.MOTD=hello world\nbackend.env.OTHER=2"
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", env={"STARRY_SET": lines})
    assert apps.values("preview-1")["backend"]["env"] == {"MOTD": "hello world", "OTHER": "2"}
