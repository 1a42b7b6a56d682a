"""Bare apps repositories for tests: made once by `starry init`, copied for each test, edited as a person would."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.support.basics import git, instant, now, stamp
from tests.support.cli import Result, run

DOMAIN = "starry.mycompany.com"
REPO_URL = "https://github.com/myorg/argocd-apps.git"
PREVIEWS = "overlays/dev/previews"
BACKEND = "us-docker.pkg.dev/myproj/sample-be"


@dataclass(frozen=True, kw_only=True)
class Link:
    """Content of a symbolic link, for `Apps.commit`."""

    target: str


@dataclass(frozen=True, kw_only=True)
class Submodule:
    """A gitlink, for `Apps.commit`."""

    commit: str = "1" * 40


Content = str | bytes | Link | Submodule | None


@dataclass(frozen=True, kw_only=True)
class Apps:
    """A bare apps repository. `url` is what `--repo` gets; tests of transports replace it."""

    bare: Path
    url: str = ""
    branch: str = "main"
    env: Mapping[str, str | None] = field(default_factory=dict)

    def at(self, url: str, **env: str | None) -> "Apps":
        """The same repository, reached through another URL."""
        return replace(self, url=url, env=env)

    # What a user does

    def run(self, *args: str, env: Mapping[str, str | None] | None = None) -> Result:
        """Run `starry` on this repository, with JSON results unless told otherwise."""
        return run(*self.args(*args), env={**self.env, **(env or {})})

    def args(self, *args: str) -> list[str]:
        """`args` completed by the repository and the output format."""
        output = [] if {"-o", "--output"} & set(args) else ["-o", "json"]
        return [*args, "--repo", self.url or str(self.bare), *output]

    def ok(self, *args: str, env: Mapping[str, str | None] | None = None) -> Any:
        """The JSON result of a run that must succeed."""
        done = self.run(*args, env=env)
        assert done.code == 0, f"exit {done.code}\n{done.err}"
        return done.json()

    def fails(self, code: int, *args: str, env: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The error object of a run that must end in `code`, print no result and leave the branch as it was."""
        before = self.refs()
        done = self.run(*args, env=env)
        assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
        assert done.out == ""
        assert self.refs() == before
        error = done.error()
        assert re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", error["code"]), error
        assert error["message"], error
        assert "\n" not in error["message"], error
        assert "hint" in error, error
        return error

    def create(self, name: str, *args: str, tag: str = "1.0.0") -> Any:
        """A preview of the backend alone."""
        return self.ok("create", name, "--image", f"backend={tag}", *args)

    # What the repository holds

    def git(self, *args: str, stdin: bytes | str = b"") -> str:
        """A Git command in the bare repository."""
        return git(self.bare, *args, stdin=stdin)

    def refs(self) -> str:
        """All refs with their objects."""
        return self.git("for-each-ref", "--format=%(refname) %(objectname)")

    def tip(self) -> str:
        """The branch's commit."""
        return self.git("rev-parse", f"refs/heads/{self.branch}")

    def count(self) -> int:
        """How many commits the branch has."""
        return int(self.git("rev-list", "--count", f"refs/heads/{self.branch}"))

    def tree(self, folder: str = "") -> list[str]:
        """Paths of all files at the tip, under a folder."""
        out = self.git("ls-tree", "-r", "-z", "--name-only", f"refs/heads/{self.branch}", *([folder] if folder else []))
        return [path for path in out.split("\0") if path]

    def names(self, overlay: str = "dev") -> list[str]:
        """Folders of previews at the tip."""
        inside = [path.split("/") for path in self.tree(f"overlays/{overlay}/previews/")]
        return sorted({parts[3] for parts in inside if len(parts) > 4})

    def read(self, path: str, revision: str = "") -> str:
        """A file's text."""
        return self.git("show", f"{revision or self.tip()}:{path}") + "\n"

    def application(self, name: str) -> Any:
        """A preview's application.yaml, parsed."""
        return yaml.safe_load(self.read(f"{PREVIEWS}/{name}/application.yaml"))

    def annotation(self, name: str, key: str) -> str | None:
        """One `starry.env/` annotation of a preview."""
        found: str | None = self.application(name)["metadata"]["annotations"].get(f"starry.env/{key}")
        return found

    def values(self, name: str) -> Any:
        """A preview's values.yaml, parsed."""
        return yaml.safe_load(self.read(f"{PREVIEWS}/{name}/values.yaml"))

    def changed(self, revision: str = "") -> dict[str, str]:
        """What a commit changed: path -> status letter (A, M, D)."""
        out = self.git("diff-tree", "-r", "--no-commit-id", "--no-renames", "--name-status", revision or self.tip())
        return {path: status for status, path in (line.split("\t") for line in out.splitlines())}

    def trailers(self, revision: str = "") -> dict[str, str]:
        """The commit message's trailers as Git itself reads them."""
        out = self.git("log", "-1", "--format=%(trailers:only,unfold)", revision or self.tip())
        return dict(line.split(": ", 1) for line in out.splitlines() if line)

    # What a person does

    def commit(self, files: Mapping[str, Content], message: str = "by hand") -> str:
        """Commit files (None deletes) on the branch, as a person's push would; one process."""
        ref = f"refs/heads/{self.branch}"
        head = f"commit {ref}\ncommitter Person <person@example.com> {int(now().timestamp())} +0000\n"
        body = b"".join(_change(path, content) for path, content in files.items())
        script = head.encode() + _data(message.encode()) + f"from {ref}^0\n".encode() + body
        self.git("fast-import", "--quiet", stdin=script)
        return self.tip()

    def edit(self, path: str, change: Callable[[str], str]) -> str:
        """Change one file's text; fails when the change is none."""
        before = self.read(path)
        after = change(before)
        assert after != before, f"the edit of {path} changed nothing"
        return self.commit({path: after})

    def edit_application(self, name: str, change: Callable[[str], str]) -> str:
        """Change a preview's application.yaml."""
        return self.edit(f"{PREVIEWS}/{name}/application.yaml", change)

    def edit_values(self, name: str, change: Callable[[str], str]) -> str:
        """Change a preview's values.yaml."""
        return self.edit(f"{PREVIEWS}/{name}/values.yaml", change)

    def settings(self, change: Callable[[Any], object]) -> str:
        """Change starry.yaml by a function on its parsed content."""
        content = yaml.safe_load(self.read("starry.yaml"))
        change(content)
        return self.commit({"starry.yaml": yaml.safe_dump(content, sort_keys=False)})

    def age(self, *names: str, minutes: int) -> str:
        """Shift previews into the past, as if they had been created that much earlier."""
        shift = timedelta(minutes=minutes)
        paths = [f"{PREVIEWS}/{name}/application.yaml" for name in names]
        return self.commit({path: _shifted(self.read(path), shift) for path in paths})

    def multiply(self, source: str, names: Iterable[str], *, minutes: Callable[[int], int] = lambda _: 0) -> str:
        """Copies of a preview under other names, the i-th aged by `minutes(i)`, in one commit."""
        texts = {kind: self.read(f"{PREVIEWS}/{source}/{kind}.yaml") for kind in ("application", "values")}
        files: dict[str, Content] = {}
        for number, name in enumerate(names):
            application = texts["application"].replace(source, name)
            shifted = _shifted(application, timedelta(minutes=minutes(number)))
            files[f"{PREVIEWS}/{name}/application.yaml"] = shifted
            files[f"{PREVIEWS}/{name}/values.yaml"] = texts["values"].replace(source, name)
        return self.commit(files, "many previews")


