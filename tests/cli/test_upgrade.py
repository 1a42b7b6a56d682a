"""upgrade: live previews get what today's templates and settings make of them, in one commit."""

from pathlib import Path

import pytest

from tests.support.cli import ROOT
from tests.support.repos import PREVIEWS, Apps

BUILT_IN = (ROOT / "templates/applications/preview/values.yaml.j2").read_text(encoding="utf-8")
TEMPLATE = ".starry/templates/preview/values.yaml.j2"


def move(apps: Apps, domain: str = "previews.example.org") -> str:
    """Another domain."""
    return apps.settings(lambda settings: settings.update(domain=domain))


def upgraded(apps: Apps, *args: str) -> list[str]:
    return [one["name"] for one in apps.ok("upgrade", *args)["updated"]]


def test_all_previews_move_to_another_domain_in_one_commit(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    apps.create("preview-2", "--pin")
    facts = [apps.application(name)["metadata"] for name in apps.names()]
    start = move(apps)
    result = apps.ok("upgrade", "--all")
    assert (result["checked"], result["remaining"], result["kept"], result["skipped"]) == (2, 0, [], [])
    assert [one["urls"]["backend"] for one in result["updated"]] == [
        f"https://sample-be.preview-{number}.previews.example.org" for number in (1, 2)
    ]
    assert {(one["action"], one["commit"]) for one in result["updated"]} == {("updated", result["commit"])}
    assert apps.git("rev-list", f"{start}..main") == result["commit"] == apps.tip()
    assert apps.changed() == {f"{PREVIEWS}/preview-{number}/values.yaml": "M" for number in (1, 2)}
    assert [apps.application(name)["metadata"] for name in apps.names()] == facts
    assert apps.values("preview-1")["ingress"]["hosts"] == ["sample-be.preview-1.previews.example.org"]
    assert apps.trailers()["Starry-Action"] == "upgrade"
    assert apps.ok("validate")["ok"] is True


def test_a_second_run_makes_no_commit(apps: Apps) -> None:
    apps.create("preview-1")
    move(apps)
    apps.ok("upgrade", "--all")
    tip = apps.tip()
    result = apps.ok("upgrade", "--all")
    assert (result["commit"], result["updated"], apps.tip()) == (None, [], tip)


def test_a_dry_run_shows_the_diff_that_then_lands(apps: Apps) -> None:
    apps.create("preview-1")
    tip = move(apps)
    diff = apps.ok("upgrade", "--all", "--dry-run")["diff"]
    assert apps.tip() == tip
    apps.ok("upgrade", "--all")
    shown = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    landed = apps.git("diff", "--no-color", "--no-ext-diff", tip, "main").splitlines()
    assert shown == [line for line in landed if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert any("previews.example.org" in line for line in shown)


def test_check_says_by_its_exit_code_whether_one_is_out_of_date(apps: Apps) -> None:
    apps.create("preview-1")
    assert apps.run("upgrade", "--all", "--check").code == 0
    tip = move(apps)
    done = apps.run("upgrade", "--all", "--check")
    assert (done.code, done.json()["dryRun"], [one["name"] for one in done.json()["updated"]]) == (
        11,
        True,
        ["preview-1"],
    )
    assert apps.tip() == tip
    assert apps.run("upgrade", "preview-1", "--check", "--batch", "1").code == 11
    apps.ok("upgrade", "--all")
    assert apps.run("upgrade", "--all", "--check").code == 0


def test_a_batch_takes_the_oldest_and_says_how_many_are_left(apps: Apps) -> None:
    for number in (1, 2, 3):
        apps.create(f"preview-{number}")
    apps.age("preview-3", minutes=9)
    apps.age("preview-2", minutes=5)
    move(apps)
    first = apps.ok("upgrade", "--all", "--batch", "2")
    assert ({one["name"] for one in first["updated"]}, first["remaining"]) == ({"preview-3", "preview-2"}, 1)
    table = apps.run("upgrade", "--all", "--batch", "2", "-o", "table").out
    assert "upgraded preview-1\n3 previews checked: 1 upgraded, 2 up to date in " in table


def test_several_names_are_upgraded_and_no_other(apps: Apps) -> None:
    for name in ("a", "a-b", "a-b-c"):
        apps.create(name)
    move(apps)
    assert upgraded(apps, "a-b-c", "a", "a") == ["a", "a-b-c"]
    assert "starry.mycompany.com" in apps.read(f"{PREVIEWS}/a-b/values.yaml")


def test_a_selector_names_an_owner_or_a_label(apps: Apps) -> None:
    apps.create("preview-1", "--owner", "alice")
    apps.create("preview-2", "--owner", "bob")
    apps.edit_application("preview-2", lambda text: text.replace("  labels:\n", "  labels:\n    team: blue\n", 1))
    move(apps)
    assert upgraded(apps, "--selector", "team=blue,owner=alice") == []
    assert upgraded(apps, "--selector", "owner=alice") == ["preview-1"]
    assert upgraded(apps, "--selector", "team=blue") == ["preview-2"]


def test_all_overlays_are_one_commit(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("preview-1")
    apps.create("preview-2", "--overlay", "prod")
    start = apps.settings(lambda settings: settings.update(hostTemplate="{name}.{app}.{domain}"))
    assert upgraded(apps, "preview-2", "--all-overlays", "--dry-run") == ["preview-2"]
    result = apps.ok("upgrade", "--all", "--all-overlays")
    assert [(one["overlay"], one["name"]) for one in result["updated"]] == [("dev", "preview-1"), ("prod", "preview-2")]
    assert apps.git("rev-list", "--count", f"{start}..main") == "1"
    assert apps.ok("validate")["ok"] is True


@pytest.mark.parametrize(
    "args", [[], ["--all", "preview-1"], ["--all", "--selector", "owner=a"], ["x", "--selector", "a=b"]]
)
def test_no_choice_and_two_choices_are_usage_faults(apps: Apps, args: list[str]) -> None:
    apps.fails(2, "upgrade", *args)


@pytest.mark.parametrize("args", [["--batch", "0"], ["--batch", "x"], ["--selector", "owner"], ["--selector", ""]])
def test_what_makes_no_sense_is_a_usage_fault(apps: Apps, args: list[str]) -> None:
    apps.fails(2, "upgrade", *args, *(["--all"] if "--batch" in args else []))


@pytest.mark.parametrize("args", [["nobody"], ["preview-1", "nobody"], ["nobody", "--all-overlays"], ["../prod"]])
def test_a_preview_that_is_not_there_is_not_found_and_nothing_is_done(apps: Apps, args: list[str]) -> None:
    apps.create("preview-1")
    move(apps)
    apps.fails(3, "upgrade", *args)


def test_an_overlay_that_is_not_there_is_not_found(apps: Apps) -> None:
    apps.fails(3, "upgrade", "--all", "--overlay", "nowhere")


def test_without_any_preview_there_is_nothing_to_do(apps: Apps) -> None:
    assert apps.ok("upgrade", "--all")["checked"] == 0
    assert apps.run("upgrade", "--all", "--check").code == 0


def test_broken_previews_are_skipped_and_reported_with_exit_9(apps: Apps) -> None:
    for number in (1, 2, 3):
        apps.create(f"preview-{number}")
    apps.commit({f"{PREVIEWS}/preview-1/values.yaml": "a: ["})
    apps.edit_application("preview-2", lambda text: text.replace("managed-by: starry", "managed-by: us"))
    move(apps)
    done = apps.run("upgrade", "--all")
    assert done.code == 9
    assert [one["name"] for one in done.json()["updated"]] == ["preview-3"]
    assert [one["name"] for one in done.json()["skipped"]] == ["preview-1", "preview-2"]
    assert apps.run("upgrade", "--all", "--check").code == 9
    move(apps, "once.more.example.org")
    assert apps.run("upgrade", "--all", "--check").code == 11


def test_a_template_of_the_repository_is_followed_there_and_back(apps: Apps) -> None:
    apps.create("preview-1")
    before = apps.values("preview-1")
    apps.commit({TEMPLATE: BUILT_IN.replace("{% for component", "quota:\n  hard:\n    pods: 9\n{% for component", 1)})
    assert upgraded(apps, "--all") == ["preview-1"]
    assert apps.values("preview-1") == {**before, "quota": {"hard": {"pods": 9}}}
    apps.commit({TEMPLATE: BUILT_IN.replace("{% for component", "quota:\n  hard:\n    pods: 8\n{% for component", 1)})
    assert upgraded(apps, "--all") == ["preview-1"]
    apps.commit({TEMPLATE: None})
    assert upgraded(apps, "--all") == ["preview-1"]
    assert apps.values("preview-1") == before


def test_values_that_were_set_stay_also_from_a_list(apps: Apps, tmp_path: Path) -> None:
    apps.create("preview-1", "--set", "quota.hard.pods=9", "--set", r"global.labels.a\.b/c=x")
    apps.create("preview-2")
    apps.ok("update", "preview-2", "--set", "quota.hard.pods=9")
    listing = tmp_path / "list.yaml"
    listing.write_text("previews:\n  - {name: preview-3, images: {backend: 1.0.0}, set: {quota.hard.pods: 9}}\n")
    apps.ok("apply", "-f", str(listing))
    template = BUILT_IN.replace("  labels:\n", "  labels:\n    a.b/c: y\n", 1)
    apps.commit({TEMPLATE: template.replace("ingress:", "quota:\n  hard:\n    pods: 8\ningress:", 1)})
    result = apps.ok("upgrade", "--all")
    pods, label = "values.yaml: quota.hard.pods", r"values.yaml: global.labels.a\.b/c"
    assert {one["name"]: one["paths"] for one in result["kept"]} == {
        "preview-1": [label, pods], "preview-2": [pods], "preview-3": [pods],
    }  # fmt: skip
    assert {one["overlay"] for one in result["kept"]} == {"dev"}
    assert {apps.values(name)["quota"]["hard"]["pods"] for name in apps.names()} == {9}
    assert apps.values("preview-2")["global"]["labels"]["a.b/c"] == "y"


def test_the_url_stays_when_the_settings_name_none_and_the_upgrade_runs_by_another(apps: Apps) -> None:
    apps.create("preview-1")
    url = apps.application("preview-1")["spec"]["source"]["repoURL"]
    chart = {"repoURL": "https://charts.example.com", "chart": "environment", "targetRevision": "1.2.3"}
    apps.settings(lambda settings: [settings.pop("repoURL"), settings.update(chart=chart)])
    assert upgraded(apps, "--all") == ["preview-1"]
    spec = apps.application("preview-1")["spec"]
    assert "source" not in spec
    assert [one["repoURL"] for one in spec["sources"]] == ["https://charts.example.com", url]
    apps.settings(lambda settings: settings.pop("chart"))
    assert upgraded(apps, "--all") == ["preview-1"]
    assert apps.application("preview-1")["spec"]["source"]["repoURL"] == url


def test_names_for_pipes_are_those_that_were_upgraded(apps: Apps) -> None:
    apps.create("preview-1")
    move(apps)
    assert apps.run("upgrade", "--all", "-o", "name").out == "preview-1\n"
    assert apps.run("upgrade", "--all", "-o", "name").out == ""


def test_the_table_says_what_people_keep(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_values("preview-1", lambda text: text.replace("sample-be.preview-1", "own.preview-1"))
    move(apps)
    out = apps.run("upgrade", "--all", "-o", "table").out
    assert out == "preview-1 keeps values.yaml: ingress.hosts\n1 preview checked: 0 upgraded, 1 up to date\n"
