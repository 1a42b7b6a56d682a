"""The metrics file: its form, what it keeps of the file before it, and what may stand where it shall be written."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.cli.metrics import Gauge, Run, recorded
from starry_gitops.cli.options import Options
from starry_gitops.errors import AccessDenied, StarryError
from tests.unit.exposition import read_exposition

SUCCESS = ("starry_gc_last_success_timestamp_seconds", ())


def options(*, dry_run: bool = False) -> Options:
    return Options(
        repo=None,
        branch=None,
        overlay=None,
        output="table",
        dry_run=dry_run,
        timeout=60.0,
        verbose=0,
        quiet=False,
        log_format="text",
    )


def fail(file: Path, error: BaseException) -> None:
    """A run that ends in an error."""
    with pytest.raises(type(error)), recorded("gc", str(file), options()):
        raise error


@given(label=st.text(), value=st.integers(0, 10**9))
def test_any_label_is_read_back(label: str, value: int) -> None:
    label = label.replace("\r", " ")
    run = Run("apply")
    run.gauges = (Gauge(name="previews", meaning="All of them.", samples=[({"overlay": label}, value)]),)
    found = read_exposition(run.text(now=1.5, succeeded=None))
    assert found["starry_apply_previews", (("overlay", label),)] == value


def test_a_metric_without_a_sample_is_left_out() -> None:
    run = Run("gc")
    run.gauges = (Gauge(name="previews", meaning="All of them.", samples=[]),)
    assert "previews" not in run.text(now=1.0, succeeded=None)


@pytest.mark.parametrize("code", [0, 9])
def test_a_success_is_now(code: int) -> None:
    run = Run("gc")
    run.exit_code = code
    assert read_exposition(run.text(now=20.25, succeeded=10.0))[SUCCESS] == 20.25


def test_a_failure_keeps_the_success_before_it() -> None:
    run = Run("gc")
    run.exit_code = 8
    assert read_exposition(run.text(now=20.0, succeeded=10.0))[SUCCESS] == 10.0
    assert SUCCESS not in read_exposition(run.text(now=20.0, succeeded=None))


@pytest.mark.parametrize(
    ("error", "code"), [(AccessDenied("no"), 6), (KeyboardInterrupt(), 130), (ValueError("a fault of ours"), 1)]
)
def test_every_way_to_end_is_written(tmp_path: Path, error: BaseException, code: int) -> None:
    fail(tmp_path / "gc.prom", error)
    found = read_exposition((tmp_path / "gc.prom").read_text())
    assert found["starry_gc_exit_code", ()] == code
    assert SUCCESS not in found


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (b"starry_gc_last_success_timestamp_seconds 1000\n", 1000.0),
        (b"# HELP x y\nstarry_gc_last_success_timestamp_seconds 1000.125\n", 1000.125),
        (b"starry_gc_last_success_timestamp_seconds 99999999999\n", None),
        (b"starry_gc_last_success_timestamp_seconds 1e3\n", None),
        (b"starry_gc_last_success_timestamp_seconds NaN\n", None),
        (b"starry_gc_last_success_timestamp_seconds +Inf\n", None),
        (b"starry_gc_last_success_timestamp_seconds -5\n", None),
        (b"starry_gc_last_success_timestamp_seconds 1000 7\n", None),
        (b'starry_gc_last_success_timestamp_seconds{a="b"} 1000\n', None),
        (b"  starry_gc_last_success_timestamp_seconds 1000\n", None),
        (b"starry_gc_last_success_timestamp_seconds " + b"9" * 400_000 + b"\n", None),
        (b"starry_apply_last_success_timestamp_seconds 1000\n", None),
        (b"\xff\xfe\0\n", None),
        (b"", None),
        (b"\n" * 1_000_001 + b"starry_gc_last_success_timestamp_seconds 1000\n", None),
    ],
)
def test_the_file_before_is_trusted_in_one_line_only(tmp_path: Path, before: bytes, kept: float | None) -> None:
    file = tmp_path / "gc.prom"
    file.write_bytes(before)
    fail(file, AccessDenied("no"))
    assert read_exposition(file.read_text()).get(SUCCESS) == kept


def test_the_file_is_for_all_to_read_and_alone(tmp_path: Path) -> None:
    file = tmp_path / "gc.prom"
    before = os.umask(0o077)
    try:
        with recorded("gc", str(file), options()):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [file]


def test_a_reader_of_the_old_file_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "gc.prom"
    file.write_text("old\n")
    with file.open() as reader:
        with recorded("gc", str(file), options()):
            pass
        assert reader.read() == "old\n"
    assert file.read_text() != "old\n"


@pytest.mark.parametrize("what", ["folder", "symlink", "dangling", "pipe", "device", "no folder"])
def test_where_no_file_can_be_is_an_error_that_leaves_all_as_it_was(tmp_path: Path, what: str) -> None:
    place = tmp_path / "metrics"
    place.mkdir()
    file = place / "gc.prom"
    match what:
        case "folder":
            file.mkdir()
        case "symlink":
            (tmp_path / "other").write_text("mine\n")
            file.symlink_to(tmp_path / "other")
        case "dangling":
            file.symlink_to(tmp_path / "nowhere")
        case "pipe":
            os.mkfifo(file)
        case "device":
            file = Path(os.devnull)
        case _:
            place.rmdir()
    with pytest.raises(StarryError) as caught, recorded("gc", str(file), options()) as run:
        run.commit = "c0ffee"
    assert caught.value.exit_code == 1
    assert str(file) in caught.value.message
    assert "c0ffee" in caught.value.hint
    assert not place.exists() or [path for path in place.iterdir() if path != file] == []
    assert not (tmp_path / "other").exists() or (tmp_path / "other").read_text() == "mine\n"
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_the_runs_own_failure_comes_first(tmp_path: Path) -> None:
    fail(tmp_path / "nowhere" / "gc.prom", AccessDenied("no"))


def test_neither_a_dry_run_nor_no_file_writes(tmp_path: Path) -> None:
    with recorded("gc", str(tmp_path / "gc.prom"), options(dry_run=True)), recorded("gc", None, options()):
        pass
    assert list(tmp_path.iterdir()) == []
