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


def many_commits(apps: Apps, count: int) -> None:
    """Commits that touch no preview, fast: 60 of them are more than the first look fetches."""
    stream = "".join(
        f"commit refs/heads/main\ncommitter Bob <bob@example.com> {1_700_000_000 + number} +0000\ndata 1\n."
        f"\n{'from refs/heads/main^0' + chr(10) if number == 0 else ''}"
        f"M 100644 inline notes.txt\ndata {len(str(number))}\n{number}\n\n"
        for number in range(count)
    )
    apps.git("fast-import", "--quiet", "--force", stdin=stream)


def test_limit_names_the_newest(apps: Apps) -> None:
    apps.create("preview-1")
    second = apps.create("preview-1", tag="2.0.0")["commit"]
    third = apps.create("preview-1", tag="3.0.0")["commit"]
    assert [entry["commit"] for entry in apps.ok("history", "preview-1", "--limit", "2")] == [third, second]


def test_limit_looks_no_further_than_it_needs(apps: Apps) -> None:
    made = apps.create("preview-1")["commit"]
    many_commits(apps, 200)
    assert made[:12] in apps.run("history", "preview-1", "--limit", "1", "-o", "table").out
    newest = apps.create("preview-1", tag="2.0.0")["commit"]
    done = apps.run("history", "preview-1", "--limit", "1", "-o", "table")
    assert newest[:12] in done.out.splitlines()[1]
    assert done.err == "looked at 50 commits: not all there is\n"


def test_without_a_limit_it_looks_at_all(apps: Apps) -> None:
    apps.create("preview-1")
    done = apps.run("history", "preview-1", "-o", "table")
    assert done.err == f"looked at {apps.count()} commits: the whole history\n"
    assert apps.run("-q", "history", "preview-1").err == ""


def test_since_an_age_or_a_time(apps: Apps) -> None:
    made = apps.create("preview-1")["commit"]
    for since in ("1h", "2020-01-01T00:00:00Z"):
        assert [entry["commit"] for entry in apps.ok("history", "preview-1", "--since", since)] == [made]
    error = apps.fails(3, "history", "preview-1", "--since", "2100-01-01T00:00:00Z")
    assert "looked at" in error["message"]


def test_since_looks_no_further_than_it_needs(apps: Apps) -> None:
    apps.create("preview-1")
    many_commits(apps, 200)
    error = apps.fails(3, "history", "preview-1", "--since", "2023-11-14T22:16:30Z")
    assert "looked at 50 commits: not all there is" in error["message"]


def test_a_since_that_is_neither_is_a_usage_error(apps: Apps) -> None:
    apps.create("preview-1")
    for since in ("yesterday", "2026-13-01T00:00:00Z", "5"):
        apps.fails(2, "history", "preview-1", "--since", since)
