"""docs/ci.md says what the action, the components and the pipeline's files say."""

import re
from typing import Any

import yaml

from docs.markdown import ROOT
from tests.ci.github import load

PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
ACTION = load(ROOT / "action.yml")


def table(marker: str) -> list[list[str]]:
    """The rows below a marker, their cells without backquotes."""
    rows = PAGE.partition(f"<!-- {marker} -->\n\n")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return [[cell.strip().strip("`").replace("\\|", "|") for cell in row] for row in cells]


def default(item: dict[str, Any]) -> str:
    return "required" if item.get("required") == "true" or "default" not in item else item["default"]


def test_every_input_of_the_action() -> None:
    assert table("inputs") == [[name, item["description"], default(item)] for name, item in ACTION["inputs"].items()]


def test_every_output_of_the_action() -> None:
    assert table("outputs") == [[name, item["description"]] for name, item in ACTION["outputs"].items()]


def test_every_input_of_the_components() -> None:
    wanted = []
    for name in ("preview", "gc"):
        head = (ROOT / f"templates/{name}/template.yml").read_text(encoding="utf-8").partition("\n---\n")[0]
        inputs = yaml.safe_load(head)["spec"]["inputs"]
        wanted += [[name, key, item["description"].strip("`"), default(item)] for key, item in inputs.items()]
    assert table("components") == wanted


def test_every_example_of_the_page_uses_inputs_that_there_are() -> None:
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        for job in load(block).get("jobs", {}).values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("myorg/starry@"):
                    assert step["with"].keys() <= ACTION["inputs"].keys()


def test_the_pipelines_jobs_are_all_named() -> None:
    found = set()
    for path in (ROOT / "templates/ci/github/.github/workflows").iterdir():
        text = re.sub(r"\{% \w+ %\}|\{\{ package \}\}", "", path.read_text(encoding="utf-8"))
        found |= load(text)["jobs"].keys()
    section = PAGE.partition("| job | when |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == found


def test_the_hook_on_the_page_is_the_one_there_is() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert f"- id: {hook['id']}\n" in PAGE
