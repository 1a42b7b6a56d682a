"""starry.yaml is read strictly: what is wrong is named with file, line, key and the nearest valid key."""

import pytest
from hypothesis import given

from starry_gitops.core.settings import Quota
from starry_gitops.errors import InvalidRepository
from starry_gitops.settings import read_settings
from starry_gitops.settings.kinds import Block, Items
from starry_gitops.settings.table import SETTINGS
from tests.unit.settings_file import EXAMPLE, FULL, IDS, PATHS, dump, full, line_with, refused, with_value
from tests.unit.strategies import documents, texts


def test_the_whole_file_is_read() -> None:
    found = read_settings(FULL)
    assert (found.project, found.default_overlay, found.policy.ttl.maximum) == ("starry", "dev", 240)
    assert found.overlay("dev").domain == "dev.mycompany.com"


def test_the_scaffolds_file_is_read() -> None:
    assert read_settings(EXAMPLE).domain == "starry.mycompany.com"


def test_the_smallest_file_has_the_contracts_defaults() -> None:
    found = read_settings("domain: starry.mycompany.com\n")
    assert (found.project, found.default_overlay, found.templates) == ("starry", "dev", ".starry/templates")
    assert found.host_template == "{app}.{name}.{domain}"
    assert (found.chart.repo_url, found.chart.path, found.chart.value_files) == (
        None,
        "charts/environment",
        ("values.yaml",),
    )
    assert [part.name for part in found.components] == ["backend", "frontend1", "frontend2"]
    assert {name: one.previews for name, one in found.overlays.items()} == {"dev": True, "prod": False}
    ttl, gc = found.policy.ttl, found.policy.gc
    assert (ttl.default, ttl.minimum, ttl.maximum) == (30, 5, 240)
    assert (gc.grace, gc.max_deletes, gc.max_delete_share) == (0, 50, 0.5)
    assert found.policy.images is None
    assert {found.policy.quota_over_all, *(one.quota for one in found.overlays.values())} == {Quota()}


@pytest.mark.parametrize("path", PATHS, ids=IDS)
@pytest.mark.parametrize("wrong", [None, [], {}, ["x", 1], {"x": 1}, -1, 1.5, True, "", "\n", "x y\tz"], ids=repr)
def test_a_value_of_a_wrong_type_or_shape_is_named_on_its_line(path: tuple[str, ...], wrong: object) -> None:
    text = with_value(path, wrong)
    try:
        read_settings(text)
    except InvalidRepository as error:
        assert error.line in line_with(text, path), f"{error.message}\n{text}"  # noqa: PT017
        assert path[-1] in error.message or ".".join(path[:-1]) in error.message  # noqa: PT017
    else:
        assert _allowed(path, wrong), f"{path} took {wrong!r}"


def _allowed(path: tuple[str, ...], value: object) -> bool:
    """The few that are right after all."""
    if path[-1] in {"required", "previews", "describe", "drafts", "autoMerge"}:
        return isinstance(value, bool)
    if path == ("components", "backend", "env") and value == {}:
        return True
    if path[-1] in {"chart", "destination", "policy", "ttl", "quota", "gc", "overAll", "forge", "sync", "web"}:
        return value == {}
    return False


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_a_misspelt_key_is_named_with_the_nearest_one(path: tuple[str, ...]) -> None:
    data = full()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    wrong = f"{path[-1][:-1]}z"
    inner[wrong] = inner.pop(path[-1])
    text = dump(data)
    error = refused(text)
    assert repr(".".join((*path[:-1], wrong))) in error.message
    assert error.line in line_with(text, (*path[:-1], wrong))
    assert path[-1] in error.hint


@given(documents)
def test_any_document_is_settings_or_refused(data: object) -> None:
    try:
        read_settings(dump(data))
    except InvalidRepository as error:
        assert error.message.isprintable()  # noqa: PT017


@given(texts)
def test_any_text_is_settings_or_refused(text: str) -> None:
    for written in (
        text,
        f"domain: {text}\n",
        f"domain: a.example\n{text}: 1\n",
        f"domain: a.example\nrepoURL: '{text}'\n",
    ):
        try:
            read_settings(written)
        except InvalidRepository as error:
            assert "\n" not in error.message  # noqa: PT017


def test_lists_in_the_table_are_never_empty() -> None:
    """An empty list of allowed images would read as all and mean none: it is refused."""
    assert isinstance(SETTINGS.keys["policy"], Block)
    assert isinstance(SETTINGS.keys["policy"].keys["images"], Items)
    assert "empty" in refused(with_value(("policy", "images"), [])).message
