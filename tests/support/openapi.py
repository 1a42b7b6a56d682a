"""Holds requests and answers to GitHub's OpenAPI document, and to its GraphQL schema."""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from tests.support import forge_schemas
from tests.support.forge_server import Asked, Reply

# GitHub gives null for a fork that is gone, and its owner, in lists too, where its document does not say so.
_UNSAID = re.compile(r"(?:\d+/)?head/(?:repo|user): null is not of type \"object\"")
_UNDOCUMENTED = frozenset({304, 401, 403, 404, 422})


class OpenApi:
    """One document, by its name, and where GraphQL is."""

    def __init__(self, name: str, graphql: str) -> None:
        self._name = name
        self._graphql = graphql

    def check_request(self, asked: Asked) -> list[str]:
        """What is wrong with a request."""
        if asked.path == self._graphql:
            return check_query(asked.body)
        operation = find_operation(self._name, asked.method, asked.path)
        if operation is None:
            return ["no documented operation"]
        return [*_check_query(self._name, operation, asked.query), *self._check_body(operation, asked.body)]

    def check_answer(self, asked: Asked, reply: Reply) -> list[str]:
        """What is wrong with an answer."""
        if asked.path == self._graphql:
            return []
        operation = find_operation(self._name, asked.method, asked.path)
        if operation is None:
            return []
        documented = operation["responses"].get(str(reply.status))
        if documented is None:
            if reply.status not in _UNDOCUMENTED:
                return ["no documented status"]
            return check(self._name, {"$ref": "#/components/schemas/basic-error"}, reply.data)
        documented = resolve(self._name, documented)
        content = documented.get("content", {}).get("application/json")
        if content is None:
            return ["there is a body"] if reply.data is not None else []
        found = check(self._name, content["schema"], reply.data)
        return [text for text in found if not _UNSAID.fullmatch(text)]

    def _check_body(self, operation: dict[str, Any], body: Any) -> list[str]:
        documented = operation.get("requestBody")
        if documented is None:
            return [] if body is None else ["no body is documented"]
        schema = documented["content"]["application/json"]["schema"]
        unknown = sorted(set(body or {}) - set(_properties(schema)))
        return [*(f"body: no documented {key}" for key in unknown), *check(self._name, schema, body)]


def find_operation(name: str, method: str, path: str) -> dict[str, Any] | None:
    """The documented operation of a method and a path."""
    for pattern, methods in _paths(name):
        if method.lower() in methods and pattern.fullmatch(path):
            operation: dict[str, Any] = methods[method.lower()]
            return operation
    return None


def example(name: str, key: str) -> Any:
    """A documented example, to be changed at will."""
    return copy.deepcopy(forge_schemas.github_document(name)["components"]["examples"][key]["value"])


def check(name: str, schema: dict[str, Any], data: Any) -> list[str]:
    """How data differs from a schema of the document."""
    found = _validator(name, json.dumps(schema)).iter_errors(data)
    return [f"{'/'.join(str(part) for part in one.instance_path)}: {one.message[:200]}" for one in found]


@cache
def _validator(name: str, text: str) -> Any:
    schema = json.loads(text)
    needed = {key: _schemas(name)[key] for key in _needed(name, schema)}
    whole = {"$schema": "http://json-schema.org/draft-04/schema#", **_converted(schema)}
    return jsonschema_rs.validator_for({**whole, "components": {"schemas": needed}})


def resolve(name: str, value: dict[str, Any]) -> Any:
    """What a reference means."""
    while "$ref" in value:
        found: Any = forge_schemas.github_document(name)
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value


def check_query(body: Any) -> list[str]:
    """What is wrong with a GraphQL query and its variables."""
    if not isinstance(body, dict) or set(body) - {"query", "variables", "operationName"}:
        return ["no GraphQL request"]
    document = parse(body["query"])
    wrong = [error.message for error in validate(graphql_schema(), document)]
    variables = document.definitions[0].variable_definitions or ()
    values = get_variable_values(graphql_schema(), variables, body.get("variables", {}))
    errors = values if isinstance(values, list) else getattr(values, "errors", None) or []
    return [*wrong, *(error.message for error in errors)]


@cache
def graphql_schema() -> GraphQLSchema:
    """GitHub's GraphQL schema."""
    return build_schema(forge_schemas.github_graphql(), assume_valid=True)


@cache
def _paths(name: str) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = forge_schemas.github_document(name)["paths"]
    # What has fewer places to fill in comes first: /user before /{anything}.
    ordered = sorted(paths.items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(path))), methods) for path, methods in ordered]


@cache
def _schemas(name: str) -> dict[str, Any]:
    converted: dict[str, Any] = _converted(forge_schemas.github_document(name)["components"]["schemas"])
    return converted


def _converted(value: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own."""
    if isinstance(value, list):
        return [_converted(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _converted(one) for key, one in value.items() if key not in {"example", "nullable"}}
    if value.get("nullable") is not True:
        return made
    if isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        return made
    return {"anyOf": [made, {"type": "null"}]}


def _needed(name: str, schema: Any) -> set[str]:
    found: set[str] = set()
    waiting = list(_references(schema))
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += _references(_schemas(name)[key])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "$ref" and isinstance(one, str):
                yield one.rpartition("/")[2]
            else:
                yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        found.update(_properties(part))
    return found


def _check_query(name: str, operation: dict[str, Any], query: dict[str, str]) -> list[str]:
    known = [resolve(name, one) for one in operation["parameters"]] if "parameters" in operation else []
    schemas = {one["name"]: one["schema"] for one in known if one["in"] == "query"}
    wrong = [f"query: no documented {key}" for key in query if key not in schemas]
    for key, text in query.items():
        if key in schemas:
            value: Any = int(text) if schemas[key].get("type") == "integer" and text.isdigit() else text
            wrong += [f"query {key}: {message}" for message in check(name, schemas[key], value)]
    return wrong
