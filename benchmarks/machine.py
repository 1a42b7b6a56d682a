"""On what the measurements were made: its class, nothing that names it."""

import os
import platform
import sys

from benchmarks.sandbox import Sandbox

# A module's byte code counts as cached when its file is there and belongs to the source as it is.
_COUNT_CACHED = """
import importlib.util, os, starry_gitops.cli.create_command, sys
def is_fresh(module):
    source = getattr(module, "__file__", None) or ""
    if not source.endswith(".py") or getattr(module.__spec__, "origin", "") == "frozen":
        return True
    try:
        with open(importlib.util.cache_from_source(source), "rb") as file:
            header = file.read(16)
    except OSError:
        return False
    status = os.stat(source)
    return header[8:16] == (int(status.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (
        status.st_size & 0xFFFFFFFF).to_bytes(4, "little")
modules = [module for name, module in sys.modules.items() if name != "__main__"]
print(len(modules) - sum(map(is_fresh, modules)), len(modules))
"""


def describe(sandbox: Sandbox) -> str:
    """One line: cores, memory, system, how busy it is, versions, byte code."""
    git = sandbox.run(["git", "--version"]).out.removeprefix("git version ").split()[0]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{_cores()} cores, {memory:.0f} GB of memory, {platform.system()} {_kernel()}, load {_load()} before; "
        f"Python {platform.python_version()}, Git {git}; byte code: {_byte_code(sandbox)}."
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _kernel() -> str:
    return ".".join(platform.release().split("-")[0].split(".")[:2])


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _byte_code(sandbox: Sandbox) -> str:
    missing, modules = sandbox.run([sys.executable, "-c", _COUNT_CACHED]).out.split()
    writing = "PYTHONDONTWRITEBYTECODE is set" if sandbox.env.get("PYTHONDONTWRITEBYTECODE") else "written when missing"
    return f"cached ({writing})" if missing == "0" else f"not cached for {missing} of {modules} modules ({writing})"
