"""upgrade over whatever people make of the files: any style of YAML, any order of events."""

import json
import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.model import ValueEdit
from tests.unit.test_plan_upgrade_people import ELSEWHERE, size, story
from tests.unit.upgrade_story import Story, replaced
from tests.unit.world import image

__all__ = ["story"]


CHART = "chart: {repoURL: 'https://c.example/x', chart: x, targetRevision: '1'}\n"
STYLES: dict[str, Callable[[str], str]] = {
    "CRLF": replaced("\n", "\r\n"),
    "no newline at the end": lambda old: old.rstrip("\n"),
    "four spaces": lambda old: re.sub(r"^( +)", lambda found: found[1] * 2, old, flags=re.MULTILINE),
    "one space": lambda old: re.sub(r"^( +)", lambda found: found[1][: len(found[1]) // 2], old, flags=re.MULTILINE),
    "comments": lambda old: re.sub(r"(.)$", r"\1  # note", old, flags=re.MULTILINE),
    "comments between": lambda old: re.sub(r"^( *)(?=\S)", r"\1# about\n\1", old, flags=re.MULTILINE),
    "blank lines": replaced("\n", "\n\n"),
    "flow style": lambda old: yaml.safe_dump(yaml.safe_load(old), sort_keys=False, default_flow_style=True),
    "flow style within": lambda old: yaml.safe_dump(yaml.safe_load(old), sort_keys=False, default_flow_style=None),
    "sorted": lambda old: yaml.safe_dump(yaml.safe_load(old)),
    "lists not stood in": replaced("    - ", "  - "),
    "a document mark": lambda old: "---\n" + old + "...\n",
    "JSON": lambda old: json.dumps(yaml.safe_load(old), indent=2),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize(("file", "chart"), [("values", ""), ("application", CHART), ("application", "")])
def test_whatever_the_style_the_upgrade_lands_and_loses_no_comment(
    story: Story, style: Callable[[str], str], file: str, chart: str
) -> None:
    story.edit(file, style)
    comments = story.text(file).count("#")
    size(story, "2Gi", "more: {a: [1, 2], b: {}}")
    story.settings(chart + "hostTemplate: '{app}.{name}.x.{domain}'\n", ELSEWHERE)
    answer = story.upgrade()
    assert (answer.outdated, answer.kept, answer.skipped) == (1, (), ())
    assert story.values()["quota"] == {"memory": "2Gi", "cpu": 1}
    assert story.values()["more"] == {"a": [1, 2], "b": {}}
    if not chart:
        assert story.text(file).count("#") >= comments
    assert ("\r\n" in story.text(file)) == (style is STYLES["CRLF"])


LEAVES = st.sampled_from(["1Gi", "2Gi", 1, True, None, "", "1", 1.5, [], {}, ["a"], ["a", "b"], {"x": 1}, [{"x": 1}]])
BLOCKS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), LEAVES | st.dictionaries(st.sampled_from(["p", "q.r"]), LEAVES), max_size=3
)
STEPS = st.one_of(
    st.tuples(st.just("template"), BLOCKS),
    st.tuples(st.just("person"), BLOCKS),
    st.tuples(st.just("upgrade"), st.none()),
    st.tuples(st.just("update"), st.sampled_from(["1.0.0", "2.0.0"])),
    st.tuples(st.just("set"), st.sampled_from(["a", "b"])),
)


def block(content: object) -> Callable[[str], str]:
    """The template, or a file, with other content of its block `quota`."""
    text = f"quota: {json.dumps(content)}\n"
    return lambda old: re.sub(r"^quota:.*?(?=^\S|\Z)", "", old, flags=re.MULTILINE | re.DOTALL) + text


@given(st.lists(STEPS, max_size=7))
@hypothesis_settings(max_examples=25)
def test_whatever_happens_upgrading_twice_is_upgrading_once_and_facts_stay(steps: list[tuple[str, object]]) -> None:
    story = Story()
    story.create()
    facts = story.application()["metadata"]["annotations"]
    for kind, content in steps:
        if kind == "template":
            story.template("values", lambda old, content=content: block(content)(old) + f"# {len(old)}\n")
        elif kind == "person":
            story.edit("values", lambda old, content=content: block(content)(old) + f"# {len(old)}\n")
        elif kind == "update":
            story.create(images=(image(tag=str(content)),), keep_expiry=True)
        elif kind == "set":
            try_set(story, str(content))
        else:
            answer = story.upgrade()
            assert answer.skipped == ()
            assert story.plan().changes == ()
    story.upgrade()
    assert story.application()["metadata"]["annotations"] == facts
    assert story.plan().changes == ()


def try_set(story: Story, key: str) -> None:
    """`--set quota.KEY=7`, where maps lead there."""
    quota = story.values().get("quota")
    if quota is None or (isinstance(quota, dict) and not isinstance(quota.get(key), dict | list)):
        story.create(edits=(ValueEdit(path=("quota", key), value=7),), keep_expiry=True)
