"""Any branch becomes one safe, stable name; names that people choose are checked; hosts always fit."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.hosts import MAX_HOST, MAX_LABEL, MAX_NAME, hosts_of, is_host, name_limit
from starry_gitops.core.model import PullRequest, Source
from starry_gitops.core.naming import check_name, check_text, is_reserved, parse_pull_request, resolve_name, slug
from starry_gitops.core.settings import Settings
from starry_gitops.errors import InvalidRepository, PolicyRefusal, UsageFault
from starry_gitops.settings import read_settings
from tests.unit.strategies import labels, texts

SETTINGS = read_settings("domain: starry.mycompany.com\n")
DEV = SETTINGS.overlay("dev")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
branches = texts.filter(bool) | st.from_regex(
    r"(feature|fix|root|kube|previews)[-/][A-Za-z0-9/_.-]{0,80}", fullmatch=True
)


def name_of(branch: str, settings: Settings = SETTINGS) -> str:
    return resolve_name(Source(branch=branch), settings, settings.overlay(None))


@given(branches, st.integers(20, MAX_NAME))
def test_a_slug_is_a_label_within_its_limit(branch: str, limit: int) -> None:
    name = slug(branch, limit=limit)
    assert LABEL.fullmatch(name), name
    assert len(name) <= limit
    assert slug(branch, limit=limit) == name


@given(branches)
def test_a_branchs_name_is_valid_and_never_reserved(branch: str) -> None:
    name = name_of(branch)
    assert check_name(name, SETTINGS, DEV) == name
    assert not is_reserved(name, SETTINGS)


@given(st.sets(branches, min_size=2, max_size=30))
def test_different_branches_have_different_names(found: set[str]) -> None:
    assert len({name_of(branch) for branch in found}) == len(found)


def test_many_like_branches_have_different_names() -> None:
    stems = ["feature/a", "feature-a", "Feature/A", "feature/a/", "feature_a", "feature.a", "fix/é", "a" * 60]
    tails = ["", "-1", "/1", "_1", ".1", " 1", "A", "é"]
    numbered = [f"{stem}{tail}{number or ''}" for stem in stems for tail in tails for number in range(150)]
    assert len({name_of(branch) for branch in numbered}) == len(set(numbered)) > 9_000


def test_a_plain_branch_keeps_its_own_name() -> None:
    assert name_of("fix-login") == "fix-login"


def test_what_had_to_change_ends_in_a_hash() -> None:
    assert re.fullmatch(r"feature-login-[0-9a-f]{12}", name_of("feature/login"))
    assert name_of("feature/login") != name_of("feature-login")


RESERVED = [
    "root-dev", "previews-dev", "kube-system", "kube-public", "default", "argocd", "starry", "external-secrets",
    "cert-manager", "argocd-image-updater",
]  # fmt: skip


@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_name_is_refused_and_a_branch_of_that_name_gets_another(name: str) -> None:
    with pytest.raises(PolicyRefusal) as caught:
        check_name(name, SETTINGS, DEV)
    assert caught.value.code == "name_reserved"
    assert re.fullmatch(rf"preview-{name}-[0-9a-f]{{12}}", name_of(name))


def test_an_overlays_argocd_namespace_is_reserved() -> None:
    settings = read_settings("domain: a.example\noverlays: {dev: {argocdNamespace: gitops, previews: true}}\n")
    with pytest.raises(PolicyRefusal):
        check_name("gitops", settings, settings.overlay("dev"))


@pytest.mark.parametrize(
    "name",
    ["", "-a", "a-", "A", "a_b", "a.b", "a b", "a\n", "é", "a/b", "../a", "a" * 54, "\u0661", ".", "..", "a\x00"],
)
def test_a_name_that_is_no_label_is_a_usage_fault(name: str) -> None:
    with pytest.raises(UsageFault) as caught:
        check_name(name, SETTINGS, DEV)
    assert "\n" not in caught.value.message


@given(texts)
def test_any_name_is_accepted_as_a_label_or_refused(name: str) -> None:
    try:
        assert LABEL.fullmatch(check_name(name, SETTINGS, DEV))
    except (UsageFault, PolicyRefusal) as fault:
        assert fault.message.isprintable()  # noqa: PT017


extras = st.sampled_from(["", "", "a", "a-", "-b", ".", ".pr.", ".env-", "-"])
templates = st.one_of(
    st.builds("{}{{app}}{}{{name}}{}".format, extras, extras, extras),
    st.builds("{}{{name}}{}{{app}}{}".format, extras, extras, extras),
    st.builds("{}{{app}}{}{{app}}{}{{name}}{}".format, extras, extras, extras, extras),
)


@given(templates, st.lists(labels, min_size=1, max_size=3, unique=True), branches)
def test_every_host_fits_whatever_the_template(template: str, apps: list[str], branch: str) -> None:
    components = "".join(f"  c{number}: {{app: '{app}', image: a/b}}\n" for number, app in enumerate(apps))
    written = f'domain: a.example\nhostTemplate: "{template}.{{domain}}"\ncomponents:\n{components}'
    try:
        settings = read_settings(written)
    except InvalidRepository as refused:
        assert "host" in refused.message  # noqa: PT017
        return
    overlay = settings.overlay("dev")
    for name in (name_of(branch, settings), "x" * name_limit(settings, overlay)):
        for host in hosts_of(settings, overlay, name).values():
            assert is_host(host)
            assert len(host) <= MAX_HOST
            assert all(1 <= len(label) <= MAX_LABEL for label in host.split("."))
            assert name in host


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "-a.b", "a-.b", "A.b", "a_b.c", "a.b.", "*.a", "a" * 64, "a\n.b", "é"]
)
def test_what_is_no_host(host: str) -> None:
    assert not is_host(host)


PULL_REQUESTS = {
    "123": 123, "#123": 123, "!7": 7, "https://github.com/o/r/pull/12": 12, "https://github.com/o/r/pull/12/files": 12,
    "https://gitlab.com/g/s/r/-/merge_requests/9": 9, "https://bitbucket.org/o/r/pull-requests/3": 3,
    "https://gitea.example/o/r/pulls/44": 44, "http://localhost:3000/o/r/pulls/44": 44,
    "https://github.com/o/r/pull/12?x=1#discussion_r1": 12,
}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), PULL_REQUESTS.items())
def test_numbers_and_urls_of_pull_requests(text: str, number: int) -> None:
    found = parse_pull_request(text)
    assert found.number == number
    assert (found.url is not None) == text.startswith("http")
    assert resolve_name(Source(pull_request=found), SETTINGS, DEV) == f"preview-{number}"


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "-1", "01", "1.5", "x", "12345678901", "https://github.com/o/r", "https://github.com/o/r/pull/x",
        "ftp://a/o/r/pull/1", "javascript:1", "https://u@a/o/r/pull/1", "https:///o/r/pull/1", "1\n", "\u0661",
        "https://a/o/r/pull/1\n", "https://[/o/r/pull/1", "https://github.com/o/r/pull/1 2", "https://a/o/r/issues/1",
    ],
)  # fmt: skip
def test_what_is_no_pull_request(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_pull_request(text)


@given(texts | st.text("https://[]@:.?#abc/pull0123456789", max_size=40))
def test_any_text_is_a_pull_request_or_a_usage_fault(text: str) -> None:
    try:
        found = parse_pull_request(text)
    except (UsageFault, PolicyRefusal) as fault:
        assert fault.message.isprintable()  # noqa: PT017
        return
    assert isinstance(found, PullRequest)
    assert found.text.isprintable()


@given(texts)
def test_checked_text_can_stand_on_one_line(text: str) -> None:
    try:
        found = check_text("--owner", text)
    except UsageFault as fault:
        assert fault.message.isprintable()  # noqa: PT017
        return
    assert found == text
    assert not set(found) & set("\r\n\0\x1b\x7f")
    assert found.strip(string.whitespace)
    found.encode()
