"""From values to the words on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from starry_gitops.core.settings import TtlPolicy
from starry_gitops.web.htmlviews import diff_files, distance, relative, ttl_bounds, ttl_steps, written

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
DIFF = """\
diff --git a/x/new.yaml b/x/new.yaml
new file mode 100644
--- /dev/null
+++ b/x/new.yaml
@@ -0,0 +1,2 @@
+one: 1
+++ b/two
diff --git a/x/gone.yaml b/x/gone.yaml
deleted file mode 100644
--- a/x/gone.yaml
+++ /dev/null
@@ -1 +0,0 @@
---- a/one
diff --git a/x/same.yaml b/x/same.yaml
--- a/x/same.yaml
+++ b/x/same.yaml
@@ -1,2 +1,2 @@
 a\u2028b: 1
-tag: \u202ex
+tag: y
"""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (-7_260, "2 h 1 min"),
        (86_400, "1 d"),
        (270_000, "3 d 3 h"),
    ],
)
def test_distances(seconds: int, words: str) -> None:
    assert distance(seconds) == words


def test_relative_times() -> None:
    assert relative(NOW + timedelta(minutes=12), NOW) == "in 12 min"
    assert relative(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert relative(NOW, NOW) == "less than a minute ago"
    assert written(NOW) == "2026-01-31 18:00 UTC"


@pytest.mark.parametrize(
    ("policy", "steps"),
    [
        (TtlPolicy(), "5m 10m 15m 20m 30m 45m 1h 1h30m 2h 3h 4h"),
        (TtlPolicy(minimum=7, maximum=7), "7m"),
        (TtlPolicy(minimum=30, maximum=100), "30m 45m 1h 1h30m 1h40m"),
    ],
)
def test_what_the_slider_offers(policy: TtlPolicy, steps: str) -> None:
    assert ttl_steps(policy) == steps.split()
    assert ttl_bounds(policy) == f"{steps.split(maxsplit=1)[0]} to {steps.rsplit(maxsplit=1)[-1]}"


def test_a_diff_file_by_file() -> None:
    new, gone, same = diff_files(DIFF)
    assert (new.path, new.action, new.added, new.removed) == ("x/new.yaml", "new", 2, 0)
    assert (gone.path, gone.action, gone.added, gone.removed) == ("x/gone.yaml", "removed", 0, 1)
    assert (same.path, same.action, same.added, same.removed) == ("x/same.yaml", "changed", 1, 1)
    assert [kind for kind, _ in same.lines] == ["hunk", "same", "cut", "add"]
    assert all(text.isprintable() for _, text in same.lines)


def test_a_long_diff_is_cut_and_still_counted() -> None:
    lines = "".join(f"+line {number}\n" for number in range(3_000))
    (file,) = diff_files(f"diff --git a/x b/x\n+++ b/x\n@@ -0,0 +1,3000 @@\n{lines}")
    assert file.is_cut
    assert file.added == 3_000
    assert len(file.lines) == 2_000


def test_no_diff() -> None:
    assert diff_files("") == []
