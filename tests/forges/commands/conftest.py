"""The commands on each forge in memory, held to its documentation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forges.commands.stage import Stage
from tests.support import webhook_examples
from tests.support.forges import KINDS, running
from tests.support.repos import Apps


@pytest.fixture(params=KINDS)
def stage(request: pytest.FixtureRequest, apps: Apps, tmp_path: Path) -> Iterator[Stage]:
    """`ada` is Starry, `bob` may write, `carol` may read, `mallory` is a stranger."""
    webhook_examples.require()
    with running(request.param) as case:
        for name, level in {"bob": "write", "carol": "read", "mallory": "none"}.items():
            case.state.person(name, level)
        made = Stage(case=case, apps=apps, folder=tmp_path)
        made.set_up()
        yield made
