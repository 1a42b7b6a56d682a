"""Small disks that can become full: a tmpfs each, whose size is changed while it is in use. Needs root."""

import os
import shutil
import subprocess
import threading
from pathlib import Path


def is_mountable(folder: Path) -> bool:
    """Whether this user may mount a tmpfs here."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return False
    if done.returncode == 0:
        subprocess.run(["umount", folder], capture_output=True, check=True)
    folder.rmdir()
    return done.returncode == 0


class Disk:
    """A mounted tmpfs."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self._size = size
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)

    def squeeze(self, free: int) -> bool:
        """Leaves so many bytes free, in whole pages; false when somebody filled even that meanwhile."""
        with self._lock:
            found = os.statvfs(self.folder)
            used = (found.f_blocks - found.f_bfree) * found.f_frsize
            return self._resize(max(used + free, found.f_frsize))

    def relax(self) -> None:
        """Gives all the room back."""
        with self._lock:
            self._resize(self._size)

    def _resize(self, size: int) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def close(self, *, keep: bool) -> None:
        """Unmounts it; what lay there is moved to a plain folder of the same name when it is to be kept."""
        aside = self.folder.with_name(f"{self.folder.name}.kept")
        if keep:
            shutil.copytree(self.folder, aside, symlinks=True)
        subprocess.run(["umount", self.folder], check=True)
        if keep:
            self.folder.rmdir()
            aside.rename(self.folder)
