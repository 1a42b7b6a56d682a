"""The `helm` program, where it does not do what is asked: one line says why, and what to do."""

import sys
from pathlib import Path

import pytest

from starry_gitops.errors import InvalidRepository
from starry_gitops.helm import find_engine
from tests.support.hooks import write_script
from tests.support.processes import has_ended


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What a `helm` of this content makes of a rendering, within half a second."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setitem(sys.modules, "helm_python", None)

    def render(body: str) -> InvalidRepository:
        write_script(tmp_path / "bin" / "helm", body)
        with pytest.raises(InvalidRepository) as raised:
            find_engine(seconds=0.5)(tmp_path, {"a": "1" * 200_000}, "preview-1")
        assert raised.value.exit_code == 7
        assert raised.value.message.isprintable()
        assert raised.value.hint
        return raised.value

    return render


def test_a_program_that_hangs_is_ended(refusal, tmp_path: Path):
    """So is what it has started."""
    error = refusal(f"sleep 60 &\necho $$ > {tmp_path}/pid\nexec sleep 60")
    assert error.message == "Helm cannot render preview-1: it has not ended within 0.5 s"
    assert "helm template" in error.hint
    assert has_ended(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_what_a_program_leaves_behind_is_ended(refusal, tmp_path: Path):
    """Whoever holds its output open is waited for."""
    error = refusal(f"sleep 60 &\necho $$ > {tmp_path}/pid")
    assert error.message == "Helm cannot render preview-1: it has not ended within 0.5 s"
    assert has_ended(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_a_program_that_fails_without_a_word(refusal):
    assert refusal("exit 3").message == "Helm cannot render preview-1: exit 3"
    assert refusal("kill -9 $$").message == "Helm cannot render preview-1: exit -9"


def test_what_it_says_is_bounded_and_on_one_line(refusal):
    error = refusal(r"printf 'Error:\033[31m bad\n::error::chart' >&2; yes | head -c 100000 >&2; exit 1")
    assert error.message.startswith("Helm cannot render preview-1: Error: [31m bad ::error::chart")
    assert len(error.message) <= 1_000


def test_output_that_is_no_text(refusal):
    assert refusal(r"printf 'a: \377\n'").message == "Helm cannot render preview-1: its output is no UTF-8"
