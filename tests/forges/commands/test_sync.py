"""`starry sync` as users run it, on each forge."""

import pytest

from tests.forges.commands.stage import Stage
from tests.support import forge_faults as faults
from tests.support.forge_state import ChangedFile


def test_a_pull_requests_whole_life(stage: Stage):
    number = stage.state.open("feat/one")
    name = f"preview-{number}"
    found = stage.ok("sync")
    page = stage.case.server.page
    assert found["repositories"] == [{"name": "be", "url": page, "open": 1, "wanted": 1, "ignored": [], "error": None}]
    assert (found["created"], found["commit"]) == ([name], stage.apps.tip())
    assert stage.apps.annotation(name, "pull-request") == stage.url(number)
    assert stage.apps.annotation(name, "owner") == "ada"
    assert stage.apps.annotation(name, "branch") == "feat/one"
    assert stage.apps.annotation(name, "commit") == stage.head(number)
    assert stage.apps.values(name)["backend"]["image"]["tag"] == f"pr-{number}-{stage.head(number)[:7]}"
    again = stage.ok("sync")
    assert (again["commit"], again["kept"]) == (None, 1)
    pushed = stage.state.push("feat/one")
    assert stage.ok("sync")["updated"] == [name]
    assert stage.apps.annotation(name, "commit") == pushed
    stage.apps.age(name, minutes=20)
    assert stage.ok("sync")["renewed"] == [name]
    other = stage.state.open("feat/two")
    stage.state.pulls[number].state = "merged"
    after = stage.ok("sync")
    assert (after["removed"], after["created"]) == ([name], [f"preview-{other}"])
    assert stage.apps.names() == [f"preview-{other}"]
    assert stage.apps.ok("validate")["ok"] is True


def test_the_filters(stage: Stage):
    stage.set_up(
        labels=["preview"],
        branches=["feat/**"],
        paths=["src/**"],
        excludeAuthors=["Robot"],
        baseBranches=["main"],
        forkLabel="preview-ok",
    )
    code, label = [ChangedFile(path="src/a.py")], ["preview"]
    stage.state.push("release")
    wanted = stage.state.open("feat/a/b", files=code, labels=label)
    moved = stage.state.open("feat/moved", files=[ChangedFile(path="docs/a.py", before="src/a.py")], labels=label)
    reasons = {
        stage.state.open("fix/a", files=code, labels=label): "its branch is none of branches",
        stage.state.open("feat/draft", files=code, labels=label, draft=True): "it is a draft",
        stage.state.open("feat/bare", files=code): "it lacks the label preview",
        stage.state.open(
            "feat/docs", files=[ChangedFile(path="docs/a.md")], labels=label
        ): "it changes no file of paths",
        stage.state.open("feat/robot", files=code, labels=label, author="robot"): "its author gets no previews",
        stage.state.open("feat/other", files=code, labels=label, base="release"): "it goes to no baseBranches",
    }
    fork = stage.state.open("feat/fork", fork="eve/backend", author="eve", files=code, labels=label)
    lost = stage.state.open("feat/lost", fork=None, author="eve", files=code, labels=label)
    for number in (fork, lost):
        reasons[number] = "it is a fork's, without the label preview-ok"
    found = stage.ok("sync")
    assert found["created"] == [f"preview-{wanted}", f"preview-{moved}"]
    (repository,) = found["repositories"]
    assert (repository["open"], repository["wanted"]) == (10, 2)
    assert {one["pullRequest"]: one["reason"] for one in repository["ignored"]} == {
        stage.url(number): reason for number, reason in reasons.items()
    }
    stage.state.pulls[fork].labels = [*label, "preview-ok"]
    assert stage.ok("sync")["created"] == [f"preview-{fork}"]
    assert stage.apps.values(f"preview-{fork}")["secrets"]["externalSecret"]["enabled"] is False
    stage.state.pulls[fork].labels = label
    assert stage.ok("sync")["removed"] == [f"preview-{fork}"]


