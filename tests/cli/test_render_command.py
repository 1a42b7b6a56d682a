"""`starry render`: the objects that Argo CD would apply, from the chart at hand and the committed values."""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.review_support import propose
from tests.support.cli import ROOT, finish, spawn
from tests.support.hooks import write_script
from tests.support.processes import has_ended
from tests.support.repos import Apps

CHART = ROOT / "charts" / "environment"


def kinds(objects: list[dict[str, object]]) -> set[object]:
    return {thing["kind"] for thing in objects}


def image(objects: list[dict[str, object]], name: str) -> str:
    found = next(thing for thing in objects if thing["kind"] == "Deployment" and thing["metadata"]["name"] == name)
    return found["spec"]["template"]["spec"]["containers"][0]["image"]


def test_the_committed_values_are_rendered(apps: Apps) -> None:
    apps.create("preview-1", "--image", "frontend1=2.0.0")
    shown = apps.ok("render", "preview-1")
    assert shown["name"] == "preview-1"
    assert {"Namespace", "Deployment", "Service", "NetworkPolicy", "StatefulSet"} <= kinds(shown["objects"])
    assert image(shown["objects"], "frontend1").endswith(":2.0.0")
    assert {thing["metadata"].get("namespace", "preview-1") for thing in shown["objects"]} == {"preview-1"}


def test_a_digest_is_rendered_as_one(apps: Apps) -> None:
    digest = "sha256:" + "a" * 64
    apps.create("preview-1", "--image", f"frontend1=us-docker.pkg.dev/myproj/sample-fe-1@{digest}")
    assert image(apps.ok("render", "preview-1")["objects"], "frontend1").endswith(f"sample-fe-1@{digest}")


