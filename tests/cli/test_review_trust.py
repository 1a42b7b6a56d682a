"""review: nothing that stands in the change is believed, and nothing in it makes the review fail to come."""

from collections.abc import Callable

import pytest

from tests.cli.review_support import Proposal, path_of, propose, rules_of
from tests.support.basics import git
from tests.support.cli import ROOT
from tests.support.repos import PREVIEWS, Apps, Link, Submodule

FORMS = ("table", "json", "yaml", "name", "markdown", "sarif", "github", "gitlab")


@pytest.fixture
def change(apps: Apps) -> Proposal:
    apps.create("preview-1")
    apps.create("preview-2")
    return propose(apps)


def test_settings_of_the_change_are_named_and_not_used(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"]["ttl"].update(max="1h"))
    apps.create("preview-1")
    change = propose(apps)
    change.head.settings(lambda settings: settings["policy"]["ttl"].update(max="4h"))
    change.head.ok("extend", "preview-1", "--ttl", "3h", "--branch", "change")
    found = change.review(code=7)
    assert rules_of(found) == ["expiry"]
    assert rules_of(found, "warning") == ["platform"]
    [told] = found["platform"]
    assert (told["path"], told["area"]) == ("starry.yaml", "settings")
    assert told["details"] == ["policy.ttl.max: 1h → 4h"]


def test_changes_of_the_platform_may_fail(change: Proposal) -> None:
    change.head.settings(lambda settings: settings["policy"]["ttl"].update(max="3h"))
    change.review()
    change.review("--fail-on", "platform", code=7)


def test_templates_of_the_change_are_named_and_not_used(change: Proposal) -> None:
    folder = ".starry/templates/preview/values.yaml.j2"
    change.head.commit({folder: "global:\n  ttlMinutes: {{ ttl_minutes }}\nsidecar:\n  replicas: 9\n"})
    change.head.edit_values("preview-1", lambda text: f"{text}sidecar:\n  replicas: 9\n")
    found = change.review()
    assert [edit["path"] for edit in found["previews"][0]["edits"]] == ["sidecar.replicas"]
    assert [(one["path"], one["area"]) for one in found["platform"]] == [(folder, "templates")]


def test_the_bases_own_templates_are_used(apps: Apps) -> None:
    shipped = (ROOT / "templates/applications/preview/values.yaml.j2").read_text()
    apps.commit({".starry/templates/preview/values.yaml.j2": f"{shipped}\nsidecar:\n  replicas: 1\n"})
    change = propose(apps)
    change.head.create("preview-5", "--branch", "change")
    assert "sidecar" in change.head.read(path_of("preview-5"))
    assert change.review()["previews"][0]["byHand"] is False


def test_broken_settings_in_the_change(change: Proposal) -> None:
    change.head.edit("starry.yaml", lambda text: text.replace("version: 1", "version: [1"))
    found = change.review(code=7)
    assert rules_of(found) == ["settings"]
    assert found["platform"][0]["details"] == ["cannot be read"]


def test_broken_settings_in_the_base(change: Proposal) -> None:
    change.base.edit("starry.yaml", lambda text: text.replace("version: 1", "version: [1"))
    done = change.run()
    assert (done.code, done.out) == (7, "")
    assert "base" in done.error()["message"]


def test_a_host_of_an_untouched_preview(change: Proposal) -> None:
    change.head.edit_values("preview-1", lambda text: text.replace("sample-be.preview-1.", "sample-be.preview-2."))
    found = change.review(code=7)
    [one] = [one for one in found["findings"] if one["rule"] == "hosts"]
    assert one["file"] == path_of("preview-1")
    assert path_of("preview-2") in one["message"]


def test_a_host_that_the_base_gave_up_is_free(change: Proposal) -> None:
    change.head.edit_values("preview-1", lambda text: text.replace("sample-be.preview-1.", "sample-be.preview-2."))
    change.base.ok("delete", "preview-2")
    assert "hosts" not in rules_of(change.run().json())


def test_a_quota_counts_the_base_as_it_is_now(change: Proposal) -> None:
    change.head.create("preview-3", "--branch", "change", "--owner", "alice")
    change.base.settings(lambda settings: settings["policy"].update(quota={"total": 3, "perOwner": 1}))
    change.review()
    change.base.create("preview-4", "--owner", "alice")
    assert sorted(rules_of(change.review(code=7))) == ["quota", "quota"]


def test_a_quota_that_is_exceeded_may_be_worked_off(change: Proposal) -> None:
    change.base.settings(lambda settings: settings["policy"].update(quota={"total": 1}))
    later = propose(change.base, "later")
    later.head.ok("delete", "preview-2", "--branch", "later")
    later.head.ok("extend", "preview-1", "--ttl", "1h", "--branch", "later")
    done = change.run(change="main...later")
    assert (done.code, rules_of(done.json())) == (0, [])


def test_a_name_that_another_overlay_has(change: Proposal) -> None:
    change.base.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    change.base.ok("create", "preview-7", "--image", "backend=1", "--overlay", "prod")
    texts = {kind: change.head.read(path_of("preview-1", kind)) for kind in ("application", "values")}
    change.head.commit({
        path_of("preview-7", kind): text.replace("preview-1", "preview-7") for kind, text in texts.items()
    })  # fmt: skip
    assert "names" in rules_of(change.review(code=7))


def test_many_removals_are_named(apps: Apps) -> None:
    apps.settings(lambda settings: settings["policy"].pop("quota"))
    apps.create("preview-0")
    apps.multiply("preview-0", [f"preview-{number}" for number in range(1, 12)])
    change = propose(apps)
    change.head.commit({f"{PREVIEWS}/preview-{number}": None for number in range(9)})
    assert rules_of(change.review(), "warning") == ["removal"]


OUTSIDE: dict[str, tuple[str, str]] = {
    "base/kustomization.yaml": ("base", "platform"),
    "overlays/dev/previews.yaml": ("overlay", "platform"),
    "overlays/new/kustomization.yaml": ("overlay", "platform"),
    "charts/environment/templates/x.yaml": ("chart", "platform"),
    "root/dev.yaml": ("root", "platform"),
    ".github/workflows/starry.yaml": ("pipeline", "platform"),
    "docs/.gitattributes": ("git", "platform"),
    f"{PREVIEWS}/keep.yaml": ("overlay", "platform"),
    "README.txt": ("other", ""),
}


@pytest.mark.parametrize(("path", "told"), OUTSIDE.items(), ids=OUTSIDE)
def test_files_outside_the_previews(change: Proposal, path: str, told: tuple[str, str]) -> None:
    change.head.commit({path: "a: 1\n"})
    found = change.run().json()
    assert [(one["path"], one["area"]) for one in found["platform"]] == [(path, told[0])]
    assert rules_of(found, "warning") == ([told[1]] if told[1] else [])


HOSTILE: dict[str, tuple[Callable[[Apps], object], str]] = {
    "a symlink out of the repository": (lambda apps: apps.commit({"docs/x": Link(target="/etc/passwd")}), "symlinks"),
    "a symlink as values": (lambda apps: apps.commit({path_of("preview-1"): Link(target="x")}), "layout"),
    "a symlink as preview": (lambda apps: apps.commit({f"{PREVIEWS}/preview-1": Link(target="preview-2")}), "layout"),
    "a symlink for all previews": (lambda apps: apps.commit({PREVIEWS: Link(target="/tmp")}), "layout"),
    "a file for all overlays": (lambda apps: apps.commit({"overlays": "x"}), "layout"),
    "a submodule as preview": (lambda apps: apps.commit({f"{PREVIEWS}/sub": Submodule()}), "layout"),
    "a binary file": (lambda apps: apps.commit({path_of("preview-1"): bytes(range(256)) * 40}), "yaml"),
    "a huge file": (lambda apps: apps.commit({path_of("preview-1"): "a: " + "x" * (3 << 20)}), "yaml"),
    "a bomb of anchors": (lambda apps: apps.commit({path_of("preview-1"): "a: &a [x]\nb: [*a, *a]\n"}), "yaml"),
    "a deep file": (lambda apps: apps.commit({path_of("preview-1"): "[" * 5000 + "]" * 5000}), "yaml"),
    "a list for a map": (lambda apps: apps.commit({path_of("preview-1"): "- 1\n- {a: [b]}\n"}), "identity"),
    "an unreadable expiry": (
        lambda apps: apps.edit_application("preview-1", lambda text: text.replace("expires-at:", "expired-at:")),
        "annotations",
    ),
    "a bad name": (lambda apps: apps.multiply("preview-2", ["Preview`_|3"]), "names"),
    "a keep file of another kind": (lambda apps: apps.commit({f"{PREVIEWS}/keep.yaml": "kind: Secret\n"}), "layout"),
    "no settings": (lambda apps: apps.commit({"starry.yaml": None}), "settings"),
    "settings that are a symlink": (lambda apps: apps.commit({"starry.yaml": Link(target="/etc/passwd")}), "settings"),
    "everything gone": (lambda apps: apps.commit(dict.fromkeys(apps.tree())), "settings"),
}  # fmt: skip


@pytest.mark.parametrize(("break_it", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_change_gets_findings(change: Proposal, break_it: Callable[[Apps], object], rule: str) -> None:
    break_it(change.head)
    assert rule in rules_of(change.review(code=7))
    for form in FORMS:
        done = change.run("-o", form)
        assert (done.code, done.err) == (7, ""), form


NAMES = (
    b"docs/\xff\xfe.md",
    b"docs/\x1b[31m.md",
    b"docs/a\nb.md",
    "docs/\u202egpj.md".encode(),
    b"docs/" + b"x" * 250 + b"/y.md",
    b"docs/@everyone <img src=x onerror=alert(1)> `|` [a](http://evil.example).md",
    PREVIEWS.encode() + b"/\xff\xfe/values.yaml",
    PREVIEWS.encode() + b"/::error file=x::y/values.yaml",
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names(change: Proposal, name: bytes) -> None:
    blob = git(change.head.bare, "hash-object", "-w", "--stdin", stdin="a: 1\n")
    entry = b"100644 %s\t%s\0" % (blob.encode(), name)
    index = {"GIT_INDEX_FILE": str(change.head.bare / "review-index")}
    git(change.head.bare, "read-tree", "change", env=index)
    git(change.head.bare, "update-index", "-z", "--index-info", stdin=entry, env=index)
    tree = git(change.head.bare, "write-tree", env=index)
    made = git(change.head.bare, "commit-tree", tree, "-p", "change", "-m", "x")
    change.head.git("update-ref", "refs/heads/change", made)
    for form in FORMS:
        done = change.run("-o", form)
        assert done.code in {0, 7}, done.err
        assert done.err == ""
        assert all(character.isprintable() or character == "\n" for character in done.out), form
        assert not any(line.lstrip().startswith("::error file=x") for line in done.out.splitlines())


def test_a_tree_that_stands_for_billions_of_paths(change: Proposal) -> None:
    bare = change.head.bare
    entry = f"100644 blob {git(bare, 'hash-object', '-w', '--stdin', stdin='x')}\tf\n"
    tree = git(bare, "mktree", stdin=entry)
    for _ in range(12):
        tree = git(bare, "mktree", stdin="".join(f"040000 tree {tree}\td{number}\n" for number in range(10)))
    top = git(bare, "ls-tree", "change") + f"\n040000 tree {tree}\tzz\n"
    made = git(bare, "commit-tree", git(bare, "mktree", stdin=top), "-p", "change", "-m", "x")
    change.head.git("update-ref", "refs/heads/change", made)
    assert rules_of(change.review(code=7)) == ["size"]


def test_a_chart_of_billions_of_files_is_not_written_to_disk(change: Proposal) -> None:
    files = {f"charts/environment/files/{number}": "x" for number in range(1_100)}
    change.head.commit({**files, path_of("preview-1"): change.head.read(path_of("preview-1")).replace("1.0.0", "2")})
    assert "too large" in change.run("--render", "3").json()["objects"]["problem"]


def test_thousands_of_findings_are_counted(change: Proposal) -> None:
    change.head.commit({f"{PREVIEWS}/preview-1/{number}": "x" for number in range(1_500)})
    found = change.review(code=7)
    assert len(found["findings"]) == 1_001
    assert found["findings"][-1]["message"] == "500 more findings"
    assert found["findings"][-1]["severity"] == "error"


def test_hundreds_of_previews_in_a_table(change: Proposal) -> None:
    change.head.multiply("preview-1", [f"p-{number}" for number in range(300)])
    lines = change.run("-o", "table").out.splitlines()
    assert sum(line.startswith("added: ") for line in lines) == 200
    assert "… 100 more previews; -o json has them all" in lines
