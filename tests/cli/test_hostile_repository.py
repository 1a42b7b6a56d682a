"""A corpus of broken and hostile repositories: nothing in them is run or followed, and nothing falls over."""

from pathlib import Path

import pytest

from tests.support.basics import git
from tests.support.cli import run
from tests.support.hooks import Canary, write_script
from tests.support.repos import PREVIEWS, Apps, Content, Link, Submodule

OTHER = ("create", "preview-2", "--image", "backend=1.0.0")
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"

# Content that breaks one preview -> files. Creating another preview must work all the same.
BROKEN_PREVIEW: dict[str, dict[str, Content]] = {
    "a symlink to a secret": {APPLICATION: Link(target="/etc/passwd")},
    "a symlink to itself": {APPLICATION: Link(target="application.yaml")},
    "a symlinked folder": {f"{PREVIEWS}/preview-3": Link(target="preview-1")},
    "a submodule among the previews": {f"{PREVIEWS}/preview-3": Submodule()},
    "a submodule with its file": {
        f"{PREVIEWS}/preview-3": Submodule(),
        ".gitmodules": f'[submodule "x"]\npath = {PREVIEWS}/preview-3\nurl = ext::touch% CANARY\n',
    },
    "a folder where a file should be": {APPLICATION: None, f"{APPLICATION}/x": "x"},
    "an anchors bomb": {APPLICATION: BOMB, VALUES: BOMB},
    "deep nesting": {APPLICATION: "[" * 20_000, VALUES: "{a: " * 20_000},
    "deep block nesting": {VALUES: "".join(f"{' ' * n}a:\n" for n in range(3_000))},
    "a huge file": {APPLICATION: "a: " + "x" * 8_000_000 + "\n", VALUES: "- x\n" * 300_000},
    "a huge number": {VALUES: "a: " + "9" * 10_000 + "\n"},
    "not UTF-8": {APPLICATION: b"\xff\xfe\x00a", VALUES: b"\x80"},
    "NUL bytes": {APPLICATION: "a\0b: c\n"},
    "a byte order mark": {VALUES: "\ufeffglobal: {}\n"},
    "a Python object": {APPLICATION: '!!python/object/apply:os.system ["touch CANARY"]\n'},
    "a merge key": {VALUES: "a: &a {b: 1}\nc: {<<: *a}\n"},
    "many documents": {APPLICATION: "---\na: 1\n" * 2_000},
    "an empty file": {APPLICATION: "", VALUES: ""},
    "a scalar": {APPLICATION: "42\n", VALUES: "null\n"},
    "keys that are no text": {VALUES: "1: a\nnull: b\n[a]: c\n2026-01-01: d\n"},
    "a wrong shape everywhere": {APPLICATION: "metadata: []\nspec: 5\n", VALUES: "global: []\nbackend: x\n"},
    "dates as annotations": {APPLICATION: "metadata: {annotations: {starry.env/expires-at: 2026-01-01T00:00:00Z}}\n"},
    "a year out of range": {APPLICATION: 'metadata: {annotations: {starry.env/expires-at: "99999-01-01T00:00:00Z"}}\n'},
    "strange names": {f"{PREVIEWS}/-rf/values.yaml": "x", f"{PREVIEWS}/a b\n/x": "x", f"{PREVIEWS}/\\x": "x"},
    "a name in another script": {f"{PREVIEWS}/prévïew/application.yaml": "x"},
    "the same name in capitals": {f"{PREVIEWS}/PREVIEW-2/application.yaml": "x"},
    "filters and attributes": {
        ".gitattributes": "* filter=evil diff=evil merge=evil ident eol=crlf working-tree-encoding=UTF-16\n",
        f"{PREVIEWS}/.gitattributes": "* filter=evil -text\n",
    },
    "hooks and configuration": {
        ".githooks/pre-push": "touch CANARY\n",
        ".gitconfig": "[core]\n\tfsmonitor = touch CANARY\n",
        "hooks/post-checkout": "touch CANARY\n",
    },
    "a bare repository inside": {
        "sub/HEAD": "ref: refs/heads/main\n",
        "sub/config": "[core]\n\tbare = true\n\tfsmonitor = touch CANARY\n",
        "sub/objects/x": "x",
        "sub/refs/x": "x",
    },
    "a replacement of Python's modules": {
        "yaml.py": "open('CANARY','w')\n",
        "sitecustomize.py": "open('CANARY','w')\n",
        "jinja2/__init__.py": "open('CANARY','w')\n",
    },
}  # fmt: skip


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path)


