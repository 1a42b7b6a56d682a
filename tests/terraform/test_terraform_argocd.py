"""The Argo CD that terraform/ installs is the one that `starry doctor` asks for."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart

from starry_gitops.core.doctor_judge import _SLOW, NEEDED, version_of
from starry_gitops.scaffold import render_scaffold, write_scaffold
from tests.clusters.conftest import Way
from tests.clusters.objects import config_map
from tests.clusters.server import ClusterServer
from tests.scaffold.scaffold_support import ARGOCD_APPS, VARIANTS
from tests.support.repos import Apps
from tests.terraform.stacks import TERRAFORM, Copy, named

ENVIRONMENT = yaml.safe_load((TERRAFORM.parent / "charts" / "environment" / "values.yaml").read_text(encoding="utf-8"))


def values(release: Mapping[str, Any]) -> Any:
    return yaml.safe_load(release["values"][0])


def test_doctor_is_content(argocd, apps: Apps, cluster: ClusterServer, ways: dict[str, Way]):
    configs = values(argocd["development"]["helm_release.argocd"])["configs"]
    cluster.add(config_map("argocd-cm", configs["cm"]), config_map("argocd-cmd-params-cm", configs["params"]))
    way = ways["kubernetes"]
    found = {one["check"]: one for one in apps.run("doctor", *way.args, "--timeout", "5", env=way.env).json()}
    for check in ("tracking", "application-health", "reconciliation", "application-namespaces"):
        assert found[check]["state"] == "ok", found[check]
    assert found["tracking"]["detail"] == "by annotation"
    assert found["reconciliation"]["detail"] == "every 120s"


def test_the_chart_brings_an_argocd_that_is_new_enough():
    described = named("argocd", "variable")["argocd_chart_version"]["description"]
    brought, needed = (version_of(word.strip(".")) for word in described.split() if word.startswith("3."))
    assert needed == NEEDED
    assert brought is not None
    assert brought >= NEEDED


def test_how_often_is_bounded_as_doctor_wants():
    condition = named("argocd", "variable")["reconciliation"]["validation"][0]["condition"]
    assert re.search(rf"\) <= {_SLOW}\b", condition)


def test_previews_in_a_namespace_of_their_own(stacks: Copy, tmp_path: Path):
    copy = stacks.again(tmp_path / "copy")
    shutil.rmtree(copy.folder / "argocd-apps")
    write_scaffold(copy.folder / "argocd-apps", render_scaffold(VARIANTS["own-namespace"]))
    configs = values(copy.plans("argocd")["development"]["helm_release.argocd"])["configs"]
    assert configs["params"] == {"application.namespaces": "preview-apps"}


@pytest.mark.parametrize(("run", "environment"), [("development", "dev"), ("production", "prod")])
def test_the_root_is_the_apps_repositorys_own(argocd, run: str, environment: str):
    given = values(argocd[run]["helm_release.root"])
    rendered = rendered_root(given)
    wanted = yaml.safe_load((ARGOCD_APPS / "root" / f"{environment}.yaml").read_text(encoding="utf-8"))
    wanted["metadata"]["annotations"]["helm.sh/resource-policy"] = "keep"
    assert rendered["Application"] == wanted
    assert "finalizers" not in rendered["Application"]["metadata"]  # it takes nothing with it


def test_the_gateway_is_where_the_environment_chart_looks(argocd):
    given = values(argocd["development"]["helm_release.root"])
    gateway, shared = rendered_root(given)["Gateway"], ENVIRONMENT["ingress"]["tls"]["shared"]["gateway"]
    assert (gateway["metadata"]["name"], gateway["metadata"]["namespace"]) == (shared["name"], shared["namespace"])
    assert [one["name"] for one in gateway["spec"]["listeners"]] == [shared["sectionName"]]
    assert gateway["spec"]["addresses"] == [{"type": "NamedAddress", "value": "starry-previews"}]
    assert gateway["metadata"]["annotations"] == {"networking.gke.io/certmap": "starry-previews"}
    assert gateway["spec"]["listeners"][0]["hostname"] == "*.starry.mycompany.com"


def rendered_root(given: Any) -> dict[str, Any]:
    chart = Chart.load(TERRAFORM / "argocd" / "root")
    files = chart.render(given, name="starry-root", namespace="argocd")
    objects = [one for text in files.values() for one in yaml.safe_load_all(text) if one]
    return {one["kind"]: one for one in objects}
