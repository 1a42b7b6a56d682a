"""Hooks and canaries: scripts that leave a file behind when they are run."""

from pathlib import Path


def write_script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def write_hook(bare: Path, name: str, body: str) -> Path:
    """A server-side hook of a bare repository."""
    return write_script(bare / "hooks" / name, body)


class Canary:
    """A file that exists as soon as somebody ran what must not be run."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "canary"

    @property
    def command(self) -> str:
        """A shell command that wakes it."""
        return f"touch {self.file}"

    def script(self, path: Path, then: str = "exit 0") -> Path:
        """A script that wakes it."""
        return write_script(path, f"{self.command}\n{then}")

    @property
    def is_silent(self) -> bool:
        """Nobody ran it."""
        return not self.file.exists()
