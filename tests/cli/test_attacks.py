"""What attackers and accidents once got away with."""

from pathlib import Path

import pytest
import yaml

from tests.support.basics import git
from tests.support.hooks import write_hook
from tests.support.repos import PREVIEWS, Apps

FOREIGN = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: argo-tool, namespace: argocd}
spec: {project: default}
"""


@pytest.mark.parametrize("character", ["\u2028", "\x0b", "\x1b[31m", "\x85"])
def test_a_subject_with_odd_characters_is_shown_on_its_line(apps: Apps, character: str) -> None:
    apps.create("preview-1")
    path = f"{PREVIEWS}/preview-1/values.yaml"
    apps.commit({path: apps.read(path) + "# touched\n"}, f"touch {character} it")
    newest, *_ = apps.ok("history", "preview-1")
    assert newest["subject"].startswith("touch ")
    assert apps.ok("show", "preview-1")["lastCommit"]["subject"] == newest["subject"]
    out = apps.run("history", "preview-1", "-o", "table").out
    assert len(out.splitlines()) == 3
    assert "\x1b" not in out


def test_an_application_that_is_not_starrys_is_not_deleted(apps: Apps) -> None:
    apps.commit({f"{PREVIEWS}/argo-tool/application.yaml": FOREIGN})
    assert apps.fails(5, "delete", "argo-tool")["code"] == "not_managed"


def test_the_last_preview_leaves_a_file_that_argo_cd_renders(apps: Apps) -> None:
    apps.create("preview-1")
    apps.commit({f"{PREVIEWS}/keep.yaml": None, f"{PREVIEWS}/.gitkeep": ""})
    apps.ok("delete", "preview-1")
    assert yaml.safe_load(apps.read(f"{PREVIEWS}/keep.yaml"))["kind"] == "ConfigMap"


def test_a_push_whose_answer_comes_too_late_is_looked_up(apps: Apps) -> None:
    write_hook(apps.bare, "post-receive", "sleep 40")
    result = apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--timeout", "1")
    assert (result["action"], result["commit"]) == ("created", apps.tip())


def test_a_head_that_leads_nowhere_is_no_obstacle(apps: Apps) -> None:
    apps.create("preview-1")
    apps.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    assert [item["name"] for item in apps.ok("list")] == ["preview-1"]


def test_a_personal_configuration_of_a_remote_changes_nothing(apps: Apps, isolation: Path) -> None:
    with (isolation / "home" / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write('[remote "origin"]\n\turl = /nowhere\n\tpushurl = /nowhere\n\tfetch = +refs/*:refs/*\n')
    apps.create("preview-1")
    apps.ok("update", "preview-1", "--image", "backend=2.0.0")


def test_a_manifest_cannot_forge_trailers(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    apps.edit_application("preview-1", lambda text: text.replace('owner: "alice"', 'owner: "al\\nStarry-Action: gc"'))
    apps.fails(7, "extend", "preview-1", "--ttl", "2h")


def test_decoys_do_not_keep_an_expired_preview(apps: Apps) -> None:
    apps.create("preview-1")
    apps.multiply("preview-1", ["preview-2"], minutes=lambda _: 60)
    for name, decoy in (("preview-1", "2001"), ("preview-2", "2099")):
        text = apps.read(f"{PREVIEWS}/{name}/application.yaml")
        line = next(line for line in text.splitlines() if "expires-at" in line)
        decoyed = f'{line.replace(chr(34), "")} # "{decoy}-01-01T00:00:00Z"'
        apps.commit({f"{PREVIEWS}/{name}/application.yaml": text.replace(line, decoyed)})
    done = apps.run("gc", "-o", "json")
    answer = done.json()
    assert "preview-1" not in answer["removed"]
    assert "preview-2" in answer["removed"] + [item["name"] for item in answer["skipped"]]


def test_a_name_is_no_object_format(apps: Apps, tmp_path: Path) -> None:
    moved = tmp_path / "sha256-tools.git"
    apps.bare.rename(moved)
    assert apps.at(str(moved)).ok("list") == []


def test_a_repository_with_other_object_ids_is_named(apps: Apps, tmp_path: Path) -> None:
    other, work = tmp_path / "other.git", tmp_path / "work"
    for arguments in (
        ("init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", str(other)),
        ("init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(work)),
        ("-C", str(work), "commit", "--quiet", "--allow-empty", "--message=one"),
        ("-C", str(work), "push", "--quiet", str(other), "main"),
    ):
        git(tmp_path, *arguments)
    done = apps.at(str(other)).run("list")
    assert done.code == 7
    assert "SHA-256" in done.error()["message"]
