"""What a person typed becomes an intent, or what is wrong, field by field, in the words of a page."""

from typing import Any

import pytest
import yaml

from starry_gitops.core.intent import Apply
from starry_gitops.core.settings import Settings
from starry_gitops.errors import PolicyRefusal, UsageFault
from starry_gitops.settings import read_settings
from starry_gitops.web.forms import Fault, change, creation, fault_of, read_act, read_form

SETTINGS: Settings = read_settings(yaml.safe_dump({"version": 1, "domain": "starry.mycompany.com"}).encode())
DEV = SETTINGS.overlay(None)
GOOD = {"pr": "12", "image.backend": "1.0", "ttl": "1h"}


def _created(**typed: str) -> Any:
    return creation(read_form({**GOOD, **typed}, SETTINGS, owner="ada@example.com"), SETTINGS, DEV)


def test_a_good_form() -> None:
    wanted = _created(branch=" feature/x ", pin="1")
    assert isinstance(wanted, Apply)
    assert wanted.source.pull_request is not None
    assert (wanted.source.pull_request.number, wanted.source.branch, wanted.source.name) == (12, "feature/x", None)
    assert (wanted.ttl, wanted.pin, wanted.owner, wanted.only_new) == (60, True, "ada@example.com", True)
    assert [(one.component, one.tag) for one in wanted.images] == [("backend", "1.0")]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"pr": "x"}, "pr", "Pull request 'x' is neither"),
        ({"pr": ""}, "pr", "It has no name"),
        ({"pr": "", "branch": "a\x07b"}, "branch", "Branch holds a control character"),
        ({"name": "No"}, "name", "'No' is not a valid preview name"),
        ({"name": "kube-x"}, "name", "reserved"),
        ({"image.backend": ""}, "image.backend", "backend needs an image"),
        ({"image.backend": "a b"}, "image.backend", "names no valid image"),
        ({"image.frontend1": "repo@sha256:1"}, "image.frontend1", "names no valid image"),
        ({"ttl": "5"}, "ttl", "Time to live: '5' is not a duration"),
        ({"ttl": "9h"}, "ttl", "outside the policy's 5m to 4h"),
        ({"owner": "a\nb"}, "owner", "Owner holds a control character"),
        ({"image.backend": "glpat-0123456789abcdefghij"}, "image.backend", "GitLab token"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(typed: dict[str, str], field: str, says: str) -> None:
    faults = _created(**typed)
    assert isinstance(faults, list)
    assert [fault.field for fault in faults] == [field]
    assert says in faults[0].message
    assert "--" not in faults[0].message + faults[0].hint
    assert "0123456789abcdefghij" not in faults[0].message


def test_all_that_is_wrong_is_told_at_once() -> None:
    faults = _created(pr="x", ttl="x", **{"image.backend": "", "image.frontend2": "a b"})
    assert {fault.field for fault in faults} == {"pr", "ttl", "image.backend", "image.frontend2"}


def test_a_change_of_images() -> None:
    form = read_form({"image.frontend1": "2.0"}, SETTINGS, owner="")
    wanted = change(form, SETTINGS, DEV, "mine")
    assert isinstance(wanted, Apply)
    assert wanted.must_exist
    assert [(one.component, one.tag) for one in wanted.images] == [("frontend1", "2.0")]
    assert change(read_form({}, SETTINGS, owner=""), SETTINGS, DEV, "mine") == [
        Fault(message="No image was given", hint="give at least one tag")
    ]


def test_a_form_can_be_sent_on_as_hidden_fields() -> None:
    form = read_form({**GOOD, "pin": "1", "branch": "x", "name": "y"}, SETTINGS, owner="ada")
    assert read_form(dict(form.fields()), SETTINGS, owner="") == form


def test_what_is_no_button_only_looks() -> None:
    assert [read_act({"act": act}) for act in ("write", "edit", "check", "", "delete")] == [
        "write",
        "edit",
        "check",
        "check",
        "check",
    ]


def test_what_is_typed_has_a_bound() -> None:
    form = read_form({"name": "x" * 100_000}, SETTINGS, owner="")
    assert len(form.name) < 2_000


def test_hints_of_the_command_line_are_left_out() -> None:
    refusal = PolicyRefusal("the preview x exists", hint="leave --only-new out to update it", code="name_taken")
    assert fault_of(refusal) == Fault(field="name", message="The preview x exists")
    usage = UsageFault("--source-branch is empty", hint="choose another NAME")
    assert fault_of(usage) == Fault(message="Branch is empty", hint="choose another name")
