"""Every command that a page shows in a `console` block is run, in order, and must answer as the page says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.markdown import ROOT
from tests.docs.pages import Step, is_empty, pages_with_steps, steps
from tests.support.cli import run
from tests.support.repos import git

URL = "https://github.com/myorg/argocd-apps.git"
# What only a shell understands; all else runs inside this process, which is much faster.
_SHELL = frozenset('|&;<>$`*?\\\n(){}~!"')


class Stage:
    """Where a page's commands run: a folder, and a local repository behind the URL that the pages show."""

    def __init__(self, folder: Path, bare: Path) -> None:
        self.cwd = folder
        git(folder, "config", "--global", f"url.{bare}.insteadOf", URL)
        programs = folder.parent / "bin"
        programs.mkdir()
        starry = programs / "starry"
        starry.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m starry_gitops "$@"\n')
        starry.chmod(0o755)
        self.env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def play(self, step: Step) -> None:
        """Runs one command and holds it to what the page says."""
        if step.command.startswith("cd "):
            self.cwd = self.cwd / step.command[3:]
            return
        code, text = self._run(step.command)
        assert code == step.code, f"{step.place}: {step.command}\nended with {code}:\n{text}"
        plain = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        if step.output:
            wanted = "\n".join(step.output)
            message = f"{step.place}: {step.command}\nthe page says:\n{wanted}\nit printed:\n{plain}"
            assert re.fullmatch(step.pattern(), plain), message
        else:
            assert plain == "", f"{step.place}: {step.command}\nthe page shows no output; it printed:\n{plain}"

    def _run(self, command: str) -> tuple[int, str]:
        if command.startswith("starry ") and not _SHELL & set(command):
            done = run(*shlex.split(command)[1:], cwd=self.cwd, env=self.env)
            return done.code, done.err + done.out
        shell = subprocess.run(
            ["bash", "-c", command],
            cwd=self.cwd,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return shell.returncode, shell.stdout


@pytest.mark.parametrize("page", pages_with_steps(), ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(page: Path, template: Path, tmp_path: Path) -> None:
    folder, bare = tmp_path / "stand", tmp_path / "argocd-apps.git"
    if is_empty(page):
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        stage = Stage(folder, bare)
    else:
        shutil.copytree(template, bare)
        stage = Stage(folder, bare)
        git(folder, "clone", "--quiet", URL)
        stage.cwd = folder / "argocd-apps"
    for step in steps(page):
        stage.play(step)