def test_many_pages(stage: Stage):
    """Those of the second page get previews, too, and a push between two pages loses none."""
    for number in range(120):
        stage.state.open(f"feat/{number}", draft=number % 60 != 0)
    stage.state.pulls[119].draft = False
    stage.case.server.meanwhile("page=1|per_page=100", lambda: stage.state.push("feat/118"))
    found = stage.ok("sync")
    assert found["repositories"][0]["open"] == 120
    assert found["created"] == ["preview-1", "preview-119", "preview-61"]
    assert stage.apps.annotation("preview-119", "commit") == stage.head(119)


def test_the_last_pull_request_closes(stage: Stage):
    """The list is empty then, and the forge calls this very one closed."""
    number = stage.state.open("feat/one")
    stage.ok("sync")
    stage.state.pulls[number].state = "closed"
    assert stage.ok("sync")["removed"] == [f"preview-{number}"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(faults.says(404, "Not Found"), 8), (faults.says(401, "Bad credentials"), 6), (faults.cut_short, 8)],
    ids=["unknown", "401", "cut"],
)
def test_an_empty_list_is_doubted_where_the_forge_does_not_know_the_last_one(
    stage: Stage, spoil: faults.Spoil, code: int
):
    number = stage.state.open("feat/one")
    stage.ok("sync")
    stage.state.pulls[number].state = "closed"
    before = stage.apps.tip()
    stage.case.server.spoil(rf"^GET .*(pulls|merge_requests)/{number}", spoil)
    assert stage.run("sync").code == code
    assert stage.apps.tip() == before


def test_one_pull_request_alone(stage: Stage):
    first, second = stage.state.open("feat/one"), stage.state.open("feat/two")
    only = ("sync", "--only-pr", stage.url(second))
    assert stage.ok(*only)["created"] == [f"preview-{second}"]
    stage.state.pulls[second].state = "closed"
    assert stage.ok(*only)["removed"] == [f"preview-{second}"]
    assert stage.ok(*only)["commit"] is None
    stage.state.pulls[second].state = "open"
    assert stage.ok(*only)["created"] == [f"preview-{second}"]
    assert stage.ok("sync")["created"] == [f"preview-{first}"]
    assert stage.run("sync", "--only-pr", stage.url(999)).code == 3


@pytest.mark.parametrize(
    ("pattern", "spoil", "code"),
    [
        (r"^GET .*(pulls|merge_requests)\?", faults.gives([]), 8),
        (r"^GET .*(pulls|merge_requests)\?", faults.says(403, "Resource not accessible by integration"), 6),
        (r"^GET .*(pulls|merge_requests)\?", faults.says(404, "Not Found"), 3),
        (r"^GET .*(pulls|merge_requests)\?", faults.cut_short, 8),
        (r"^GET .*(pulls|merge_requests)/1", faults.says(401, "Bad credentials"), 6),
        (r"^GET .*(pulls|merge_requests)/1", faults.gives([]), 8),
        (r"^GET .*(pulls|merge_requests)/1", faults.says(404, "Not Found"), 9),
    ],
    ids=["empty", "403", "404", "cut", "one-401", "one-nonsense", "one-404"],
)
def test_a_spoilt_answer_removes_nothing(stage: Stage, pattern: str, spoil: faults.Spoil, code: int):
    first, _ = stage.state.open("feat/one"), stage.state.open("feat/two")
    stage.ok("sync")
    stage.state.pulls[first].state = "closed"
    before = stage.apps.tip()
    stage.case.server.spoil(pattern, spoil)
    assert stage.run("sync").code == code
    assert stage.apps.tip() == before


def test_a_repository_that_was_renamed_keeps_its_previews(stage: Stage):
    """Both forges answer under the old name, too; what they answer has the new one."""
    number = stage.state.open("feat/one")
    stage.ok("sync")
    before = stage.apps.tip()
    page = f"{stage.case.server.url}/acme/renamed/{'-/merge_requests' if stage.case.is_gitlab else 'pull'}/{number}"
    key = "web_url" if stage.case.is_gitlab else "html_url"
    stage.case.server.spoil(r"^GET .*(pulls|merge_requests)\?", faults.changes(**{key: page}))
    done = stage.run("sync")
    assert (done.code, done.error()["code"]) == (8, "doubtful_answer")
    assert stage.apps.tip() == before
