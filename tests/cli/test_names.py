"""Names: any branch or pull request becomes a valid, stable name that nobody else has."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.cli import run_process
from tests.support.repos import Apps

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
IMAGE = ("--image", "backend=1.0.0")
PULL_REQUESTS = {
    "123": "preview-123",
    "https://github.com/myorg/sample/pull/123": "preview-123",
    "https://github.com/myorg/sample/pull/123/files": "preview-123",
    "https://gitlab.com/group/sub/app/-/merge_requests/45": "preview-45",
    "https://gitea.example.com/org/app/pulls/6": "preview-6",
    "https://bitbucket.org/team/app/pull-requests/7": "preview-7",
    "https://github.example.com:8443/o/r/pull/8": "preview-8",
}
BRANCHES = [
    "main-fix",
    "feature/JIRA-123_new login",
    "dependabot/npm_and_yarn/lodash-4.17.21",
    "Ünïcödé/ветка/分支",
    "a" * 200,
    "-leading-and-trailing-",
    "UPPER",
    "1234",
    "🚀",
    "refs/heads/x",
    "kube-system",
    "argocd",
    "previews-dev",
    "x/../../y",
    "a--b",
    "xn--bcher-kva",
]


@pytest.mark.parametrize(("text", "name"), PULL_REQUESTS.items())
def test_a_pull_request_names_the_preview(apps: Apps, text: str, name: str) -> None:
    assert apps.ok("create", "--pr", text, *IMAGE, "--dry-run")["name"] == name


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "abc", "1.5", "", "https://example.com", "https://github.com/o/r/issues/5", "javascript:alert(1)",
     "99999999999999999999", "\N{FULLWIDTH DIGIT ONE}"],
)  # fmt: skip
def test_what_is_no_pull_request_is_a_usage_error(apps: Apps, text: str) -> None:
    apps.fails(2, "create", "--pr", text, *IMAGE)


def test_a_pull_requests_url_with_a_password_is_refused_and_not_repeated(apps: Apps) -> None:
    before = apps.refs()
    done = apps.run("create", "--pr", "https://user:secretsecret@github.com/o/r/pull/1", *IMAGE)
    assert done.code in {2, 5}
    assert "secretsecret" not in done.err
    assert apps.refs() == before


@pytest.mark.parametrize("branch", BRANCHES)
def test_any_branch_gives_a_name_that_is_valid_everywhere(apps: Apps, branch: str) -> None:
    result = apps.ok("create", "--source-branch", branch, *IMAGE)
    name = result["name"]
    assert LABEL.fullmatch(name)
    assert len(name) <= 53
    assert not re.match(r"(kube|root|previews)-|(argocd|default|starry)$", name)
    for url in result["urls"].values():
        host = url.removeprefix("https://")
        assert len(host) <= 253
        assert all(len(label) <= 63 and LABEL.fullmatch(label) for label in host.split("."))
    assert apps.ok("create", "--source-branch", branch, *IMAGE)["action"] == "unchanged"
    assert apps.annotation(name, "branch") == branch
    assert apps.ok("validate")["ok"] is True


@settings(max_examples=40)
@given(branch=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=120))
def test_whatever_the_branch_the_name_is_valid_or_it_is_a_usage_error(apps: Apps, branch: str) -> None:
    done = apps.run("create", "--source-branch", branch, *IMAGE, "--dry-run")
    assert done.code in {0, 2}, done.err
    if done.code == 0:
        name = done.json()["name"]
        assert LABEL.fullmatch(name)
        assert len(name) <= 53


@pytest.mark.parametrize(
    ("one", "other"),
    [("feature/x", "feature-x"), ("Feature-x", "feature-x"), ("a" * 80, "a" * 81), ("x_y", "x.y"), ("é", "è"),
     ("x/", "x"), ("a b", "a  b")],
)  # fmt: skip
def test_two_branches_never_share_a_preview(apps: Apps, one: str, other: str) -> None:
    names = {apps.ok("create", "--source-branch", branch, *IMAGE)["name"] for branch in (one, other)}
    assert len(names) == 2


@pytest.mark.parametrize("branch", ["Feature/X", "a" * 80, "é"])
def test_a_name_that_had_to_be_changed_ends_in_a_long_hash_of_all_of_it(apps: Apps, branch: str) -> None:
    names = [
        apps.ok("create", "--source-branch", branch + str(number), *IMAGE, "--dry-run")["name"] for number in range(10)
    ]
    assert all(re.search(r"-[0-9a-z]{8,}$", name) for name in names)
    assert len({name.rpartition("-")[2] for name in names}) == 10


def test_a_branchs_name_is_the_same_in_every_process(apps: Apps) -> None:
    command = apps.args("create", "--source-branch", "Feature/X", *IMAGE, "--dry-run")
    made = {run_process(*command, env={"PYTHONHASHSEED": seed}).json()["name"] for seed in ("1", "2")}
    assert len(made) == 1


def test_a_branch_that_is_a_label_is_its_own_name(apps: Apps) -> None:
    assert apps.ok("create", "--source-branch", "login-page", *IMAGE)["name"] == "login-page"


def test_a_name_that_another_branch_has_is_refused(apps: Apps) -> None:
    apps.create("login-page", "--source-branch", "feature/other")
    error = apps.fails(5, "create", "--source-branch", "login-page", *IMAGE)
    assert error["code"] == "name_taken"


def test_a_branch_that_is_called_like_anothers_slug_never_gets_its_preview(apps: Apps) -> None:
    name = apps.ok("create", "--source-branch", "Feature/X", *IMAGE)["name"]
    done = apps.run("create", "--source-branch", name, "--image", "backend=9.9.9")
    assert done.code == 5 or done.json()["name"] != name
    assert apps.values(name)["backend"]["image"]["tag"] == "1.0.0"


def test_a_name_that_another_pull_request_has_is_refused(apps: Apps) -> None:
    apps.ok("create", "--pr", "https://github.com/myorg/one/pull/7", *IMAGE)
    error = apps.fails(5, "create", "--pr", "https://github.com/myorg/two/pull/7", *IMAGE)
    assert error["code"] == "name_taken"


def test_a_given_name_that_another_pull_request_has_is_refused(apps: Apps) -> None:
    apps.create("shop", "--pr", "7")
    assert apps.fails(5, "create", "shop", "--pr", "8", *IMAGE)["code"] == "name_taken"
    assert apps.fails(5, "update", "shop", "--pr", "8", "--image", "backend=2.0.0")["code"] == "name_taken"


def test_number_and_url_of_one_pull_request_are_one_preview(apps: Apps) -> None:
    apps.ok("create", "--pr", "7", *IMAGE)
    assert apps.ok("update", "--pr", "7", "--image", "backend=2.0.0")["name"] == "preview-7"
    result = apps.ok("create", "--pr", "https://github.com/myorg/one/pull/7", "--image", "backend=2.0.0")
    assert result["name"] == "preview-7"
    assert apps.names() == ["preview-7"]


@pytest.mark.parametrize(
    "name",
    ["Preview", "-x", "x-", "a.b", "a_b", "a/b", "../x", "", " ", "x" * 54, "é", "x\n", ".", "..", "a b", "--", "%2e"],
)
def test_a_name_that_is_no_label_is_a_usage_error(apps: Apps, name: str) -> None:
    apps.fails(2, "create", *IMAGE, "--", name)


@pytest.mark.parametrize(
    "name",
    ["default", "kube-system", "kube-public", "kube-anything", "argocd", "starry", "root-dev", "previews-dev",
     "previews-x", "root-x", "external-secrets", "cert-manager", "argocd-image-updater"],
)  # fmt: skip
def test_reserved_names_are_refused(apps: Apps, name: str) -> None:
    error = apps.fails(5, "create", name, *IMAGE)
    assert name in error["message"]


def test_the_overlays_own_argo_cd_namespace_is_reserved(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["dev"].update(argocdNamespace="gitops"))
    apps.fails(5, "create", "gitops", *IMAGE)


@pytest.mark.parametrize("length", [52, 53])
def test_the_longest_names_fit_their_hosts(apps: Apps, length: int) -> None:
    assert apps.create("x" * length)["name"] == "x" * length


def test_a_host_label_made_of_app_and_name_limits_the_name(apps: Apps) -> None:
    apps.settings(lambda settings: settings.update(hostTemplate="{app}-{name}.{domain}"))
    apps.fails(2, "create", "x" * 53, *IMAGE)
    name = apps.ok("create", "--source-branch", "y" * 100, *IMAGE)["name"]
    assert len(f"sample-fe-1-{name}") <= 63


def test_nothing_that_names_the_preview_is_a_usage_error(apps: Apps) -> None:
    error = apps.fails(2, "create", *IMAGE)
    assert "--pr" in error["message"] + error["hint"]


def test_a_name_is_unique_over_overlays_that_share_a_cluster(apps: Apps) -> None:
    apps.settings(lambda settings: settings["overlays"]["prod"].update(previews=True))
    apps.create("preview-1")
    error = apps.fails(5, "create", "preview-1", *IMAGE, "--overlay", "prod")
    assert error["code"] == "name_taken"
