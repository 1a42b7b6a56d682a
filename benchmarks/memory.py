"""Peak memory of every command in a very large repository."""

from benchmarks.bench import IMAGES, Bench, Section
from benchmarks.figures import seconds_text
from benchmarks.repositories import preview_name, reset
from benchmarks.sandbox import STARRY


def memory(bench: Bench) -> list[Section]:
    """One run of each command."""
    sizes = bench.sizes
    bare = bench.repository(previews=sizes.most, expired=sizes.expired)
    existing = preview_name(sizes.most - 1)
    commands: tuple[tuple[str, ...], ...] = (
        ("create", "new-preview", *IMAGES),
        ("update", existing, "--image", "backend=3.0.0"),
        ("extend", existing, "--ttl", "3h"),
        ("delete", existing),
        ("apply", "-f", str(bench.list_new())),
        ("show", existing),
        ("history", existing),
        ("render", existing),
        ("list",),
        ("validate",),
        ("gc",),
    )
    lines = []
    for words in commands:
        reset(bench.sandbox, bare)
        done = bench.sandbox.observe([STARRY, *words, "--repo", bare.path, "-o", "json"])
        lines.append((f"`starry {words[0]}`", f"{done.peak_megabytes:.0f} MB", seconds_text(done.seconds)))
    heading = f"Memory, with {sizes.most:,} previews"
    return [Section(heading=heading, columns=("command", "peak memory", "seconds"), lines=lines)]
