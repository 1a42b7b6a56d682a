"""The reference pages are what `make docs` writes, and leave nothing out."""

import re
from collections.abc import Iterator

import click
import pytest

from docs import generate, notes, reference
from docs.commands import commands, options, own_options, program, variable
from docs.generate import pages
from docs.markdown import ROOT
from starry_gitops.cli.program import COMMANDS
from starry_gitops.core.findings import RULES
from starry_gitops.core.settings import Quota
from starry_gitops.gitrepo.environment import TOKEN, USERNAME, git_environment
from starry_gitops.settings import read_settings
from tests.docs.pages import blocks, starry_words

DOCS = ROOT / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_generated_parts_are_up_to_date() -> None:
    assert [page.name for page in generate.stale()] == [], "run make docs"


def test_every_part_stands_on_a_page() -> None:
    everything = "".join(page.read_text(encoding="utf-8") for page in pages())
    assert [name for name in generate.PARTS if f"<!-- generated: {name} -->" not in everything] == []


def test_every_command_has_help_and_an_example_that_parses() -> None:
    text = _text("cli.md")
    for name, command in commands().items():
        section = text.partition(f"## starry {name}\n")[2].partition("\n## ")[0]
        examples = [
            words for line in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for words in starry_words(line)
        ]
        assert examples, name
        assert all(words[0] == name for words in examples), name
        assert command.help, name
        assert "\\b" not in section, name


def test_every_option_and_variable_is_documented() -> None:
    text = _text("cli.md")
    for command in (program(), *commands().values()):
        for option in options(command):
            for word in (*option.opts, variable(option)):
                assert not word or f"`{word}`" in text, f"{command.name} {word}"


def test_every_option_has_a_variable() -> None:
    exempt = {"--version", "--help"}
    for command in (program(), *(commands().values())):
        own = options(command) if command.name == "starry" else own_options(command)
        assert [option.opts for option in own if not variable(option) and not exempt & set(option.opts)] == []


def test_a_variable_can_hold_several_values() -> None:
    create = commands()["create"]
    image = next(option for option in options(create) if option.name == "images")
    context = click.Context(create)
    assert image.value_from_envvar(click.Context(create)) is None
    assert list(image.type.split_envvar_value("backend=v1 frontend1=v1")) == ["backend=v1", "frontend1=v1"]
    assert context.command is create


def test_every_exit_code_and_error_code_is_documented() -> None:
    text = _text("exit-codes.md")
    codes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 130}
    assert set(reference.exit_codes()) == codes
    for code in codes:
        assert f"| **{code}** |" in text
    assert set(reference.error_codes()) == set(notes.ERROR_CODES)
    for code in notes.ERROR_CODES:
        assert f"| `{code}` |" in text


def test_every_settings_key_is_documented() -> None:
    text = _text("settings.md")
    paths = [path for path, _, _ in reference.settings_keys()]
    assert len(paths) > 30
    for path in paths:
        assert f"| `{path}` |" in text


def test_no_default_is_noted_for_a_key_that_is_gone() -> None:
    assert set(notes.DEFAULTS) <= {path for path, _, _ in reference.settings_keys()}


def test_the_noted_defaults_are_the_real_ones() -> None:
    settings = read_settings("domain: starry.mycompany.com\n")
    assert settings.chart.path == "charts/environment"
    assert [(name, overlay.path, overlay.previews) for name, overlay in settings.overlays.items()] == [
        ("dev", "overlays/dev", True),
        ("prod", "overlays/prod", False),
    ]
    assert settings.default_overlay == "dev"
    assert settings.policy.images is None
    assert {settings.policy.quota_over_all, settings.overlays["dev"].quota} == {Quota()}
    assert settings.overlays["dev"].application_namespace == "argocd"
    assert settings.overlays["dev"].destination.server == "https://kubernetes.default.svc"
    backend, frontend, _ = settings.components
    assert dict(backend.env) == {}
    assert dict(frontend.env) == {"VITE_API_BASE_URL": "https://{host.backend}"}


def test_every_rule_is_documented() -> None:
    assert set(notes.RULES) == set(RULES)
    for rule in RULES:
        assert f"\n### {rule}\n" in _text("rules.md")


def test_the_variables_noted_are_the_ones_that_git_gets() -> None:
    noted = {name for key in notes.ENVIRONMENT for name in key.split(", ")}
    assert {TOKEN, USERNAME} <= noted
    names = {name for name in noted if name.startswith("GIT_")}
    hostile = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "GIT_EXEC_PATH", "GIT_PROXY_COMMAND"}
    kept = git_environment(base=dict.fromkeys(names | hostile, "x"))
    assert {name for name in names | hostile if kept.get(name) == "x"} == names


def test_the_contributing_tables_name_what_there_is() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("Where does a new thing go?")[2].partition("\n## ")[0]
    package = ROOT / "starry_gitops"
    for path in re.findall(r"`([\w/]+\.py)`", table):
        assert "NAME" in path or (package / path).exists() or (ROOT / path).exists(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) - {"help", "lint", "types", "imports"}
    for target in targets:
        assert f"`make {target}`" in text, target


def test_every_folder_of_tests_is_explained() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert {name for name in folders if f"`tests/{name}/`" not in text} == set()


def _calls() -> Iterator[tuple[str, list[str]]]:
    for page in pages():
        for block in blocks(page):
            if block.language in {"sh", "yaml"}:
                for words in starry_words(block.text):
                    yield block.place, words
    for file in sorted((ROOT / "examples").rglob("*.y*ml")):
        for words in starry_words(file.read_text(encoding="utf-8")):
            yield file.name, words


@pytest.mark.parametrize(
    ("place", "words"), [pytest.param(*call, id=f"{call[0]} {' '.join(call[1])}") for call in _calls()]
)
def test_commands_that_are_not_run_parse(place: str, words: list[str]) -> None:
    group = program()
    _, rest, _ = group.make_parser(click.Context(group, help_option_names=["-h", "--help"])).parse_args(list(words))
    if not rest:
        return
    assert rest[0] in COMMANDS, place
    command = commands()[rest[0]]
    command.make_parser(click.Context(command, help_option_names=["-h", "--help"])).parse_args(rest[1:])