def test_all_previews_are_rendered(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    assert [item["name"] for item in apps.ok("render", "--all")] == ["preview-1", "preview-2"]


def test_the_difference_to_an_older_commit_is_shown_object_by_object(apps: Apps) -> None:
    apps.create("preview-1")
    before = apps.tip()
    apps.ok("update", "preview-1", "--image", "backend=3.0.0", "--image", "frontend2=1.0.0")
    (item,) = apps.ok("render", "preview-1", "--diff", before)
    assert "~ Deployment/backend" in item["diff"]
    assert "+ Deployment/frontend2" in item["diff"]
    assert any(line.strip().startswith("+") and line.endswith("sample-be:3.0.0") for line in item["diff"])


def test_a_new_preview_differs_by_all_of_its_objects(apps: Apps) -> None:
    before = apps.tip()
    apps.create("preview-1")
    (item,) = apps.ok("render", "preview-1", "--diff", before)
    assert item["diff"]
    assert all(line.startswith("+ ") for line in item["diff"])


def test_no_difference_is_no_output(apps: Apps) -> None:
    apps.create("preview-1")
    done = apps.run("render", "preview-1", "--diff", apps.tip(), "-o", "table")
    assert (done.code, done.out) == (0, "")


def test_what_does_not_exist_is_not_found(apps: Apps) -> None:
    apps.create("preview-1")
    apps.fails(3, "render", "preview-9")
    apps.fails(3, "render", "preview-1", "--diff", "no-such-branch")


@pytest.mark.parametrize("revision", ["--upload-pack=touch x", "a..b", "a b", ""])
def test_a_revision_that_is_no_name_is_refused(apps: Apps, revision: str) -> None:
    apps.create("preview-1")
    apps.fails(2, "render", "preview-1", f"--diff={revision}")


def test_a_chart_kept_elsewhere_must_be_at_hand(apps: Apps) -> None:
    apps.edit("starry.yaml", lambda text: text + "\nchart: {repoURL: https://github.com/myorg/environment-helm.git}\n")
    apps.create("preview-1")
    apps.fails(2, "render", "preview-1")
    assert "Deployment" in kinds(apps.ok("render", "preview-1", "--chart", str(CHART))["objects"])


def test_what_helm_refuses_is_said_in_its_words(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit("overlays/dev/previews/preview-1/values.yaml", lambda text: text + "\nnope: {image: {tag: x}}\n")
    error = apps.fails(7, "render", "preview-1")
    assert "preview-1" in error["message"]
    assert "nope" in error["message"]


def test_secrets_are_hidden(apps: Apps) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {PASSWORD: visible-to-all}\n"
    apps.commit({"charts/environment/templates/extra.yaml": secret})
    apps.create("preview-1")
    done = apps.run("render", "preview-1", "-o", "yaml")
    assert done.code == 0
    assert "visible-to-all" not in done.out
    assert "***" in done.out


def test_a_helm_program_works_too(apps: Apps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the program that renders with the same engine: what is tested is how it is called."""
    apps.create("preview-1")
    expected = apps.ok("render", "preview-1", "-o", "json")
    program = """
import json, sys
from helm_python import Chart
assert sys.argv[1] == "template" and sys.argv[4:] == ["--namespace", "preview-1", "--values", "-"], sys.argv
files = Chart.load(sys.argv[3]).render(json.load(sys.stdin), name=sys.argv[2], namespace=sys.argv[5])
print("\\n---\\n".join(text for path, text in files.items() if not path.endswith("NOTES.txt")))
"""
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    write_script(tmp_path / "bin" / "helm", f'exec {sys.executable} {script} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{Path(shutil.which('git') or '/usr/bin/git').parent}:/bin")
    monkeypatch.setitem(sys.modules, "helm_python", None)
    assert apps.ok("render", "preview-1") == expected


def test_without_an_engine_it_says_where_to_get_one(
    apps: Apps, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    apps.create("preview-1")
    git = Path(shutil.which("git") or "/usr/bin/git")
    folder = tmp_path / "only-git"
    folder.mkdir()
    (folder / "git").symlink_to(git)
    (folder / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "helm_python", None)
    error = apps.fails(1, "render", "preview-1")
    assert "starry-gitops[helm]" in error["hint"]


def test_a_value_is_no_command_to_a_pipelines_runner(apps: Apps) -> None:
    """GitHub's obeys `::…::` after any spaces, and `##[…]` anywhere in a line."""
    hostile = {"A": "one\n::error::two", "B": "word " * 16 + "::error::x", "C": "x ##[add-mask]y", "D": "kept\n::a::\n"}
    apps.create("preview-1")
    before = apps.tip()
    apps.edit_values("preview-1", lambda text: text.replace("backend:", f"backend:\n  env: {json.dumps(hostile)}", 1))
    shown = apps.run("render", "preview-1", "-o", "table").out
    middle = apps.tip()
    apps.edit_values("preview-1", lambda text: text.replace("kept", "changed"))
    differences = [apps.run("render", "preview-1", "--diff", one, "-o", "table").out for one in (before, middle)]
    for text in (shown, *differences):
        assert [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line] == []
    [config] = [thing for thing in yaml.safe_load_all(shown) if thing.get("data", {}).get("A")]
    assert hostile.items() <= config["data"].items()


@pytest.fixture
def hanging(apps: Apps, tmp_path: Path) -> Path:
    """Eight previews, and a folder: where PATH holds its `bin`, `helm` writes down who it is and hangs."""
    apps.create("preview-1")
    apps.multiply("preview-1", [f"preview-{number}" for number in range(2, 9)])
    write_script(tmp_path / "bin" / "helm", f"echo $$ > {tmp_path}/pid-$2; sleep 300")
    (tmp_path / "none" / "helm_python").mkdir(parents=True)
    (tmp_path / "none" / "helm_python" / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    return tmp_path


def interrupted(args: list[str], hanging: Path, *, programs: int, cwd: Path, thread: int) -> None:
    """Ends `starry` by a signal while so many programs hang; the kernel gives it to the n-th thread that there is."""
    path = {"PATH": f"{hanging / 'bin'}:/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{hanging / 'none'}"}
    process = spawn(*args, env=path, cwd=cwd)
    while len([file for file in hanging.glob("pid-*") if file.read_text(encoding="utf-8").strip()]) < programs:
        assert process.poll() is None
        time.sleep(0.05)
    threads = sorted(int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir())
    os.kill(threads[thread], signal.SIGTERM)
    done = finish(process)
    assert (done.code, done.error()["code"]) == (130, "interrupted")
    for file in hanging.glob("pid-*"):
        assert has_ended(int(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("thread", [0, -1], ids=["first", "last"])
def test_a_program_that_hangs_does_not_outlive_starry(apps: Apps, hanging: Path, thread: int) -> None:
    """A pipeline that is cancelled sends a signal to Starry alone, and has little patience."""
    programs = min(os.cpu_count() or 1, 8)
    interrupted(apps.args("render", "--all"), hanging, programs=programs, cwd=hanging, thread=thread)


@pytest.mark.parametrize("thread", [0, -1], ids=["first", "last"])
def test_nor_does_it_outlive_a_review(apps: Apps, hanging: Path, thread: int) -> None:
    change = propose(apps)
    change.head.edit_values("preview-1", lambda text: text.replace("1.0.0", "2.0.0"))
    args = ["review", "main...change", "-o", "json"]
    interrupted(args, hanging, programs=1, cwd=apps.bare, thread=thread)
