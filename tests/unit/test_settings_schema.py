"""The JSON Schema for editors accepts what the reader accepts, and refuses what the reader refuses."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from starry_gitops.errors import InvalidRepository
from starry_gitops.settings import read_settings
from starry_gitops.settings.schema import settings_schema
from tests.support.cli import ROOT
from tests.unit.settings_file import EXAMPLE, FULL, IDS, PATHS, full, with_value
from tests.unit.strategies import SCALARS, labels

VALIDATOR = jsonschema.Draft202012Validator(settings_schema())
# What one value alone cannot show is the reader's to refuse; the schema need not know it.
BEYOND = ("must lie within", "no overlay", "server or name", "needs chart.repoURL", "not both", "lies inside",
          "no component", "is component", "is repository", "no image", "hostTemplate", "the hosts leave",
          "is not within", "whole number of minutes")  # fmt: skip


def load(text: str) -> object:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def accepted_by_schema(data: object) -> bool:
    return not list(VALIDATOR.iter_errors(data))


def fault_of(data: object) -> str | None:
    """The reader's message, or None."""
    try:
        read_settings(json.dumps(data, ensure_ascii=False))
    except InvalidRepository as error:
        return error.message
    return None


def agree(data: object) -> None:
    fault = fault_of(data)
    if fault is None:
        assert accepted_by_schema(data), [error.message for error in VALIDATOR.iter_errors(data)]
    elif not any(words in fault for words in BEYOND):
        assert not accepted_by_schema(data), fault


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(settings_schema())
    text = json.dumps(settings_schema())
    assert text.count('"description"') >= len(PATHS)


def test_the_scaffold_carries_the_same_schema() -> None:
    written = ROOT / "argocd-apps" / ".starry" / "starry.schema.json"
    assert json.loads(written.read_text(encoding="utf-8")) == settings_schema()


@pytest.mark.parametrize("text", [EXAMPLE, FULL, "domain: a.example\n"], ids=["scaffold", "full", "smallest"])
def test_good_files_are_accepted(text: str) -> None:
    assert fault_of(load(text)) is None
    agree(load(text))


WRONG: list[object] = [
    None, [], {}, ["x", 1], {"x": 1}, -1, 0, 1, 1.5, True, "", "x y\tz", "é", "../x", "/x", "a/..", "30m", "4h", "1d",
    "90s", "30s", "PT1H", "PT", "P", "0m", "1e3", "99999999999m", "A", "a", ".", "..", "$x", "https://a", "\u0663",
    "a" * 300,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_reader_and_schema_agree_on_each_key(path: tuple[str, ...]) -> None:
    for value in WRONG:
        agree(load(with_value(path, value)))


@pytest.mark.parametrize(("block", "value"), [("components", "backend"), ("overlays", "dev")])
def test_reader_and_schema_agree_on_chosen_keys(block: str, value: str) -> None:
    data = full()
    inner = data[block][value]
    for key in [
        "a",
        "A",
        "a-b",
        "a_b",
        "-a",
        "a-",
        "a b",
        "",
        "a.b",
        "é",
        "global",
        "ingress",
        "globals",
        "a" * 64,
        "1",
    ]:
        data[block] = {key: inner}
        data["components"]["backend" if block == "components" and key == "backend" else key] = inner
        if block == "overlays":
            data["components"] = full()["components"]
        agree(data)


durations = st.integers(0, 500).flatmap(
    lambda n: st.sampled_from([f"{n}m", f"{n}h", f"{n}d", f"PT{n}M", f"{n}s", str(n)])
)
anything = st.sampled_from([*WRONG, *SCALARS]) | st.text(max_size=8)
mostly: Callable[[st.SearchStrategy[Any]], st.SearchStrategy[Any]] = lambda good: st.one_of(good, good, good, anything)  # noqa: E731
relative = st.lists(labels, min_size=1, max_size=3).map("/".join)
generated = st.fixed_dictionaries(
    {"domain": mostly(st.lists(labels, min_size=1, max_size=3).map(".".join))},
    optional={
        "version": mostly(st.just(1)),
        "project": mostly(labels),
        "repoURL": mostly(st.sampled_from(["git@a:b/c.git", "https://a/b"])),
        "chart": mostly(
            st.fixed_dictionaries(
                {"repoURL": mostly(st.just("https://a/b"))},
                optional={
                    "path": mostly(relative),
                    "targetRevision": mostly(labels),
                    "valueFiles": mostly(st.lists(relative)),
                },
            )
        ),
        "components": mostly(
            st.dictionaries(
                mostly(labels).filter(lambda key: isinstance(key, str)),
                st.fixed_dictionaries(
                    {"app": labels, "image": mostly(relative)}, optional={"required": mostly(st.booleans())}
                ),
                max_size=3,
            )
        ),
        "policy": mostly(
            st.fixed_dictionaries(
                {},
                optional={
                    "ttl": st.fixed_dictionaries(
                        {}, optional={"min": durations, "max": durations, "default": durations}
                    ),
                    "gc": st.fixed_dictionaries(
                        {}, optional={"grace": durations, "maxDeletes": mostly(st.integers(-1, 9))}
                    ),
                    "quota": st.fixed_dictionaries({}, optional={"total": mostly(st.integers(-1, 9))}),
                },
            )
        ),
    },
)


@given(generated)
@settings(max_examples=300)
def test_reader_and_schema_agree_on_generated_files(data: object) -> None:
    agree(data)