def planted(files: dict[str, Content], canary: Canary) -> dict[str, Content]:
    return {
        path: text.replace("CANARY", str(canary.file)) if isinstance(text, str) else text
        for path, text in files.items()
    }


@pytest.mark.parametrize("files", BROKEN_PREVIEW.values(), ids=BROKEN_PREVIEW)
def test_one_broken_preview_stops_no_other_and_runs_nothing(
    apps: Apps, canary: Canary, files: dict[str, Content]
) -> None:
    apps.create("preview-1")
    apps.commit(planted(files, canary))
    broken = {line for line in apps.git("ls-tree", "-r", "-z", "main").split("\0") if line}
    assert apps.ok(*OTHER)["action"] == "created"
    after = {line for line in apps.git("ls-tree", "-r", "-z", "main").split("\0") if line}
    assert broken < after
    assert len(after - broken) == 2
    for command in (("list",), ("validate",), ("gc",), ("show", "preview-1"), ("history", "preview-2")):
        done = apps.run(*command)
        assert done.code in {0, 7, 9}, (command, done.err)
        assert "Traceback" not in done.err
        assert "root:" not in done.out + done.err
    assert canary.is_silent


@pytest.mark.parametrize("files", BROKEN_PREVIEW.values(), ids=BROKEN_PREVIEW)
@pytest.mark.parametrize(
    "command", [("update", "preview-1", "--image", "backend=2.0.0"), ("extend", "preview-1", "--pin")]
)
def test_a_change_of_the_broken_preview_itself_works_or_changes_nothing(
    apps: Apps, canary: Canary, command: tuple[str, ...], files: dict[str, Content]
) -> None:
    apps.create("preview-1")
    apps.commit(planted(files, canary))
    before = apps.refs()
    done = apps.run(*command)
    assert done.code in {0, 5, 7}, done.err
    if done.code != 0:
        assert apps.refs() == before
        assert done.error()["message"]
    assert canary.is_silent


# What breaks the whole repository for Starry: -> (files, exit codes that are right)
BROKEN_REPOSITORY: dict[str, tuple[dict[str, Content], set[int]]] = {
    "settings by symlink": ({"starry.yaml": Link(target="/etc/passwd")}, {7}),
    "settings by symlink inside": ({"starry.yaml": Link(target="x.yaml"), "x.yaml": "domain: x.example.com\n"}, {7}),
    "settings as a folder": ({"starry.yaml": None, "starry.yaml/x": "x"}, {7}),
    "settings as a submodule": ({"starry.yaml": Submodule()}, {7}),
    "settings with a bomb": ({"starry.yaml": BOMB}, {7}),
    "settings nested deep": ({"starry.yaml": "[" * 20_000}, {7}),
    "settings that are huge": ({"starry.yaml": "domain: x.example.com\n" + "# x\n" * 2_000_000}, {7}),
    "settings with NUL": ({"starry.yaml": "domain: x\0.example.com\n"}, {7}),
    "the overlay is a symlink": ({"overlays": Link(target="/tmp")}, {7}),
    "the previews are a symlink": ({f"{PREVIEWS}/keep.yaml": None, PREVIEWS: Link(target="../../base")}, {7}),
    "the previews are a file": ({f"{PREVIEWS}/keep.yaml": None, PREVIEWS: "x"}, {7}),
    "the previews are a submodule": ({f"{PREVIEWS}/keep.yaml": None, PREVIEWS: Submodule()}, {7}),
    "the new preview's folder is a file": ({f"{PREVIEWS}/preview-2": "x"}, {5, 7}),
    "the new preview's folder is a symlink": ({f"{PREVIEWS}/preview-2": Link(target="../../../base")}, {5, 7}),
    "the new preview's folder is a submodule": ({f"{PREVIEWS}/preview-2": Submodule()}, {5, 7}),
    "the new preview's file is a symlink": ({f"{PREVIEWS}/preview-2/values.yaml": Link(target="/etc/passwd")}, {5, 7}),
}  # fmt: skip


@pytest.mark.parametrize(("files", "codes"), BROKEN_REPOSITORY.values(), ids=BROKEN_REPOSITORY)
def test_a_repository_that_is_broken_is_named_and_left_as_it_is(
    apps: Apps, files: dict[str, Content], codes: set[int]
) -> None:
    apps.commit(files)
    before = apps.refs()
    done = apps.run(*OTHER)
    assert done.code in codes, done.err
    assert "root:" not in done.err
    assert done.error()["message"]
    assert apps.refs() == before


