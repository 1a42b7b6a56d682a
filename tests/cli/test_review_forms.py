"""review: its forms for code scanning, pull requests and people; and those that validate shares with it."""

import json
import re
from typing import Any

import pytest

from tests.cli.review_support import Proposal, path_of, propose
from tests.support.repos import PREVIEWS, Apps


@pytest.fixture
def change(apps: Apps) -> Proposal:
    """One broken rule, one hand edit, one change of the platform."""
    apps.create("preview-1")
    made = propose(apps)
    made.head.edit_application("preview-1", lambda text: text.replace('project: "starry"', 'project: "default"'))
    made.head.commit({"base/x.yaml": "a: 1\n"})
    return made


RULES = ["platform", "project", "hand-edit"]


def test_sarif(change: Proposal) -> None:
    log = json.loads(change.run("-o", "sarif").out)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(known)) == len(known)
    assert sorted(one["ruleId"] for one in run["results"]) == sorted(RULES)
    for result in run["results"]:
        assert result["ruleId"] in known
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert re.fullmatch(r"[A-Za-z0-9._/%-]+", place["artifactLocation"]["uri"])


def check_code_quality(items: Any) -> None:
    """https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""
    assert isinstance(items, list)
    for item in items:
        assert set(item) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert item["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert item["location"]["lines"]["begin"] >= 1
        assert not item["location"]["path"].startswith(("./", "/"))
    assert len({item["fingerprint"] for item in items}) == len(items)


def test_gitlab(change: Proposal) -> None:
    items = json.loads(change.run("-o", "gitlab").out)
    check_code_quality(items)
    assert sorted(item["check_name"] for item in items) == sorted(RULES)
    assert {item["severity"] for item in items} == {"critical", "minor"}


def test_gitlab_of_validate(change: Proposal) -> None:
    done = change.head.run("validate", "--branch", "change", "-o", "gitlab")
    assert done.code == 7
    items = json.loads(done.out)
    check_code_quality(items)
    assert [item["check_name"] for item in items] == ["project"]


def test_a_finding_keeps_its_fingerprint_on_another_line(change: Proposal) -> None:
    before = json.loads(change.run("-o", "gitlab").out)
    change.head.edit_application("preview-1", lambda text: f"# a line more\n{text}")
    after = json.loads(change.run("-o", "gitlab").out)
    prints = [{item["check_name"]: item["fingerprint"] for item in items} for items in (before, after)]
    assert prints[0]["project"] == prints[1]["project"]


def test_github(change: Proposal) -> None:
    lines = change.run("-o", "github").out.splitlines()
    assert len(lines) == len(RULES)
    assert any(line.startswith(f"::error file={path_of('preview-1', 'application')},line=") for line in lines)


def test_nothing_to_say(apps: Apps) -> None:
    change = propose(apps)
    assert change.run("-o", "github").out == ""
    assert json.loads(change.run("-o", "gitlab").out) == []
    assert "No rule is broken" in change.run("-o", "markdown").out
    assert change.run("-o", "table").out.splitlines()[-1] == "ok: 0 findings"


def test_a_table(change: Proposal) -> None:
    lines = change.run("-o", "table").out.splitlines()
    assert "changed: preview-1 in dev: edited by hand" in lines
    assert any(
        re.fullmatch(r"    by hand: application.yaml:\d+: spec.project: starry → default", line) for line in lines
    )
    assert "added: base/x.yaml (base)" in lines
    assert lines[-1] == "not ok: 3 findings"


def test_what_argocd_would_apply(change: Proposal) -> None:
    made = propose(change.base, "images")
    made.head.ok("update", "preview-1", "--image", "backend=2.0.0", "--branch", "images")
    found = made.run("--render", "5", change="main...images").json()
    lines = found["previews"][0]["objects"]["diff"]
    assert "~ Deployment/backend" in lines
    assert any(line.split()[:1] == ["+"] and line.endswith("sample-be:2.0.0") for line in lines)


def test_objects_of_new_and_broken_previews(change: Proposal) -> None:
    change.head.create("preview-3", "--branch", "change")
    change.base.create("preview-2")
    change.head.commit(
        {path_of("preview-2", kind): change.base.read(path_of("preview-2", kind)) for kind in ("values",)}
    )
    found = change.run("--render", "9").json()
    objects = {one["name"]: one["objects"] for one in found["previews"]}
    assert "+ Deployment/backend" in objects["preview-3"]["diff"]
    assert objects["preview-1"]["problem"] == "not rendered: it breaks a rule"


def test_a_changed_chart_shows_what_it_does_to_every_preview(change: Proposal) -> None:
    made = propose(change.base, "chart")
    made.base.create("preview-2")
    made.head.commit({"charts/environment/templates/note.yaml": _CONFIG})
    found = made.run("--render", "1", change="main...chart").json()
    assert found["previews"] == []
    [one] = found["objects"]["byChart"]
    assert one["diff"] == ["+ ConfigMap/note"]
    assert found["objects"]["leftOut"] == 1


_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {a: b}\n"


def test_a_chart_that_cannot_be_rendered_any_more(change: Proposal) -> None:
    made = propose(change.base, "chart")
    made.head.commit({"charts/environment/templates/note.yaml": "{{ fail `no` }}"})
    done = made.run("--render", "3", change="main...chart")
    assert done.code == 7
    assert [one["rule"] for one in done.json()["findings"] if one["severity"] == "error"] == ["render"]


def test_no_chart_at_hand(change: Proposal) -> None:
    change.base.settings(
        lambda settings: settings.update(chart={"repoURL": "https://charts.example.com", "chart": "x"})
    )
    found = change.run("--render", "3", change="main...change").json()
    assert "kept elsewhere" in found["objects"]["problem"]


def test_a_comment_fits(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].pop("quota"))
    apps.create("preview-0")
    change = propose(apps)
    names = [f"preview-{number}" for number in range(1, 400)]
    change.head.multiply("preview-0", names)
    change.head.commit({f"{PREVIEWS}/{name}/values.yaml": "x: {replicas: 1}\n" for name in names})
    done = change.run("-o", "markdown", "--render", "3")
    assert len(done.out) <= 65_536
    assert "more" in done.out
