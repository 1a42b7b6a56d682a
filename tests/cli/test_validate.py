"""validate: each invariant of an apps repository, with file and line."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.repos import PREVIEWS, REPO_URL, Apps, Link, Submodule

APPLICATION = f"{PREVIEWS}/preview-1/application.yaml"
VALUES = f"{PREVIEWS}/preview-1/values.yaml"


@pytest.fixture
def one(apps: Apps) -> Apps:
    """A repository with two valid previews."""
    apps.ok("create", "preview-1", "--image", "backend=1.0.0", "--image", "frontend1=1.0.0")
    apps.create("preview-2")
    return apps


def findings(apps: Apps) -> list[dict[str, Any]]:
    """What validate finds; it must fail for it."""
    done = apps.run("validate")
    report = done.json()
    assert (done.code, report["ok"]) == (7, False), done.out
    assert set(report) == {"ok", "previews", "findings"}
    for finding in report["findings"]:
        assert set(finding) == {"rule", "severity", "file", "line", "message"}
        assert finding["severity"] in {"error", "warning"}
    return [finding for finding in report["findings"] if finding["severity"] == "error"]


def test_what_starry_writes_is_valid(one: Apps) -> None:
    one.ok("extend", "preview-1", "--pin")
    assert one.ok("validate") == {"ok": True, "previews": 2, "findings": []}


def test_the_scaffold_alone_is_valid(apps: Apps) -> None:
    assert apps.ok("validate") == {"ok": True, "previews": 0, "findings": []}


# What breaks in application.yaml: name -> (text as written, text instead, text that the named line holds).
IN_APPLICATION: dict[str, tuple[str, str, str]] = {
    "another name": ('  name: "preview-1"', '  name: "preview-9"', "name:"),
    "another namespace": ('    namespace: "preview-1"', '    namespace: "preview-9"', "namespace:"),
    "Argo CD's own namespace as destination": ('    namespace: "preview-1"', '    namespace: "argocd"', "namespace:"),
    "another Argo CD namespace": ('  namespace: "argocd"', '  namespace: "kube-system"', "namespace:"),
    "another starry.env": ('starry.env: "preview-1"', 'starry.env: "preview-9"', "starry.env:"),
    "another release": ('releaseName: "preview-1"', 'releaseName: "preview-9"', "releaseName:"),
    "another project": ('project: "starry"', 'project: "default"', "project:"),
    "another cluster": ("https://kubernetes.default.svc", "https://evil.example.com", "server:"),
    "another chart": ('path: "charts/environment"', 'path: "charts/other"', "path:"),
    "another repository": (REPO_URL, "https://github.com/evil/apps.git", "repoURL:"),
    "another preview's values": ("/previews/preview-1/values.yaml", "/previews/preview-2/values.yaml", "preview-2"),
    "another finalizer": ("resources-finalizer.argocd.argoproj.io", "example.com/nothing", ""),
    "a ttl that cannot be read": ('ttl-minutes: "30"', 'ttl-minutes: "soon"', "ttl-minutes"),
    "a ttl that is no text": ('ttl-minutes: "30"', "ttl-minutes: 30", "ttl-minutes"),
    "a ttl beyond the policy": ('ttl-minutes: "30"', 'ttl-minutes: "90000"', ""),
    "an expiry without time": ("expires-at:", "expired-at:", ""),
    "paths of all previews": ("/overlays/dev/previews/preview-1;", "/overlays/dev/previews;", "manifest-generate"),
    "another kind": ("kind: Application", "kind: AppProject", "kind:"),
    "no prune": ("prune: true", "prune: false", ""),
}


@pytest.mark.parametrize(("old", "new", "line"), IN_APPLICATION.values(), ids=IN_APPLICATION)
def test_a_broken_application_is_named_with_file_and_line(one: Apps, old: str, new: str, line: str) -> None:
    one.edit_application("preview-1", lambda text: text.replace(old, new, 1))
    found = findings(one)
    assert {finding["file"] for finding in found} <= {APPLICATION, VALUES}
    lines = one.read(APPLICATION).splitlines()
    named = [lines[finding["line"] - 1] for finding in found if finding["file"] == APPLICATION]
    assert named
    assert any(line in text for text in named), named


IN_VALUES: dict[str, tuple[str, str, str]] = {
    "another ttl": ("ttlMinutes: 30", "ttlMinutes: 60", "ttlMinutes"),
    "a ttl that the chart's schema refuses": ("ttlMinutes: 30", "ttlMinutes: many", "ttlMinutes"),
    "another starry.env": ('starry.env: "preview-1"', 'starry.env: "preview-9"', "starry.env"),
    "another preview's host": ("sample-be.preview-1.", "sample-be.preview-2.", "sample-be"),
    "a host of another domain": (
        "sample-be.preview-1.starry.mycompany.com",
        "sample-be.preview-1.evil.example.com",
        "sample-be",
    ),
    "no tag": ('tag: "1.0.0"', 'tag: ""', "tag"),
    "a tag that is a number": ('tag: "1.0.0"', "tag: 1.5", "tag"),
    "a secret by its name": ("global:", "backend2:\n  env: {DB_PASSWORD: hunter2hunter2}\nglobal:", "DB_PASSWORD"),
    "a secret by its shape": ("global:", "x: {note: ghp_0123456789abcdefghijABCDEFGHIJ012345}\nglobal:", "ghp_"),
}


@pytest.mark.parametrize(("old", "new", "line"), IN_VALUES.values(), ids=IN_VALUES)
def test_broken_values_are_named_with_file_and_line(one: Apps, old: str, new: str, line: str) -> None:
    one.edit_values("preview-1", lambda text: text.replace(old, new, 1))
    lines = one.read(VALUES).splitlines()
    named = [lines[finding["line"] - 1] for finding in findings(one) if finding["file"] == VALUES]
    assert any(line in text for text in named), named


def test_a_secret_is_not_repeated_in_the_finding(one: Apps) -> None:
    one.edit_values("preview-1", lambda text: text + "x: {note: ghp_0123456789abcdefghijABCDEFGHIJ012345}\n")
    assert "ghp_0123456789abcdefghijABCDEFGHIJ012345" not in one.run("validate").out


def in_file(path: str, change: Callable[[str], str]) -> Callable[[Apps], object]:
    return lambda apps: apps.edit(path, change)


STRUCTURE: dict[str, tuple[Callable[[Apps], object], str]] = {
    "a file among the previews": (lambda apps: apps.commit({f"{PREVIEWS}/notes.txt": "x"}), "notes.txt"),
    "a third file in a preview": (lambda apps: apps.commit({f"{PREVIEWS}/preview-1/x.yaml": "a: 1\n"}), "x.yaml"),
    "a folder in a preview": (lambda apps: apps.commit({f"{PREVIEWS}/preview-1/x/y.yaml": "a: 1\n"}), "preview-1"),
    "no application": (lambda apps: apps.commit({APPLICATION: None}), "preview-1"),
    "no values": (lambda apps: apps.commit({VALUES: None}), "preview-1"),
    "a symlink as values": (lambda apps: apps.commit({VALUES: Link(target="../preview-2/values.yaml")}), VALUES),
    "a symlink as preview": (lambda apps: apps.commit({f"{PREVIEWS}/linked": Link(target="preview-1")}), "linked"),
    "a symlink out of the repository": (lambda apps: apps.commit({"docs/x": Link(target="/etc/passwd")}), "docs/x"),
    "a submodule as preview": (lambda apps: apps.commit({f"{PREVIEWS}/sub": Submodule()}), "sub"),
    "not UTF-8": (lambda apps: apps.commit({VALUES: b"a: \xff\xfe\n"}), VALUES),
    "an empty file": (lambda apps: apps.commit({VALUES: ""}), VALUES),
    "two documents": (in_file(APPLICATION, lambda text: text + "---\n" + text), APPLICATION),
    "duplicate keys": (in_file(VALUES, lambda text: text + "\nbackend: {}\n"), VALUES),
    "an anchors bomb": (
        in_file(VALUES, lambda text: text + "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\n"),
        VALUES,
    ),
    "a YAML tag": (in_file(VALUES, lambda text: text + 'x: !!python/object/apply:os.system ["true"]\n'), VALUES),
    "broken YAML": (in_file(APPLICATION, lambda text: text + "\n : : [\n"), APPLICATION),
    "no keep.yaml": (lambda apps: apps.commit({f"{PREVIEWS}/keep.yaml": None}), PREVIEWS),
    "a bad folder name": (lambda apps: apps.multiply("preview-2", ["Preview_3"]), "Preview_3"),
    "a reserved name": (lambda apps: apps.multiply("preview-2", ["kube-system"]), "kube-system"),
}  # fmt: skip


@pytest.mark.parametrize(("break_it", "named"), STRUCTURE.values(), ids=STRUCTURE)
def test_a_broken_layout_is_named(one: Apps, break_it: Callable[[Apps], object], named: str) -> None:
    break_it(one)
    assert any(named in finding["file"] for finding in findings(one))


def test_a_host_used_twice_is_found(one: Apps) -> None:
    one.edit_values("preview-2", lambda text: text.replace("sample-be.preview-2.", "sample-be.preview-1."))
    assert any("sample-be.preview-1.starry.mycompany.com" in finding["message"] for finding in findings(one))


def test_an_image_repository_that_is_not_allowed_is_found(one: Apps) -> None:
    one.settings(lambda settings: settings["policy"].update(images=["ghcr.io/*"]))
    assert {finding["file"].split("/")[3] for finding in findings(one)} == {"preview-1", "preview-2"}


@pytest.mark.parametrize("quota", [{"total": 1}, {"perOwner": 1}])
def test_more_previews_than_the_quota_are_found(apps: Apps, quota: dict[str, int]) -> None:
    for name in ("preview-1", "preview-2"):
        apps.create(name, "--owner", "alice")
    apps.settings(lambda settings: settings["policy"].update(quota=quota))
    report = apps.run("validate").json()
    assert any("quota" in finding["rule"] + finding["message"] for finding in report["findings"])


def test_one_name_in_two_overlays_of_a_cluster_is_found(one: Apps) -> None:
    prod = {
        path.replace("/dev/", "/prod/"): one.read(path).replace("overlays/dev", "overlays/prod")
        for path in (APPLICATION, VALUES)
    }
    one.commit(prod)
    assert any("preview-1" in finding["file"] for finding in findings(one))


def test_every_broken_file_is_named_not_just_the_first(one: Apps) -> None:
    one.edit_application("preview-1", lambda text: text.replace('project: "starry"', 'project: "default"'))
    one.edit_application("preview-2", lambda text: text + "\n : : [\n")
    assert {finding["file"].split("/")[3] for finding in findings(one)} == {"preview-1", "preview-2"}


def test_broken_settings_are_a_finding_with_a_line(one: Apps) -> None:
    text = one.read("starry.yaml")
    one.commit({"starry.yaml": text.replace("domain:", "domian:")})
    (finding, *_) = findings(one)
    assert finding["file"] == "starry.yaml"
    line = text.splitlines().index(next(line for line in text.splitlines() if line.startswith("domain:"))) + 1
    assert finding["line"] == line
