"""Hostile templates and chart schemas, each on a branch of its own, and hostile lists for `apply`."""

from pathlib import Path

import pytest

from tests.corpus.cases import Case, branches, content_of, load
from tests.corpus.test_arguments import check_refusal, contains, filled, written
from tests.support.repos import Apps, copy_of

TEMPLATES, SCHEMAS, LISTS = (load("repositories", kind) for kind in ("templates", "schemas", "lists"))
CREATE = ("create", "p", "--image", "backend=1.0.0", "--dry-run")


def named(cases: list[Case]) -> pytest.MarkDecorator:
    ids = [f"{case.why} ({case.entry['file']})" if "file" in case.entry else case.why for case in cases]
    return pytest.mark.parametrize("number", range(len(cases)), ids=ids)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Apps:
    apps = copy_of(template, tmp_path_factory.mktemp("templates") / "apps.git")
    folder = ".starry/templates/preview"
    return branches(
        apps, TEMPLATES, lambda case: {f"{folder}/{case.entry['file']}.yaml.j2": content_of(case.entry["text"])}
    )


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Apps:
    apps = copy_of(template, tmp_path_factory.mktemp("schemas") / "apps.git")
    path = "charts/environment/values.schema.json"
    return branches(apps, SCHEMAS, lambda case: {path: content_of(case.entry["text"])})


@named(TEMPLATES)
def test_each_template_gets_what_it_must(templates: Apps, number: int) -> None:
    case = TEMPLATES[number]
    done = templates.run(*CREATE, "--branch", f"case-{number}")
    if "exit" in case.entry:
        check_refusal(case, done)
        return
    assert done.code == 0, done.err
    assert contains(written(done, "values.yaml"), filled(case.entry["is"])), done.out


@named(SCHEMAS)
def test_each_schema_gets_what_it_must(schemas: Apps, number: int) -> None:
    case = SCHEMAS[number]
    done = schemas.run(*CREATE, "--branch", f"case-{number}")
    if case.entry["exit"]:
        check_refusal(case, done)
    else:
        assert done.code == 0, done.err
    findings = schemas.run("validate", "--branch", f"case-{number}").json()["findings"]
    assert all(item["message"].isprintable() and len(item["message"]) < 500 for item in findings)
    wanted = case.entry.get("finds")
    assert any(wanted in item["message"] for item in findings) if wanted else wanted == "" or not findings, findings


@pytest.fixture(scope="module")
def shared(template: Path) -> Apps:
    """One repository for all lists: dry runs change nothing."""
    return Apps(bare=template)


@named(LISTS)
def test_each_list_gets_what_it_must(shared: Apps, tmp_path: Path, number: int) -> None:
    case = LISTS[number]
    content = content_of(case.entry["text"])
    path = tmp_path / "list"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = shared.refs()
    done = shared.run("apply", "--file", str(path), "--dry-run")
    assert shared.refs() == before
    if "exit" in case.entry:
        check_refusal(case, done)
        return
    assert done.code == 0, done.err
    assert [one["name"] for one in done.json()] == case.entry["is"]


@pytest.mark.parametrize("number", range(len(LISTS)), ids=[case.why for case in LISTS])
def test_nothing_is_pruned_by_a_list_that_is_refused_or_empty(template: Path, tmp_path: Path, number: int) -> None:
    case = LISTS[number]
    if case.entry.get("is"):
        return
    content = content_of(case.entry["text"])
    path = tmp_path / "list"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    apps = Apps(bare=template)
    before = apps.refs()
    done = apps.run("apply", "--file", str(path), "--prune", "--selector", "all", "--force", "--keep-going")
    assert done.code not in {0, 1}, done.out
    assert apps.refs() == before
