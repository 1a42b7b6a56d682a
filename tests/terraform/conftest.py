"""Terraform's stacks, and a cluster that answers as Kubernetes does."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.clusters.conftest import cluster, kubeconfig, ways
from tests.scaffold.scaffold_support import ARGOCD_APPS
from tests.terraform.provider_build import MIRROR
from tests.terraform.stacks import NO_PROGRAM, NO_PROVIDERS, PROGRAM, Copy, copied

__all__ = ["cluster", "kubeconfig", "ways"]


@pytest.fixture(scope="session")
def providers() -> None:
    """Terraform and the schemas; the test is skipped, with the reason, where one is missing."""
    if PROGRAM is None:
        pytest.skip(NO_PROGRAM)
    if not MIRROR.exists():
        pytest.skip(NO_PROVIDERS)


@pytest.fixture(scope="session")
def stacks(providers: None, _session_isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Beside the example's apps repository. Tests do not change it."""
    return copied(tmp_path_factory.mktemp("terraform"), ARGOCD_APPS)


@pytest.fixture(scope="session")
def google(stacks: Copy) -> Mapping[str, Mapping[str, Any]]:
    """What the tests of terraform/google planned, by run."""
    return stacks.plans("google")


@pytest.fixture(scope="session")
def argocd(stacks: Copy) -> Mapping[str, Mapping[str, Any]]:
    """What the tests of terraform/argocd planned, by run."""
    return stacks.plans("argocd")
