"""apply --metrics-file: what became of the list, also when it was refused."""

from pathlib import Path

import pytest

from tests.support.repos import Apps
from tests.unit.exposition import read_exposition

ACTIONS = ("created", "updated", "unchanged", "deleted", "failed", "skipped")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "apply.prom"


def counts(file: Path) -> dict[str, float | None]:
    found = read_exposition(file.read_text(encoding="utf-8"))
    return {action: found.get((f"starry_apply_{action}_previews", ())) for action in ACTIONS}


def exit_code(file: Path) -> float:
    return read_exposition(file.read_text(encoding="utf-8"))["starry_apply_exit_code", ()]


def apply(apps: Apps, tmp_path: Path, file: Path, text: str, *options: str) -> int:
    (tmp_path / "list.yaml").write_text(text, encoding="utf-8")
    return apps.run("apply", "-f", str(tmp_path / "list.yaml"), "--metrics-file", str(file), *options).code


def test_each_entry_is_counted_by_what_became_of_it(apps: Apps, tmp_path: Path, file: Path) -> None:
    apps.create("old-1")
    apps.create("same-1")
    apps.create("other-1")
    listed = """
- {name: same-1, images: {backend: "1.0.0"}}
- {name: other-1, images: {backend: "2.0.0"}}
- {name: new-1, images: {backend: "1.0.0"}}
- {name: Not A Name, images: {backend: "1.0.0"}}
"""
    good = listed.rsplit("- {", 1)[0]
    assert apply(apps, tmp_path, file, good, "--prune", "--selector", "all") == 0
    assert counts(file) == dict(zip(ACTIONS, (1, 1, 1, 1, 0, 0), strict=True))
    assert apply(apps, tmp_path, file, listed, "--keep-going") == 2
    assert counts(file) == dict(zip(ACTIONS, (0, 0, 3, 0, 1, 0), strict=True))
    assert exit_code(file) == 2


def test_a_refusal_is_told_without_counts(apps: Apps, tmp_path: Path, file: Path) -> None:
    assert apply(apps, tmp_path, file, "[]", "--prune", "--selector", "all") == 10
    assert set(counts(file).values()) == {None}
    assert exit_code(file) == 10


def test_a_dry_run_writes_none(apps: Apps, tmp_path: Path, file: Path) -> None:
    assert apply(apps, tmp_path, file, '[{name: a-1, images: {backend: "1"}}]', "--dry-run") == 0
    assert not file.exists()
