"""A pull request on the Gitea of the tests, and the pipelines' jobs that tell it of its preview."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starry_gitops.core.comment import is_sticky
from tests.ci import github, gitlab
from tests.ci.programs import Programs
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import User
from tests.support.repos import Apps

_BRANCHES = itertools.count(1)
Component = tuple[GiteaRepository, User, User]
"""A component's repository; who may comment and set statuses there, and who may only read."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An apps repository and an open pull request whose title and branch are hostile."""

    apps: Apps
    repository: GiteaRepository
    bot: User
    reader: User
    number: int
    branch: str
    programs: Programs
    work: Path

    @property
    def url(self) -> str:
        return f"{self.repository.page}/pulls/{self.number}"

    @property
    def commit(self) -> str:
        return str(self.repository.pull_request(self.number)["head"]["sha"])

    def sticky(self) -> str:
        """The text of Starry's only comment; "" without one."""
        found = [text for _, text in self.repository.comments(self.number) if is_sticky(text)]
        assert len(found) <= 1
        return found[0] if found else ""

    def close(self) -> None:
        self.repository.close(self.number)

    def github(self, flow: Any, name: str, action: str, token: str) -> github.Job:
        head = {"sha": self.commit, "ref": self.branch, "repo": {"full_name": "myorg/app"}}
        pull = {"number": self.number, "html_url": self.url, "head": head, "user": {"login": "alice"}}
        context = {
            "github": {"event": {"action": action, "pull_request": pull}, "repository": "myorg/app", "token": token},
            "secrets": {"STARRY_GIT_TOKEN": "apps"},
            "needs": {"build": {"outputs": {"tag": "1.0.0"}}},
        }
        job = github.run_job(flow, name, self.work, self.programs.path, context, GITHUB_RUN_NUMBER="9")
        assert job is not None
        assert token not in job.log
        return job

    def gitlab(self, pipeline: Any, name: str, token: str) -> gitlab.Done:
        variables = {
            "CI_MERGE_REQUEST_PROJECT_URL": self.repository.page,
            "CI_MERGE_REQUEST_IID": str(self.number),
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": self.branch,
            "CI_COMMIT_SHA": self.commit,
            "CI_COMMIT_SHORT_SHA": self.commit[:8],
            "CI_PIPELINE_IID": "9",
            "GITLAB_USER_LOGIN": "alice",
            "STARRY_FORGE_TOKEN": token,
        }
        done = gitlab.run_job(pipeline, name, self.work, self.programs.path, variables)
        assert token not in done.log
        return done


def make_scene(component: Component, apps: Apps, programs: Programs, work: Path) -> Scene:
    """The apps repository knows the component's forge, and the pull request is open."""
    repository, bot, reader = component
    apps.settings(
        lambda known: known.update(
            forge={"kind": "gitea", "apiURL": repository.server.api_url},
            sync={"repositories": {"be": {"url": repository.page, "component": "backend"}}},
        )
    )
    branch = f"feature/{next(_BRANCHES)}-$(touch${{IFS}}owned)"
    repository.push_branch(branch)
    return Scene(
        apps=apps,
        repository=repository,
        bot=bot,
        reader=reader,
        number=repository.open_pull_request(branch, title='"; touch owned; $(touch owned) `touch owned`'),
        branch=branch,
        programs=programs,
        work=work,
    )
