"""All that `make bench` measures."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.bench import Bench, Row, Section
from benchmarks.growth import growth
from benchmarks.memory import memory
from benchmarks.network import network
from benchmarks.rows import against_git, apply, collect, create, find_all, history, render, size, start_up
from benchmarks.web import web
from benchmarks.writers import contention, writers

PARTS: Mapping[str, Callable[[Bench], Sequence[Row | Section]]] = {
    "start-up": start_up,
    "create": create,
    "size": size,
    "history": history,
    "plain-git": against_git,
    "contention": contention,
    "gc": collect,
    "list": find_all,
    "apply": apply,
    "render": render,
    "web": web,
    "network": network,
    "writers": writers,
    "growth": growth,
    "memory": memory,
}
"""By the name that `--only` takes, in the page's order."""
