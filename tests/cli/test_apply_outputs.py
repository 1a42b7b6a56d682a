"""`starry apply`: the dry run, and the forms of its output."""

import json
import re

import yaml

from tests.support.cli import run
from tests.support.lists import actions, applied, entry, written
from tests.support.repos import PREVIEWS, Apps


def files(diff: str) -> list[str]:
    """The diff of each file, without instants: two runs may be a second apart."""
    return re.split(r"^(?=diff --git )", re.sub(r"20\d\d-\d\d-\d\dT[\d:]+Z", "", diff), flags=re.MULTILINE)[1:]


def changed_lines(diff: str) -> list[str]:
    lines = "".join(files(diff)).splitlines()
    return sorted(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def test_a_dry_run_shows_the_exact_diff_and_touches_nothing(apps: Apps) -> None:
    apps.create("preview-1")
    # Made a while ago: renewed in the same second, its expiry would not change.
    apps.age("preview-1", minutes=5)
    apps.create("gone", "--owner", "alice")
    args = ("apply", "-f", written(apps, [entry("preview-1", "2.0.0"), entry("preview-2")]))
    args += ("--prune", "--selector", "owner=alice")
    before = apps.refs()
    table = run(*apps.args(*args, "--dry-run", "-o", "table"))
    results = apps.ok(*args, "--dry-run")
    assert apps.refs() == before
    assert actions(results) == [("preview-1", "updated"), ("preview-2", "created"), ("gone", "deleted")]
    assert {(one["commit"], one["dryRun"]) for one in results} == {(None, True)}
    for one in results:
        headers = re.findall(r"^diff --git a/\S+/([^/\s]+)/\S+ b/", one["diff"], re.MULTILINE)
        assert set(headers) == {one["name"]}
    diff, _, summary = table.out.rstrip("\n").rpartition("\n")
    assert sorted(files(f"{diff}\n")) == sorted(part for one in results for part in files(one["diff"]))
    assert summary == "3 previews: 1 updated, 1 created, 1 deleted"
    apps.ok(*args)
    assert changed_lines(diff) == changed_lines(apps.git("show", "--no-renames", "--format="))


def test_text_of_another_preview_in_a_file_is_not_taken_for_its_diff(apps: Apps) -> None:
    apps.create("preview-1")
    comment = f"# diff --git a/{PREVIEWS}/preview-2/values.yaml b/{PREVIEWS}/preview-2/values.yaml"
    apps.edit_values("preview-1", lambda text: text.replace("backend:", f"{comment}\nbackend:"))
    one, other = applied(apps, [entry("preview-1", "2.0.0"), entry("preview-2")], "--dry-run")
    assert "preview-1/values.yaml" in one["diff"]
    assert "new file mode" not in one["diff"]
    assert "preview-1" not in other["diff"]


def test_the_other_outputs(apps: Apps) -> None:
    path = written(apps, [entry("preview-1"), entry("preview-2")])
    table = run(*apps.args("apply", "-f", path, "-o", "table"))
    commit = apps.tip()[:12]
    assert table.out == f"preview-1 created\npreview-2 created\n2 previews: 2 created in {commit}\n"
    assert run(*apps.args("apply", "-f", path, "-o", "name")).out == "preview-1\npreview-2\n"
    assert yaml.safe_load(run(*apps.args("apply", "-f", path, "-o", "yaml")).out) == apps.ok("apply", "-f", path)


def test_the_schema_needs_neither_a_list_nor_a_repository() -> None:
    done = run("apply", "--schema")
    assert done.code == 0
    assert json.loads(done.out)["$schema"].endswith("2020-12/schema")


def test_all_of_it_by_variables(apps: Apps) -> None:
    apps.create("gone", "--owner", "alice")
    env = {"STARRY_FILE": written(apps, [entry("preview-1")]), "STARRY_PRUNE": "1", "STARRY_SELECTOR": "owner=alice"}
    assert actions(apps.ok("apply", env=env)) == [("preview-1", "created"), ("gone", "deleted")]
