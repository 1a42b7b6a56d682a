"""Two files of a bare clone that Starry reads and writes itself: a Git process for each would cost more."""

from pathlib import Path

# A name that nobody's own Git configuration has settings for.
REMOTE = "starry-apps"
_PLAIN = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n[remote "{remote}"]\n\turl = "{url}"\n'


def write_config(git_dir: Path, remote: str, url: str, promised: str | None) -> None:
    """The clone's configuration; with `promised` (a filter) Git takes missing objects for ones that the remote has."""
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    text = _PLAIN.format(url=quoted, remote=remote)
    if promised is not None:
        text = text.replace("version = 0", "version = 1")
        text += f"\tpromisor = true\n\tpartialclonefilter = {promised}\n"
    (git_dir / "config").write_text(text)


def has_branch(git_dir: Path, branch: str) -> bool:
    """Whether the clone has the branch, loose or packed."""
    packed = git_dir / "packed-refs"
    names = packed.read_bytes().splitlines() if packed.exists() else []
    ref = f"refs/heads/{branch}"
    return (git_dir / ref).is_file() or any(
        name.endswith(b" " + ref.encode(errors="surrogateescape")) for name in names
    )


def clone_options(branch: str | None, filter_name: str, depth: int | None) -> list[str]:
    """The options of `git clone` for one bare branch: `depth` commits (None: all), as the filter lets through."""
    options = ["--bare", f"--origin={REMOTE}", "--single-branch", "--no-tags", "--no-local", "--template=", "--quiet"]
    if depth is not None:
        options.append(f"--depth={depth}")
    if filter_name:
        options.append(f"--filter={filter_name}")
    if branch is not None:
        options.append(f"--branch={branch}")
    return options
