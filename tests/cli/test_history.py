"""history: a preview's commits, newest first, also after it is gone."""

from tests.support.repos import Apps


def shas(apps: Apps, name: str) -> list[str]:
    """Commits that `history` names, in its order; each entry holds its commit's full hash under some key."""
    entries = apps.ok("history", name)
    known = set(apps.git("rev-list", "main").split())
    return [next(str(value) for value in entry.values() if value in known) for entry in entries]


def test_newest_first(apps: Apps) -> None:
    made = [apps.create("preview-1")["commit"]]
    apps.create("preview-2")
    made += [apps.create("preview-1", tag="2.0.0")["commit"], apps.ok("extend", "preview-1", "--pin")["commit"]]
    assert shas(apps, "preview-1") == made[::-1]


def test_also_after_it_is_gone(apps: Apps) -> None:
    created = apps.create("preview-1")["commit"]
    deleted = apps.ok("delete", "preview-1")["commit"]
    assert shas(apps, "preview-1") == [deleted, created]


def test_a_persons_commit_counts(apps: Apps) -> None:
    created = apps.create("preview-1")["commit"]
    by_hand = apps.edit_values("preview-1", lambda text: text + "# note\n")
    assert shas(apps, "preview-1") == [by_hand, created]


def test_entries_say_who_when_and_what(apps: Apps) -> None:
    apps.create("preview-1")
    (entry,) = apps.ok("history", "preview-1")
    assert "preview(preview-1): create" in str(entry)
    assert "Ada Tester" in str(entry)


def test_a_preview_that_never_was_is_not_found(apps: Apps) -> None:
    apps.fails(3, "history", "preview-1")


def test_a_name_that_begins_like_another_has_its_own_history(apps: Apps) -> None:
    created = apps.create("preview-1")["commit"]
    apps.create("preview-12")
    assert shas(apps, "preview-1") == [created]


def test_history_by_pull_request_works_after_the_preview_is_gone(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", "--image", "backend=1.0.0")
    apps.ok("delete", "--pr", "7")
    assert len(apps.ok("history", "--pr", "7")) == 2


def test_a_collection_is_in_the_history(apps: Apps) -> None:
    created = apps.create("preview-1")["commit"]
    aged = apps.age("preview-1", minutes=60)
    collected = apps.ok("gc")["commit"]
    assert shas(apps, "preview-1") == [collected, aged, created]
