"""Writes a scaffold's files: what is there is kept, nothing is followed out of the folder."""

import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

_NO_LINK: Final = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def write_scaffold(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Writes what is not there yet; what is there stays as it is.

    Each file appears whole or not at all, and no symlink below `root` is followed.

    Returns:
        The paths created, and those kept.

    Raises:
        OSError: a folder on the way is a symlink or not a folder (then nothing was written), or the disk refused.
    """
    root.mkdir(parents=True, exist_ok=True)
    created: list[str] = []
    kept: list[str] = []
    with _opened(os.open(root, os.O_DIRECTORY | os.O_CLOEXEC)) as top:
        contents = {path: _encoded(path, text) for path, text in files.items()}
        for path in contents:
            _check_folders(top, path)
        for path, content in contents.items():
            (created if _write_new(top, path, content) else kept).append(path)
    return created, kept


def _encoded(path: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "not a text that UTF-8 can hold", path) from error


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
        raise OSError(errno.EINVAL, "not a path inside the folder", path)
    return parts


def _check_folders(top: int, path: str) -> None:
    """Raises OSError when a file at `path` would have to go through a symlink or a file; makes nothing."""
    with suppress(FileNotFoundError), _folder(top, path, create=False):
        pass


@contextmanager
def _folder(top: int, path: str, *, create: bool) -> Iterator[int]:
    """The folder that holds `path`, opened step by step so that no step can be a symlink."""
    current = os.dup(top)
    try:
        for name in _parts(path)[:-1]:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=current)
            current = _step(current, name, path)
        yield current
    finally:
        os.close(current)


def _step(current: int, name: str, path: str) -> int:
    """The sub-folder `name`, in exchange for the folder `current`."""
    try:
        below = os.open(name, _NO_LINK, dir_fd=current)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise OSError(error.errno, f"{name!r} is a symlink or not a folder", path) from None
        raise
    os.close(current)
    return below


def _write_new(top: int, path: str, content: bytes) -> bool:
    """Writes one file under a temporary name, then gives it its own; False when something has that name already."""
    name = _parts(path)[-1]
    with _folder(top, path, create=True) as folder:
        if _exists(folder, name):
            return False
        temporary = f".{name}.{secrets.token_hex(6)}"
        try:
            _write(folder, temporary, content)
            # Unlike a rename, a link never replaces what another process has put there meanwhile.
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            return False
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
        return True


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write(folder: int, name: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o666, dir_fd=folder), "wb") as file:
        file.write(content)
