"""All commands in any order, with people in between, against a model."""

import os
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.batches import AllCommands
from tests.fuzz.model import DOMAIN, MAX_DELETES, PER_OWNER, REGISTRY, TOTAL
from tests.support.repos import Apps, copy_of

SETTINGS = f"""\
version: 1
domain: {DOMAIN}
repoURL: https://github.com/myorg/argocd-apps.git
chart: {{describe: true}}
overlays:
  dev: {{previews: true}}
  stage: {{previews: true}}
  prod: {{previews: false}}
policy:
  quota: {{total: {TOTAL}, perOwner: {PER_OWNER}}}
  images: ["{REGISTRY}/*"]
  gc: {{maxDeletes: {MAX_DELETES}}}
"""
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
STEPS = int(os.environ.get("FUZZ_STEPS", "20"))


@pytest.fixture
def base(apps: Apps) -> Apps:
    """Two overlays that take previews and one that does not, with quotas, caps and allowed images."""
    keep = apps.read("overlays/dev/previews/keep.yaml")
    stage = keep.replace("previews-dev", "previews-stage").replace("overlay: dev", "overlay: stage")
    apps.commit({"starry.yaml": SETTINGS, "overlays/stage/previews/keep.yaml": stage})
    return apps


def test_any_commands_in_any_order_do_what_the_model_says(base: Apps, tmp_path: Path) -> None:
    numbers = count()

    class Machine(AllCommands):
        fresh = staticmethod(lambda: copy_of(base.bare, tmp_path / f"apps-{next(numbers)}.git"))
        totals: ClassVar[dict[str, int]] = {}

    long = "FUZZ_EXAMPLES" in os.environ
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not long,
        database=None,
        phases=(Phase.generate, Phase.shrink) if long else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=profile)
    for what, number in sorted(Machine.totals.items()):
        print(f"{what:40} {number}")  # noqa: T201 - what a long run reports
    assert Machine.totals["commands"] > EXAMPLES * STEPS // 2