def raw_tree(apps: Apps, entries: list[tuple[str, str, str]]) -> None:
    """Put a tree under overlays/dev/previews that Git's own commands would not write: (mode, name, object)."""
    body = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(sha) for mode, name, sha in entries)
    sha = apps.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=body)
    levels = {"": "main", "overlays": "main:overlays", "overlays/dev": "main:overlays/dev"}
    for name, parent in (("previews", "overlays/dev"), ("dev", "overlays"), ("overlays", "")):
        lines = apps.git("ls-tree", levels[parent]).splitlines()
        kept = [line for line in lines if line.split("\t")[1] != name]
        sha = apps.git("mktree", stdin="\n".join([*kept, f"040000 tree {sha}\t{name}"]) + "\n")
    apps.git("update-ref", "refs/heads/main", apps.git("commit-tree", sha, "-p", "main", "-m", "odd"))


ODD_ENTRIES = ["..", ".", ".git", ".GIT", "", "a/b", "preview-1\n", "keep.yaml"]


@pytest.mark.parametrize("name", ODD_ENTRIES, ids=repr)
def test_tree_entries_that_git_would_not_write_do_no_harm(apps: Apps, tmp_path: Path, name: str) -> None:
    apps.create("preview-1")
    keep = apps.git("rev-parse", f"main:{PREVIEWS}/keep.yaml")
    folder = apps.git("rev-parse", f"main:{PREVIEWS}/preview-1")
    raw_tree(apps, [("100644", "keep.yaml", keep), ("40000", "preview-1", folder), ("40000", name, folder)])
    before = apps.refs()
    for command in (("list",), ("validate",), OTHER):
        done = apps.run(*command)
        assert done.code in {0, 7, 8}, done.err
        assert "Traceback" not in done.err
    if apps.refs() != before:
        assert apps.application("preview-2")["metadata"]["name"] == "preview-2"
    assert not (tmp_path / "application.yaml").exists()


# A working copy that somebody else prepared

CONFIGURATION = {
    "core.fsmonitor": "{script}",
    "core.hooksPath": "{hooks}",
    "core.pager": "{script}",
    "core.editor": "{script}",
    "core.gitProxy": "{script}",
    "core.alternateRefsCommand": "{script}",
    "uploadpack.packObjectsHook": "{script}",
    "filter.evil.smudge": "{script}",
    "filter.evil.clean": "{script}",
    "diff.external": "{script}",
    "remote.origin.uploadpack": "{script}",
    "remote.origin.receivepack": "{script}",
    "remote.origin.vcs": "evil",
    "remote.origin.proxy": "{script}",
    "gpg.program": "{script}",
    "gpg.ssh.program": "{script}",
    "alias.push": "!{script}",
    "alias.fetch": "!{script}",
    "credential.helper": "!{script}",
}


@pytest.mark.parametrize(("key", "value"), CONFIGURATION.items())
def test_a_working_copys_own_configuration_runs_nothing(
    apps: Apps, canary: Canary, tmp_path: Path, key: str, value: str
) -> None:
    clone, script = tmp_path / "clone", canary.script(tmp_path / "evil.sh")
    git(tmp_path, "clone", "--quiet", str(apps.bare), str(clone))
    hooks = (
        "pre-push",
        "reference-transaction",
        "post-checkout",
        "fsmonitor-watchman",
        "pre-commit",
        "post-index-change",
    )
    for hook in hooks:
        write_script(tmp_path / "evil-hooks" / hook, canary.command)
        write_script(clone / ".git/hooks" / hook, canary.command)
    git(clone, "config", key, value.format(script=script, hooks=tmp_path / "evil-hooks"), env={"HOME": "/nonexistent"})
    canary.file.unlink(missing_ok=True)
    done = run(*OTHER, cwd=clone)
    assert done.code in {0, 2}, done.err
    assert canary.is_silent


@pytest.mark.parametrize("path", ["templates", "../templates", "/etc", "a/../../b"])
def test_a_template_folder_out_of_the_repository_is_refused(apps: Apps, path: str) -> None:
    apps.settings(lambda settings: settings.update(templates=path))
    done = apps.run(*OTHER)
    assert done.code == 7 or path == "templates", done.err
    assert "Traceback" not in done.err


def test_a_template_by_symlink_is_not_followed(apps: Apps, tmp_path: Path) -> None:
    (tmp_path / "secret.j2").write_text("leak: true\n", encoding="utf-8")
    apps.settings(lambda settings: settings.update(templates=".starry/templates"))
    apps.commit({".starry/templates/preview/values.yaml.j2": Link(target=str(tmp_path / "secret.j2"))})
    done = apps.run(*OTHER)
    assert done.code == 7 or "leak" not in apps.values("preview-2")
