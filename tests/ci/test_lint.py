"""Every pipeline that the project shows or writes, judged by the linters and schemas of those who run pipelines."""

import re
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from docs.commands import commands, options, variable
from docs.generate import pages
from docs.markdown import ROOT
from starry_gitops.scaffold import EXAMPLE, render_pipeline
from tests.ci import gitlab
from tests.ci.github import load
from tests.ci.tools import find, judge
from tests.docs.pages import blocks, starry_words

WORKFLOWS = sorted((ROOT / "examples/github").glob("*.yaml"))
PIPELINES = sorted((ROOT / "examples/gitlab").glob("*.yml"))
COMPONENTS = sorted((ROOT / "templates").glob("*/template.yml"))
_PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
_STEP_CALLER = """\
on: push
permissions: {{}}
jobs:
  all:
    runs-on: ubuntu-24.04
    steps:
      - id: starry
        uses: ./
        with: {{{inputs}}}
      - run: echo "$OUT"
        env:
          OUT: {outputs}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the pipeline that `starry init --ci github` writes."""
    for path, text in render_pipeline("github", EXAMPLE).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return tmp_path


def written(folder: Path) -> list[str]:
    return [str(path) for path in sorted((folder / ".github/workflows").iterdir())]


def snippets(marker: str) -> list[Any]:
    found = [(block.place, block.text) for page in pages() for block in blocks(page) if block.language == "yaml"]
    return [pytest.param(text, id=place) for place, text in found if re.search(marker, text, re.MULTILINE)]


def actionlint(*files: str, cwd: Path | None = None) -> None:
    judge("actionlint", "-shellcheck", find("shellcheck"), "-pyflakes", "", *files, cwd=cwd)


def test_what_init_writes_for_github(repository: Path) -> None:
    actionlint(*written(repository), cwd=repository)
    judge("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *written(repository))
    judge("zizmor", "--offline", "--no-progress", "--persona", "auditor", *written(repository))


def test_the_examples_for_github() -> None:
    files = [str(path) for path in WORKFLOWS]
    actionlint(*files)
    judge("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    judge("zizmor", "--offline", "--no-progress", *files)


def test_the_action(tmp_path: Path) -> None:
    file = str(ROOT / "action.yml")
    judge("check-jsonschema", "--builtin-schema", "vendor.github-actions", file)
    judge("zizmor", "--offline", "--no-progress", "--persona", "auditor", file)
    for number, step in enumerate(load(ROOT / "action.yml")["runs"]["steps"]):
        assert "${{" not in step["run"]
        script = tmp_path / f"{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        judge("shellcheck", "--shell=bash", str(script))


def test_a_caller_of_the_action_is_understood(tmp_path: Path) -> None:
    """actionlint reads the action itself, and holds a call with every input and output to it."""
    action = load(ROOT / "action.yml")
    shutil.copy(ROOT / "action.yml", tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github/workflows").mkdir(parents=True)
    inputs = ", ".join(f"{name}: x" for name in action["inputs"])
    outputs = " ".join(f"${{{{ steps.starry.outputs.{name} }}}}" for name in action["outputs"])
    file = tmp_path / ".github/workflows/call.yaml"
    file.write_text(_STEP_CALLER.format(inputs=inputs, outputs=outputs), encoding="utf-8")
    actionlint(str(file), cwd=tmp_path)


def test_what_init_writes_for_gitlab(tmp_path: Path) -> None:
    (text,) = render_pipeline("gitlab", EXAMPLE).values()
    (tmp_path / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    check_gitlab(tmp_path / ".gitlab-ci.yml", tmp_path)


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_the_examples_for_gitlab(path: Path, tmp_path: Path) -> None:
    check_gitlab(path, tmp_path)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.parent.name)
def test_the_components_for_gitlab(path: Path, tmp_path: Path) -> None:
    head, body = yaml.safe_load_all(path.read_text(encoding="utf-8").replace("$[[ inputs.job-name ]]", "job"))
    inputs = head["spec"]["inputs"]
    assert all(item["description"] for item in inputs.values())
    _, pipeline = gitlab.component(path, **{name: "x" for name, item in inputs.items() if "default" not in item})
    assert pipeline.keys()
    for name, document in (("head", head), ("body", body)):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
    judge("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(tmp_path / "head.yml"))
    check_gitlab(tmp_path / "body.yml", tmp_path)


def check_gitlab(path: Path, folder: Path) -> None:
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    judge("check-jsonschema", *schema, str(path))
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        lines = [*job.get("before_script", []), *job.get("script", [])] if isinstance(job, dict) else []
        if lines:
            script = folder / f"{name.lstrip('.')}.sh"
            script.write_text("\n".join(lines) + "\n", encoding="utf-8")
            # The job's variables are GitLab's to set.
            judge("shellcheck", "--shell=bash", "--exclude=SC2154,SC2153", str(script))


@pytest.mark.parametrize("text", snippets(r"^jobs:|^ *- (id: \w+\n +)?uses:"))
def test_pages_pin_every_action_of_others(text: str) -> None:
    """By commit, with the version beside it; Starry's own version is the reader's to choose."""
    for line in re.findall(r"\buses: (.*)", text):
        assert _PINNED.fullmatch(line) or line.startswith("myorg/starry@"), line


def test_every_pipeline_pins_every_action(repository: Path) -> None:
    for path in [*WORKFLOWS, *map(Path, written(repository)), ROOT / "action.yml"]:
        for line in re.findall(r"\buses: (.*)", path.read_text(encoding="utf-8")):
            assert _PINNED.fullmatch(line), f"{path.name}: {line}"


def test_one_action_has_one_version_everywhere(repository: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*WORKFLOWS, *map(Path, written(repository))]]
    pins = {line for text in texts for line in re.findall(r"\buses: (.*)", text)}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


def test_every_starry_command_of_a_pipeline_parses() -> None:
    """Those of examples/ and of the pages are tested with the documentation."""
    texts = [text for forge in ("github", "gitlab") for text in render_pipeline(forge, EXAMPLE).values()]
    texts += [path.read_text(encoding="utf-8") for path in COMPONENTS]
    scripts = [re.sub(r"(?m)^ *#.*", "", text) for text in texts]
    calls = [words for script in scripts for words in starry_words(script)]
    assert {words[0] for words in calls} == {
        "validate", "review", "sync", "gc", "comment", "create", "delete",
    }  # fmt: skip
    for name, *words in calls:
        command = commands()[name]
        command.make_parser(click.Context(command, help_option_names=["-h", "--help"])).parse_args(words)


def test_every_variable_of_a_step_is_an_option_of_its_command(repository: Path) -> None:
    """A variable that nothing reads would be a mistake that nobody sees."""
    for path in [*WORKFLOWS, *map(Path, written(repository))]:
        for job in load(path)["jobs"].values():
            for step in job["steps"]:
                words = next(starry_words(step.get("run", "")), [])
                names = {name for name in step.get("env", {}) if name.startswith("STARRY_")}
                known = {variable(option) for option in options(commands()[words[0]])} if words else set()
                extra = {"STARRY_GIT_TOKEN", "STARRY_FORGE_TOKEN", "STARRY_REPO"}
                assert names <= known | extra, f"{path.name}: {step['name']}"
