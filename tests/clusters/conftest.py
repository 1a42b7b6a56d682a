"""A cluster, and a preview that Git knows."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clusters.objects import application
from tests.clusters.server import TOKEN, ClusterServer
from tests.support.cli import Result
from tests.support.repos import PREVIEWS, Apps


@pytest.fixture
def cluster() -> Iterator[ClusterServer]:
    with ClusterServer() as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to ask the cluster: options and variables."""

    name: str
    args: tuple[str, ...]
    env: dict[str, str]


@pytest.fixture
def kubeconfig(cluster: ClusterServer, tmp_path: Path) -> Path:
    """A kubeconfig whose only server is the test's."""
    file = tmp_path / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": cluster.url}}],
        "users": [{"name": "test", "user": {}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    file.write_text(json.dumps(content))
    return file


@pytest.fixture
def ways(cluster: ClusterServer, kubeconfig: Path) -> dict[str, Way]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    argocd = Way(name="argocd", args=("--argocd-server", cluster.url), env={"ARGOCD_AUTH_TOKEN": TOKEN})
    kubernetes = Way(name="kubernetes", args=("--kubeconfig", str(kubeconfig)), env={"PATH": path})
    return {"argocd": argocd, "kubernetes": kubernetes}


@pytest.fixture(params=["argocd", "kubernetes"])
def way(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Way:
    """Each way to ask."""
    return ways[request.param]


@dataclass(kw_only=True)
class Made:
    """A preview that was created: its commit, and the annotations of its Application."""

    apps: Apps
    commit: str
    annotations: dict[str, str]
    name: str = "preview-1"

    def application(self, revision: str | None = "", **changes: Any) -> dict[str, Any]:
        """Its Application as Argo CD shows it once all is well, with changes."""
        shown = self.commit if revision == "" else revision
        return application(self.name, shown, **{"annotations": self.annotations, **changes})

    def wait(self, way: Way, *args: str, seconds: str = "0s") -> Result:
        return self.apps.run(
            "wait", self.name, *way.args, "--wait-timeout", seconds, "--interval", "0.1", "--timeout", "5", *args,
            env=way.env,
        )  # fmt: skip


@pytest.fixture
def made(apps: Apps) -> Made:
    commit = apps.create("preview-1")["commit"]
    return read_made(apps, commit)


def read_made(apps: Apps, commit: str) -> Made:
    text = apps.git("show", f"main:{PREVIEWS}/preview-1/application.yaml")
    annotations = yaml.safe_load(text)["metadata"]["annotations"]
    return Made(apps=apps, commit=commit, annotations=annotations)
