"""Bounds, shapes and contradictions in starry.yaml, each named on its line."""

# ruff: noqa: E501 - a table reads best with one case a line

import pytest

from starry_gitops.settings import read_settings
from tests.unit.settings_file import FULL, line_with, refused, with_value


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        (("version",), [1], [0, 2]),
        (("policy", "quota", "total"), [1, 1_000_000], [0, 1_000_001, 1.0]),
        (("policy", "quota", "perOwner"), [1, 1_000_000], [0, 1_000_001]),
        (("policy", "gc", "maxDeletes"), [1, 1_000_000], [0, 1_000_001]),
        (("policy", "gc", "maxDeleteShare"), [0, 1, 0.0, 1.0, 0.25], [-0.1, 1.01, 2]),
        (("policy", "gc", "grace"), ["0m", "366d", "PT1H"], ["367d", "30", 30, "1s", "forever"]),
        (("policy", "ttl", "min"), ["1m", "30m"], ["0m", "31m", 5, "never"]),
        (("policy", "ttl", "max"), ["30m", "366d", "P1D"], ["29m", "367d", "9" * 40 + "m"]),
        (("policy", "ttl", "default"), ["5m", "4h"], ["4m", "241m"]),
        (("domain",), ["a.example", "localhost"], ["A.example", "a..b", ".a", "a.", "-a.b", "a b", "*.a", "a.example\n"]),
        (("hostTemplate",), ["{app}-{name}.{domain}", "{name}.{app}.{domain}"],
         ["{app}.{domain}", "{name}{name}.{domain}", "{app}.{name}", "{app}.{nam}.{domain}", "{app}..{name}.{domain}", "x_{name}.{domain}"]),
        (("overlays", "dev", "path"), ["a", "a/b/c"], ["/a", "a/", "../a", "a/../b", "a//b", ".", "a\\b", "./a"]),
        (("chart", "path"), [".", "charts/a"], ["/", "..", "a/..", ""]),
        (("chart", "valueFiles"), [["a.yaml"]], [["/etc/passwd"], ["../a"], ["$values/x"], [""]]),
        (("templates",), ["t", ".starry/t"], ["/t", "..", "a/../../b"]),
        (("project",), ["a", "a" * 63], ["A", "a" * 64, "a.b", "-a"]),
        (("repoURL",), ["git@github.com:o/r.git", "https://a/b"], ["a b", "a\nb", 'a"b', "é"]),
        (("policy", "images"), [["*"], ["a/*", "b"]], [["a b"], [1]]),
        (("overlays", "dev", "destination", "server"), ["https://1.2.3.4:6443"], ["ftp://x", "x", "https://a b"]),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bounds_and_shapes(path: tuple[str, ...], good: list[object], bad: list[object]) -> None:
    for value in good:
        read_settings(with_value(path, value))
    for value in bad:
        text = with_value(path, value)
        error = refused(text)
        named = line_with(text, path)
        assert error.line in named or error.line in line_with(text, path[:-1]), (error.message, named)


CONTRADICTIONS = {
    "an overlay that does not exist": ("defaultOverlay: dev", "defaultOverlay: prod", "defaultOverlay"),
    "a default TTL below the shortest": ("default: 30m", "default: 1m", "ttl"),
    "server and name at once": ("server: https", "name: c\n      server: https", "destination"),
    "a chart without its repository": ("  repoURL: https://github.com/myorg/environment-helm.git\n", "  chart: x\n", "chart"),
    "a chart and a path": ("  path: .", "  path: .\n  chart: x", "chart"),
    "an unknown host": ("{host.backend}", "{host.nobody}", "SELF"),
    "two overlays, one in the other": (
        "defaultOverlay: dev", "  inner: {path: overlays/dev/inner}\ndefaultOverlay: dev", "inner",
    ),
    "two overlays in one folder": ("defaultOverlay: dev", "  twin: {path: overlays/dev}\ndefaultOverlay: dev", "overlays/dev"),
    "two components of one host": (
        "overlays:\n", "  other: {app: sample-be, image: a/b}\noverlays:\n", "other",
    ),
    "no room for names": ("app: sample-be", f"app: {'a' * 60}", "hostTemplate"),
    "a component that is a block of the chart": ("  backend:\n", "  global:\n", "global"),
    "a duplicate key": ("project: starry\n", "project: starry\nproject: other\n", "project: other"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "named"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_named_on_its_line(old: str, new: str, named: str) -> None:
    text = FULL.replace("{app}.{name}.", "{app}-{name}.") if named == "hostTemplate" else FULL
    assert old in text
    text = text.replace(old, new, 1).replace("{host.backend}", "x" if named == "global" else "{host.backend}")
    error = refused(text)
    assert named in text.splitlines()[error.line - 1], error.message
