"""Which repository a command works on. Light to import: every command line is read with it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Which repository and branch, how long a contended push may take (seconds), and who commits.

    `propose`: open a pull request instead of pushing to the branch; `auto_merge`: ask the forge to merge it; None is as
    the settings say. `watch` is told each phase that begins, or "" at the end, and how far it is.
    """

    repo: str | None = None
    branch: str | None = None
    timeout: float = 60.0
    dry_run: bool = False
    author: str | None = None
    committer: str | None = None
    sign: bool | None = None
    propose: bool | None = None
    auto_merge: bool | None = None
    watch: Callable[[str, str], None] | None = None
