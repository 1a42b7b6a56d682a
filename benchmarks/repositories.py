"""Makes large apps repositories quickly: a real one with one real preview, which `git fast-import` then multiplies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sandbox import STARRY, Sandbox

PREVIEWS = "overlays/dev/previews"
FILES = ("application.yaml", "values.yaml")
_SAMPLE = "sample-0"
_COMMITTER = "Benchmark <benchmark@example.com>"
_WEB = 'web:\n  admins: ["*@example.com"]\n'
_EXPIRY = re.compile(r'(starry\.env/expires-at: ")[^"]*(")')
_CREATED = re.compile(r'(starry\.env/created-at: ")[^"]*(")')


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare apps repository, its state to go back to, and the files of one preview by file name."""

    path: Path
    tip: str
    sample: dict[str, str]

    @property
    def url(self) -> str:
        """As a file URL: Git's own clone takes another way for plain paths, which knows no depth."""
        return self.path.as_uri()

    def files_of(self, name: str) -> dict[str, str]:
        """The sample's files, as if they had been made for a preview of another name."""
        return {file: text.replace(_SAMPLE, name) for file, text in self.sample.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a repository holds."""

    previews: int
    expired: int = 0
    history: int = 0


def make_seed(sandbox: Sandbox) -> Bare:
    """What `starry init` writes, no quotas and people let in, and one preview that `starry create` made."""
    folder, bare = sandbox.folder / "seed", sandbox.folder / "seed.git"
    sandbox.run([STARRY, "init", folder, "--domain", "previews.example.com", "--repo-url", "https://git.example.com/a"])
    settings = folder / "starry.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("  quota:")]
    settings.write_text("".join([*kept, _WEB]), encoding="utf-8")
    sandbox.run(["git", "init", "--quiet", "--bare", bare])
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message=Set up"],
        ["push", "--quiet", str(bare), "HEAD:refs/heads/main"],
    ):
        sandbox.run(["git", *arguments], cwd=folder)
    images = ["--image", "backend=1.0.0", "--image", "frontend1=1.0.0", "--image", "frontend2=1.0.0"]
    sandbox.run([STARRY, "create", _SAMPLE, *images, "--owner", "benchmark", "--ttl", "4h", "--repo", bare])
    show = {file: sandbox.run(["git", "show", f"main:{PREVIEWS}/{_SAMPLE}/{file}"], cwd=bare).out for file in FILES}
    return Bare(bare, _tip(sandbox, bare), show)


def multiply(sandbox: Sandbox, seed: Bare, name: str, shape: Shape) -> Bare:
    """A copy of the seed with as many previews and commits as the shape says, packed by `git gc`."""
    bare = sandbox.folder / f"{name}.git"
    sandbox.run(["git", "clone", "--quiet", "--bare", seed.path, bare])
    stream = b"".join(_stream(seed, shape))
    sandbox.run(["git", "fast-import", "--quiet"], cwd=bare, given=stream)
    sandbox.run(["git", "gc", "--quiet"], cwd=bare)
    return Bare(bare, _tip(sandbox, bare), seed.sample)


def reset(sandbox: Sandbox, bare: Bare) -> None:
    """Takes the branch back to where it was: each run starts from the same commit."""
    sandbox.run(["git", "update-ref", "refs/heads/main", bare.tip], cwd=bare.path)


def preview_name(number: int) -> str:
    """The name of one of the previews."""
    return f"preview-{number:05d}"


def _tip(sandbox: Sandbox, bare: Path) -> str:
    return sandbox.run(["git", "rev-parse", "refs/heads/main"], cwd=bare).out.strip()


def _stream(seed: Bare, shape: Shape) -> Iterator[bytes]:
    now = datetime.now(UTC).replace(microsecond=0)
    yield b"reset refs/heads/main\nfrom %s\n\n" % seed.tip.encode()
    yield _commit(f"Add {shape.previews} previews", now)
    yield f"D {PREVIEWS}/{_SAMPLE}\n".encode()
    for number in range(shape.previews):
        expires = now + (timedelta(minutes=-10) if number < shape.expired else timedelta(hours=4))
        for file, text in seed.files_of(preview_name(number)).items():
            dated = _EXPIRY.sub(rf"\g<1>{_stamp(expires)}\2", text)
            dated = _CREATED.sub(rf"\g<1>{_stamp(expires - timedelta(hours=4))}\2", dated)
            yield _write(f"{PREVIEWS}/{preview_name(number)}/{file}", dated)
    for number in range(shape.history):
        name = preview_name(number % shape.previews)
        yield _commit(f"preview({name}): update", now)
        yield _write(
            f"{PREVIEWS}/{name}/values.yaml", seed.files_of(name)["values.yaml"].replace("1.0.0", f"1.{number}")
        )


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _commit(message: str, when: datetime) -> bytes:
    text = message.encode()
    header = f"commit refs/heads/main\ncommitter {_COMMITTER} {int(when.timestamp())} +0000\n"
    return header.encode() + b"data %d\n%b\n" % (len(text), text)


def _write(path: str, text: str) -> bytes:
    content = text.encode()
    return b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)
