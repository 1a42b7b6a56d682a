"""init: the scaffold of an apps repository."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support.basics import git
from tests.support.cli import ROOT, run
from tests.support.repos import DOMAIN, Apps, copy_of, publish

ESSENTIAL = {
    "starry.yaml",
    "root/dev.yaml",
    "root/prod.yaml",
    "base/kustomization.yaml",
    *(
        f"overlays/{env}/{file}"
        for env in ("dev", "prod")
        for file in ("kustomization.yaml", "previews.yaml", "previews/keep.yaml")
    ),
}


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_init_writes_the_scaffold_and_reports_it(tmp_path: Path) -> None:
    folder = tmp_path / "argocd-apps"
    done = run("init", str(folder), "--domain", DOMAIN, "-o", "json")
    assert done.code == 0, done.err
    result = done.json()
    assert set(result) >= {"dir", "created", "kept"}
    assert result["kept"] == []
    assert set(result["created"]) == files_of(folder)
    assert files_of(folder) >= ESSENTIAL
    assert "charts/environment/Chart.yaml" in files_of(folder)


def test_every_file_of_the_scaffold_that_is_yaml_parses(tmp_path: Path) -> None:
    assert run("init", str(tmp_path / "a"), "--domain", DOMAIN).code == 0
    files = [path for path in (tmp_path / "a").rglob("*.yaml") if "charts/environment/templates" not in str(path)]
    assert len(files) > 10
    for path in files:
        assert list(yaml.safe_load_all(path.read_text(encoding="utf-8"))), path


def test_the_domain_is_all_it_must_know(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN).code == 0
    assert yaml.safe_load((folder / "starry.yaml").read_text(encoding="utf-8"))["domain"] == DOMAIN
    assert run("validate", str(folder)).code == 0


def test_without_a_domain_and_a_terminal_it_is_a_usage_error(tmp_path: Path) -> None:
    done = run("init", str(tmp_path / "a"), "-o", "json")
    assert done.code == 2
    assert "--domain" in str(done.error())
    assert not (tmp_path / "a").exists() or files_of(tmp_path / "a") == set()


def test_a_domain_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    for domain in ("not a domain", "https://x.example.com", "-x.com", "a..b", "x.com\nevil: 1", "{{7*7}}.com"):
        assert run("init", str(tmp_path / "a"), "--domain", domain).code == 2, domain


def test_existing_files_are_kept_and_reported(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (folder / "root").mkdir(parents=True)
    (folder / "root/dev.yaml").write_text("mine: true\n", encoding="utf-8")
    result = run("init", str(folder), "--domain", DOMAIN, "-o", "json").json()
    assert result["kept"] == ["root/dev.yaml"]
    assert "root/dev.yaml" not in result["created"]
    assert (folder / "root/dev.yaml").read_text(encoding="utf-8") == "mine: true\n"


def test_init_twice_creates_nothing_the_second_time(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    first = run("init", str(folder), "--domain", DOMAIN, "-o", "json").json()
    second = run("init", str(folder), "--domain", DOMAIN, "-o", "json").json()
    assert second["created"] == []
    assert sorted(second["kept"]) == sorted(first["created"])


def test_init_without_a_folder_writes_where_you_stand(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    assert run("init", "--domain", DOMAIN, cwd=folder).code == 0
    assert (folder / "starry.yaml").is_file()


def test_a_chart_kept_elsewhere_is_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    url = "https://github.com/myorg/environment-chart.git"
    assert run("init", str(folder), "--domain", DOMAIN, "--chart-repo", url).code == 0
    assert not any(path.startswith("charts/") for path in files_of(folder))
    settings = yaml.safe_load((folder / "starry.yaml").read_text(encoding="utf-8"))
    assert settings["chart"]["repoURL"] == url


def test_the_repository_url_goes_where_argo_cd_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    url = "https://gitlab.com/group/argocd-apps.git"
    assert run("init", str(folder), "--domain", DOMAIN, "--repo-url", url).code == 0
    root = yaml.safe_load((folder / "root/dev.yaml").read_text(encoding="utf-8"))
    source = root["spec"]["source"]
    assert (source["repoURL"], source["path"]) == (url, "overlays/dev")
    previews = yaml.safe_load((folder / "overlays/dev/previews.yaml").read_text(encoding="utf-8"))
    assert previews["spec"]["source"]["repoURL"] == url


def test_the_previews_application_reads_manifests_only(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN).code == 0
    previews = yaml.safe_load((folder / "overlays/dev/previews.yaml").read_text(encoding="utf-8"))
    assert previews["metadata"]["name"] == "previews-dev"
    source = previews["spec"]["source"]
    assert source["path"] == "overlays/dev/previews"
    assert source["directory"] == {"recurse": True, "include": "{keep.yaml,*/application.yaml}"}
    assert previews["spec"]["syncPolicy"]["automated"]["prune"] is True


def test_no_file_is_left_with_a_template_marker(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN).code == 0
    outside_charts = [path for path in files_of(folder) if not path.startswith("charts/")]
    for path in outside_charts:
        assert not re.search(r"{%|{{ *\w", (folder / path).read_text(encoding="utf-8")), path


def test_a_pushed_scaffold_takes_its_first_preview(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN).code == 0
    apps = Apps(bare=publish(folder, tmp_path / "apps.git"))
    apps.create("preview-1")
    assert apps.ok("validate")["ok"] is True


def test_without_a_repository_url_argo_cd_reads_where_it_was_cloned_from(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN).code == 0
    apps = Apps(bare=publish(folder, tmp_path / "apps.git"))
    apps.settings(lambda settings: settings.pop("repoURL", None))
    apps.create("preview-1")
    assert apps.application("preview-1")["spec"]["source"]["repoURL"] in {str(apps.bare), apps.bare.as_uri()}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    assert run("init", str(folder), "--domain", DOMAIN, "--dry-run").code == 0
    assert not folder.exists() or files_of(folder) == set()


def test_a_symlink_in_the_way_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "a", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "root").symlink_to(outside)
    run("init", str(folder), "--domain", DOMAIN)
    assert files_of(outside) == set()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = run("init", str(tmp_path / "file"), "--domain", DOMAIN, "-o", "json")
    assert done.code in {1, 2, 6}
    assert str(tmp_path / "file") in done.error()["message"]


def test_the_example_in_the_project_is_what_init_writes_today(template: Path, tmp_path: Path) -> None:
    apps = copy_of(template, tmp_path / "x.git")
    shown = ROOT / "argocd-apps"
    assert set(apps.tree()) >= {path for path in files_of(shown) if not path.startswith("charts/")}


def test_the_scaffold_is_a_repository_git_can_clone(apps: Apps, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(apps.bare), "clone")
    assert (tmp_path / "clone/starry.yaml").is_file()


@pytest.mark.parametrize("name", ["argocd", "kube-system", "starry", "gke-managed-x", "default", "", "Bad Name"])
def test_a_namespace_of_ones_own_is_nobody_elses(tmp_path: Path, name: str) -> None:
    """It would be tracked, and one day deleted, as the previews' own; an empty one is a variable that is not set."""
    done = run(
        "init", str(tmp_path / "apps"), "--domain", "a.example.com", "--application-namespace", name, "-o", "json"
    )
    assert done.code == 2
    assert "namespace" in done.error()["message"].lower()
    assert not (tmp_path / "apps").exists()