def _shifted(application: str, shift: timedelta) -> str:
    pattern = r"(starry\.env/(?:created|expires)-at: [\"']?)([-\d]+T[\d:]+Z)"
    return re.sub(pattern, lambda found: found[1] + stamp(instant(found[2]) - shift), application)


def _change(path: str, content: Content) -> bytes:
    name = _quoted(path)
    match content:
        case None:
            return b"D " + name + b"\n"
        case Submodule(commit=commit):
            return b"M 160000 " + commit.encode() + b" " + name + b"\n"
        case Link(target=text):
            mode, data = b"120000", text.encode()
        case str():
            mode, data = b"100644", content.encode()
        case bytes():
            mode, data = b"100644", content
    return b"M " + mode + b" inline " + name + b"\n" + _data(data)


def _quoted(path: str) -> bytes:
    if "\n" not in path and not path.startswith('"'):
        return path.encode()
    return b'"' + b"".join(b"\\%03o" % byte for byte in path.encode()) + b'"'


def _data(data: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(data), data)


def make_template(folder: Path) -> Path:
    """A bare repository that holds exactly what `starry init` writes, on branch main."""
    work, bare = folder / "work", folder / "apps.git"
    done = run("init", str(work), "--domain", DOMAIN, "--repo-url", REPO_URL)
    assert done.code == 0, done.err
    publish(work, bare)
    git(bare, "gc", "--quiet")  # a few files instead of hundreds: copied for every test
    return bare


def publish(work: Path, bare: Path) -> Path:
    """A bare repository whose branch main is one commit of a folder's files."""
    git(work.parent, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(bare))
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", "--all", "--force")
    git(work, "commit", "--quiet", "--message", "starry init")
    git(work, "push", "--quiet", str(bare), "main")
    return bare


def copy_of(template: Path, target: Path) -> Apps:
    """A test's own copy of a bare repository."""
    shutil.copytree(template, target)
    return Apps(bare=target)
