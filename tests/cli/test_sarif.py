"""`-o sarif` of `validate` and `review`: what code scanning reads, held to the published schema."""

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

import pytest

from tests.cli.review_support import propose
from tests.support.repos import PREVIEWS, Apps, Content
from tests.support.sarif import checked_sarif

VALUES = f"{PREVIEWS}/preview-1/values.yaml"
HOSTILE: Mapping[str, Mapping[str, Content]] = {
    "broken YAML": {VALUES: "a: [\n"},
    "no text": {VALUES: b"\xff\xfe\x00"},
    "control characters": {VALUES: 'backend: {image: {tag: "\\e[31m\\n::error::x"}}\n'},
    "another project": {f"{PREVIEWS}/preview-1/application.yaml": "kind: Application\n"},
    "odd names": {f"{PREVIEWS}/a b#?%:é/values.yaml": "a: 1\n", f"{PREVIEWS}/-x/y": ""},
    "settings": {"starry.yaml": "version: 9\n"},
    "long": {VALUES: "x: " + "y" * 100_000 + "\n"},
}


@pytest.fixture
def one(apps: Apps) -> Apps:
    apps.create("preview-1")
    return apps


def test_nothing_is_wrong(one: Apps) -> None:
    assert checked_sarif(one.run("validate", "-o", "sarif").out)["results"] == []


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE)
def test_validate(one: Apps, files: Mapping[str, Content]) -> None:
    one.commit(files)
    done = one.run("validate", "-o", "sarif")
    assert done.code == 7
    assert checked_sarif(done.out)["results"]


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE)
def test_review(one: Apps, files: Mapping[str, Content]) -> None:
    proposal = propose(one)
    proposal.head.commit(files)
    found = checked_sarif(proposal.run("-o", "sarif").out)["results"]
    told = proposal.run().json()["findings"]
    assert [(result["ruleId"], result["level"]) for result in found] == [
        (finding["rule"], finding["severity"]) for finding in told
    ]


def test_a_files_name_that_is_no_text(one: Apps) -> None:
    """A URI holds its very bytes."""
    name = f"{PREVIEWS}/preview-1/".encode() + b"\xff %41.md"
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
    head = b"commit refs/heads/main\ncommitter P <p@example.com> 1 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"
    one.git("fast-import", "--quiet", stdin=head + b"M 100644 inline " + quoted + b"\ndata 1\nx\n")
    (result,) = checked_sarif(one.run("validate", "-o", "sarif").out)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == name
