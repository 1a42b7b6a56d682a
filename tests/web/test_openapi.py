"""The published OpenAPI document is true: schemathesis asks what it promises, and what it does not."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.repos import Apps, copy_of
from tests.web.served import Served, served

WRITES = {"PUT", "POST", "PATCH", "DELETE"}
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
# A stream has no end: test_ops.py reads it. No request for the settings is invalid.
STREAM, SETTINGS = "/api/v1/events", "/api/v1/settings"
CASES = [
    (path, method, mode)
    for path, methods in {
        "/api/v1/previews": ("get", "post"),
        "/api/v1/previews/{name}": ("get", "put", "patch", "delete"),
        "/api/v1/previews/{name}/history": ("get",),
        "/api/v1/previews/{name}/status": ("get",),
        "/api/v1/skipped": ("get",),
        SETTINGS: ("get",),
    }.items()
    for method in methods
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if (path, mode) != (SETTINGS, GenerationMode.NEGATIVE)
]


@pytest.fixture(scope="module")
def page(template, tmp_path_factory) -> Iterator[Served]:
    """A page with one preview. What is sent is a dry run: it stays as it is."""
    apps = copy_of(template, tmp_path_factory.mktemp("openapi") / "apps.git")
    apps.create("alpha", "--owner", "ada")
    before = apps.refs()
    with served(apps) as running:
        yield running
    assert apps.refs() == before


@pytest.fixture(scope="module")
def document(page: Served):
    """The document, as the page gives it."""
    return page.http.get("/api/v1/openapi.json").json()


def test_every_operation_is_documented_and_asked(document) -> None:
    assert document["openapi"].startswith("3.1")
    operations = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert operations == {(path, method) for path, method, _ in CASES} | {(STREAM, "get")}
    for path, method in operations:
        operation = document["paths"][path][method]
        assert operation["summary"]
        problem = operation["responses"]["404"]["content"]
        assert problem == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_answers_are_as_documented(page: Served, document, path: str, method: str, mode: GenerationMode) -> None:
    operation = schemathesis.openapi.from_dict(document)[path][method]

    @settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=SLOW, database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case) -> None:
        if method.upper() in WRITES:
            case.query = {**(case.query or {}), "dryRun": "true"}
        answer = case.call(base_url=page.url)
        assert answer.status_code < 500, answer.text
        # What the words mean, no schema says: a component that is not there, a branch's name.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    ask()


def test_a_name_in_a_path_may_be_anything(apps: Apps, page: Served) -> None:
    for name in ("..", "%2e%2e", "a%2Fb", "%00", "%ff", "-", "x" * 300, "a b", "%F0%9F%92%A9"):
        for suffix in ("", "/history", "/status"):
            answer = page.http.get(f"/api/v1/previews/{name}{suffix}")
            assert answer.status_code in {400, 404}, (name, answer.text)
