"""What a reviewer must not have to trust: changes that read well and run something else."""

from typing import Any

import yaml

from starry_gitops.core.remove import keep_file
from starry_gitops.settings import read_settings
from tests.support.repos import PREVIEWS, Apps

KEEP = f"{PREVIEWS}/keep.yaml"


def found(apps: Apps) -> list[dict[str, Any]]:
    done = apps.run("validate")
    return done.json()["findings"]


def rules(apps: Apps) -> set[str]:
    return {finding["rule"] for finding in found(apps) if finding["severity"] == "error"}


def test_values_from_a_side_branch_are_named(apps: Apps) -> None:
    apps.create("preview-1")
    apps.edit_application("preview-1", lambda text: text.replace('"HEAD"', '"attack-branch"'))
    (finding,) = found(apps)
    assert finding["rule"] == "sources"
    line = apps.read(finding["file"]).splitlines()[finding["line"] - 1]
    assert "attack-branch" in line


def test_another_repository_is_named_though_the_settings_name_none(apps: Apps) -> None:
    apps.settings(lambda content: content.pop("repoURL", None))
    for name in ("preview-1", "preview-2", "preview-3"):
        apps.create(name)
    url = apps.application("preview-1")["spec"]["source"]["repoURL"]
    apps.edit_application("preview-2", lambda text: text.replace(url, "https://evil.example.net/x.git"))
    (finding,) = found(apps)
    assert (finding["rule"], finding["file"]) == ("sources", f"{PREVIEWS}/preview-2/application.yaml")


def test_another_revision_of_the_chart_is_a_warning(apps: Apps) -> None:
    chart = {"repoURL": "https://github.com/myorg/environment-helm.git"}
    apps.settings(lambda content: content.update(chart=chart))
    apps.create("preview-1")
    apps.settings(lambda content: content.update(chart={**chart, "targetRevision": "v2"}))
    done = apps.run("validate")
    assert done.code == 0
    assert [(item["rule"], item["severity"]) for item in done.json()["findings"]] == [("sources", "warning")]
    apps.ok("update", "preview-1", "--image", "backend=2.0.0")


def test_keep_is_that_one_config_map(apps: Apps) -> None:
    apps.edit(KEEP, lambda text: text.replace("previews-dev-keep", "argocd-rbac-cm"))
    assert rules(apps) == {"layout"}


def test_an_overlay_that_the_repository_does_not_have_needs_no_keep(apps: Apps) -> None:
    apps.settings(lambda content: content["overlays"].update(qa={"path": "overlays/qa"}))
    assert found(apps) == []
    apps.settings(lambda content: content["overlays"].update(qa={"path": "overlays/qa", "previews": True}))
    assert rules(apps) == {"layout"}


def test_keep_holds_no_secret(apps: Apps) -> None:
    apps.edit(KEEP, lambda text: text + '  password: "hunter2"\n')
    assert rules(apps) == {"secrets"}


def test_a_lost_keep_is_restored_as_init_wrote_it(apps: Apps) -> None:
    before = yaml.safe_load(apps.read(KEEP))
    settings = read_settings(apps.read("starry.yaml"))
    assert yaml.safe_load(keep_file(settings.overlay("dev"))) == before
    apps.create("preview-1")
    apps.commit({KEEP: None})
    apps.ok("delete", "preview-1")
    assert yaml.safe_load(apps.read(KEEP)) == before


def test_an_expiry_beyond_the_ttl_is_named(apps: Apps) -> None:
    apps.create("preview-1", "--ttl", "4h")
    apps.edit_application("preview-1", lambda text: text.replace('ttl-minutes: "240"', 'ttl-minutes: "5"'))
    apps.edit_values("preview-1", lambda text: text.replace("ttlMinutes: 240", "ttlMinutes: 5"))
    assert rules(apps) == {"expiry"}


def test_a_finalizer_that_nobody_removes_is_named(apps: Apps) -> None:
    apps.create("preview-1")
    own = "    - resources-finalizer.argocd.argoproj.io\n"
    apps.edit_application("preview-1", lambda text: text.replace(own, own + "    - other.io/hold\n"))
    assert rules(apps) == {"finalizer"}


def test_a_quota_stands_in_the_settings(apps: Apps) -> None:
    apps.create("preview-1")
    apps.create("preview-2")
    apps.settings(lambda content: content["policy"].update(quota={"total": 1}))
    (finding,) = found(apps)
    assert (finding["rule"], finding["file"]) == ("quota", "starry.yaml")
    assert "total" in apps.read("starry.yaml").splitlines()[finding["line"] - 1]


def test_a_chart_at_the_repositorys_root_has_its_schema_too(apps: Apps) -> None:
    apps.settings(lambda content: content.update(chart={"path": "."}))
    apps.commit({"values.schema.json": '{"required": ["nobody-has-this"]}', "values.yaml": "a: 1\n"})
    error = apps.fails(5, "create", "preview-1", "--image", "backend=1.0.0")
    assert error["code"] == "schema"
