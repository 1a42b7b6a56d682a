"""Who may do what, asked of a real Gitea."""

from dataclasses import dataclass

import pytest

from starry_gitops.errors import AccessDenied, NotFound
from tests.forges.gitea.conftest import ForgeOf
from tests.support.gitea_repository import GiteaRepository
from tests.support.gitea_server import GiteaServer, User


@pytest.fixture(scope="module", params=[True, False], ids=["private", "public"])
def repository(gitea: GiteaServer, request: pytest.FixtureRequest) -> GiteaRepository:
    return gitea.new_repository("backend", private=request.param)


@pytest.fixture(scope="module")
def private(gitea: GiteaServer) -> GiteaRepository:
    return gitea.new_repository("backend", private=True)


@pytest.mark.parametrize("permission", ["read", "write", "admin"])
def test_collaborator(repository: GiteaRepository, forge_of: ForgeOf, permission: str):
    user = repository.user("bob", permission)
    assert forge_of(repository).permission(user.name) == permission


def test_owner(repository: GiteaRepository, forge_of: ForgeOf):
    assert forge_of(repository).permission(repository.owner.name) == "admin"


def test_name_in_other_case(private: GiteaRepository, forge_of: ForgeOf):
    assert forge_of(private).permission(private.user("bob", "write").name.upper()) == "write"


def test_stranger(gitea: GiteaServer, private: GiteaRepository, forge_of: ForgeOf):
    assert forge_of(private).permission(gitea.user("stranger").name) == "none"


def test_stranger_of_a_public_repository(gitea: GiteaServer, forge_of: ForgeOf):
    public = gitea.new_repository("backend")
    assert forge_of(public).permission(gitea.user("stranger").name) == "read"


def test_who_was_removed(private: GiteaRepository, forge_of: ForgeOf):
    bob = private.user("bob", "admin")
    private.call("DELETE", f"/collaborators/{bob.name}")
    assert forge_of(private).permission(bob.name) == "none"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "nobody", "../../../user", "a/b", "a%2fb", "a?b#c", "ä", "x" * 500, "\n"]
)
def test_no_user(private: GiteaRepository, forge_of: ForgeOf, name: str):
    assert forge_of(private).permission(name) == "none"


def test_missing_repository(gitea: GiteaServer, forge_of: ForgeOf):
    with pytest.raises(NotFound):
        forge_of("nobody/nothing", by=gitea.admin).permission("bob")


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation with a repository and one team, which has one member."""

    keeper: User
    member: User
    repository: GiteaRepository
    team: int


def organisation(gitea: GiteaServer, permission: str, *, private: bool = True) -> Organisation:
    keeper, member = gitea.user("keeper"), gitea.user("member")
    name = gitea.organisation("org", keeper)
    repository = gitea.new_repository("backend", private=private, owner=keeper, organisation=name)
    units = {"repo.code": permission, "repo.pulls": permission, "repo.issues": permission}
    body = {"name": "team", "permission": permission, "includes_all_repositories": True, "units_map": units}
    team = int(gitea.call("POST", f"/orgs/{name}/teams", body, token=keeper.token)["id"])
    gitea.call("PUT", f"/teams/{team}/members/{member.name}", token=keeper.token)
    return Organisation(keeper=keeper, member=member, repository=repository, team=team)


@pytest.mark.parametrize("permission", ["read", "write", "admin"])
@pytest.mark.parametrize("private", [True, False])
def test_member_of_a_team(gitea: GiteaServer, forge_of: ForgeOf, permission: str, private: bool):
    org = organisation(gitea, permission, private=private)
    forge = forge_of(org.repository)
    assert forge.permission(org.member.name) == permission
    assert forge.permission(org.keeper.name) == "admin"
    assert forge.permission(gitea.user("stranger").name) == ("none" if private else "read")
    gitea.call("DELETE", f"/teams/{org.team}/members/{org.member.name}", token=org.keeper.token)
    assert forge.permission(org.member.name) == ("none" if private else "read")


def test_collaborator_in_a_team(gitea: GiteaServer, forge_of: ForgeOf):
    org = organisation(gitea, "read")
    org.repository.permit(org.member, "write")
    assert forge_of(org.repository).permission(org.member.name) == "write"


def test_team_without_the_code(gitea: GiteaServer, forge_of: ForgeOf):
    org = organisation(gitea, "write")
    body = {"name": "team", "permission": "read", "units_map": {"repo.issues": "write"}}
    gitea.call("PATCH", f"/teams/{org.team}", body, token=org.keeper.token)
    assert forge_of(org.repository).permission(org.member.name) == "none"


def test_team_of_other_repositories(gitea: GiteaServer, forge_of: ForgeOf):
    org = organisation(gitea, "write")
    name = org.repository.path.partition("/")[0]
    body = {"name": "elsewhere", "permission": "write", "units_map": {"repo.code": "write"}}
    team = gitea.call("POST", f"/orgs/{name}/teams", body, token=org.keeper.token)
    other = gitea.user("other")
    gitea.call("PUT", f"/teams/{team['id']}/members/{other.name}", token=org.keeper.token)
    assert forge_of(org.repository).permission(other.name) == "none"


def test_team_with_a_token_that_may_not_look_into_it(gitea: GiteaServer, forge_of: ForgeOf):
    org = organisation(gitea, "write")
    forge = forge_of(org.repository, token=gitea.token(org.keeper, ["read:repository"]))
    with pytest.raises(AccessDenied) as caught:
        forge.permission(org.member.name)
    assert "read:organization" in caught.value.hint
    scoped = forge_of(org.repository, token=gitea.token(org.keeper, ["read:repository", "read:organization"]))
    assert scoped.permission(org.member.name) == "write"


def test_who_may_ask(gitea: GiteaServer, private: GiteaRepository, forge_of: ForgeOf):
    bob, admin = private.user("bob", "write"), private.user("carol", "admin")
    assert forge_of(private, by=admin).permission(bob.name) == "write"
    assert forge_of(private, by=bob).permission(bob.name) == "write"
    with pytest.raises(AccessDenied) as caught:
        forge_of(private, by=bob).permission(admin.name)
    assert "administrator" in caught.value.hint


def test_me(gitea: GiteaServer, private: GiteaRepository, forge_of: ForgeOf):
    bob = private.user("bob", "write")
    assert forge_of(private, by=bob).me() == bob.name
    scoped = gitea.token(bob, ["read:repository", "write:issue"])
    assert forge_of(private, token=scoped).me() == ""


def test_me_without_a_token(gitea: GiteaServer, forge_of: ForgeOf):
    public = gitea.new_repository("backend")
    assert forge_of(public.path).me() == ""


def test_me_with_a_wrong_token(gitea: GiteaServer, forge_of: ForgeOf):
    public = gitea.new_repository("backend")
    with pytest.raises(AccessDenied):
        forge_of(public, token="1" * 40).me()
