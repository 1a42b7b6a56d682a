"""upgrade and history: who wrote what is told from commits, whatever people did to them."""

from tests.support.basics import git
from tests.support.repos import PREVIEWS, Apps, Content

VALUES = f"{PREVIEWS}/preview-1/values.yaml"
APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"
STARRYS = "Starry-Action: update\nStarry-Preview: preview-1\n"


def move(apps: Apps, domain: str = "previews.example.org") -> str:
    """Another domain: what Starry wrote of hosts is to change."""
    return apps.settings(lambda settings: settings.update(domain=domain))


def is_moved(apps: Apps, name: str = "preview-1") -> bool:
    """Whether the upgrade took the place for Starry's, or kept it as a person's."""
    result = apps.run("upgrade", name).json()
    hosts: list[str] = apps.values(name)["ingress"]["hosts"]
    moved = hosts[0].endswith("previews.example.org")
    assert moved == (result["kept"] == []), result
    return moved


def texts(apps: Apps, name: str = "preview-1") -> dict[str, Content]:
    """A preview's two files."""
    return {f"{PREVIEWS}/{name}/{file}.yaml": apps.read(f"{PREVIEWS}/{name}/{file}.yaml") for file in FILES}


FILES = ("application", "values")


def test_a_preview_older_than_fifty_commits_is_known(apps: Apps) -> None:
    apps.create("preview-1")
    for number in range(60):
        apps.commit({"notes.txt": str(number)})
    move(apps)
    assert is_moved(apps)


def test_a_preview_right_at_the_edge_of_what_is_fetched_first_is_known(apps: Apps) -> None:
    apps.create("preview-1")
    for number in range(48):
        apps.commit({"notes.txt": str(number)})
    move(apps)
    assert is_moved(apps)


def test_of_an_old_and_a_young_preview_both_are_known(apps: Apps) -> None:
    apps.create("preview-1")
    for number in range(60):
        apps.commit({"notes.txt": str(number)})
    apps.create("preview-2")
    move(apps)
    assert [one["name"] for one in apps.ok("upgrade", "--all")["updated"]] == ["preview-1", "preview-2"]


def test_a_preview_that_people_made_is_theirs(apps: Apps) -> None:
    apps.create("preview-1")
    apps.multiply("preview-1", ["preview-2"])
    move(apps)
    assert not is_moved(apps, "preview-2")
    assert is_moved(apps)


def test_a_squash_commit_without_trailers_makes_it_a_persons(apps: Apps) -> None:
    base = apps.tip()
    apps.create("preview-1")
    tree = apps.git("rev-parse", "main^{tree}")
    squashed = apps.git("commit-tree", tree, "-p", base, "-m", "Add a preview (#7)\n\n* preview(preview-1): create")
    apps.git("update-ref", "refs/heads/main", squashed)
    move(apps)
    assert not is_moved(apps)


def test_a_squash_commit_that_keeps_the_trailers_is_starrys(apps: Apps) -> None:
    base = apps.tip()
    apps.create("preview-1")
    tree, message = apps.git("rev-parse", "main^{tree}"), apps.git("log", "-1", "--format=%B")
    apps.git("update-ref", "refs/heads/main", apps.git("commit-tree", tree, "-p", base, "-m", message))
    move(apps)
    assert is_moved(apps)


def test_deleted_and_made_again_the_earlier_life_does_not_count(apps: Apps) -> None:
    apps.create("preview-1")
    files = texts(apps)
    apps.ok("delete", "preview-1")
    apps.commit(files)
    move(apps)
    assert not is_moved(apps)
    apps.ok("delete", "preview-1")
    apps.settings(lambda settings: settings.update(domain="starry.mycompany.com"))
    apps.create("preview-1")
    move(apps)
    assert is_moved(apps)


def test_moved_between_overlays_by_a_person_it_is_the_persons(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("preview-1")
    moved = {
        path.replace("/dev/", "/prod/"): str(text).replace("/dev/", "/prod/") for path, text in texts(apps).items()
    }
    apps.commit({**dict.fromkeys(texts(apps)), **moved})
    apps.settings(lambda settings: settings.update(hostTemplate="{name}.{app}.{domain}"))
    done = apps.run("upgrade", "--all", "--overlay", "prod").json()
    assert [one["name"] for one in done["kept"] + done["skipped"]] == ["preview-1"]
    assert done["updated"] == []


def test_a_merge_of_a_pull_request_keeps_both_sides_on_record(apps: Apps) -> None:
    base = apps.tip()
    side = made_on_a_branch(apps, base)
    apps.create("preview-2")
    merged(apps, side)
    assert apps.names() == ["preview-1", "preview-2"]
    move(apps)
    assert [one["name"] for one in apps.ok("upgrade", "--all")["updated"]] == ["preview-1", "preview-2"]


def made_on_a_branch(apps: Apps, base: str) -> str:
    """A commit of Starry's that makes preview-1, beside the branch."""
    apps.create("preview-1")
    side = apps.tip()
    apps.git("update-ref", "refs/heads/main", base)
    return side


def merged(apps: Apps, side: str) -> None:
    """A merge commit of the branch and the side."""
    folder = apps.bare.parent / "merging"
    git(apps.bare.parent, "clone", "--quiet", str(apps.bare), str(folder))
    git(folder, "fetch", "--quiet", "origin", f"+{apps.tip()}:refs/heads/main-tip")
    git(apps.bare, "update-ref", "refs/heads/side", side)
    git(folder, "fetch", "--quiet", "origin", "side")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "Merge", "FETCH_HEAD")
    git(folder, "push", "--quiet", "origin", "HEAD:main")


def test_what_a_person_changed_in_a_merge_is_the_persons(apps: Apps) -> None:
    apps.create("preview-1")
    first = apps.tip()
    apps.commit({"notes.txt": "1"})
    second = apps.tip()
    apps.edit_values("preview-1", lambda text: text.replace("sample-be.preview-1", "own.preview-1"))
    tree = apps.git("rev-parse", "main^{tree}")
    apps.git("update-ref", "refs/heads/main", apps.git("commit-tree", tree, "-p", second, "-p", first, "-m", "Merge"))
    move(apps)
    assert not is_moved(apps)


def test_a_revert_by_a_person_is_the_persons(apps: Apps) -> None:
    apps.create("preview-1")
    before = texts(apps)
    move(apps, "once.example.org")
    apps.ok("upgrade", "--all")
    apps.commit(before, "Revert the upgrade")
    move(apps)
    assert not is_moved(apps)
