"""The web service as it is rendered: what `starry serve` is told, how people sign in, where its secrets come from."""

import urllib.error
import urllib.request

import click
import pytest

from starry_gitops.cli.program import make_program
from starry_gitops.cli.serve_command import command as serve
from starry_gitops.clusters.finding import TOKENS
from starry_gitops.forges.finding import TOKEN as FORGE
from starry_gitops.gitrepo.environment import TOKEN, USERNAME
from starry_gitops.registry import TOKEN as REGISTRY
from starry_gitops.web.hook_check import SECRETS
from starry_gitops.web.signin.issuer import CLIENT_SECRET
from starry_gitops.web.signin.places import CALLBACK
from starry_gitops.web.signin.sealing import SESSION_KEY
from tests.charts.render import Values, kinds, merged, nested, one
from tests.support.repos import Apps
from tests.web.served import process

from .render import AUDIENCE, CASES, EVERYTHING, ON, PROXIED, notes, render, secrets, settings, web_cases, web_pod

ARGOCD = TOKENS[0]
KEYS = {SESSION_KEY: "k" * 44, SECRETS: "w" * 32}
ALL = {TOKEN, FORGE, SESSION_KEY, CLIENT_SECRET, SECRETS, ARGOCD, REGISTRY, "REDIS_PASSWORD"}
# Variables that no option of `starry serve` has: the Git client's, the article's Redis', and a person's own.
OTHERS = {TOKEN, USERNAME, "TMPDIR", "HOME", "GIT_SSH_COMMAND", "REDIS_URL", "REDIS_PASSWORD", "MODE"}


def variables(*commands: click.Command) -> set[str]:
    """Every variable that is an option's."""
    named = [option.envvar for command in commands for option in command.params]
    return {name for envvar in named if envvar for name in ([envvar] if isinstance(envvar, str) else envvar)}


# What it is told


@pytest.mark.parametrize("values", web_cases())
def test_each_variable_is_an_option_or_a_secret_of_serve(values: Values) -> None:
    options = variables(serve, make_program())
    assert set(settings(values)) - options - OTHERS == set()
    assert set(secrets(values)) <= ALL


def test_it_runs_serve_for_its_host() -> None:
    told = settings(ON)
    container = web_pod(ON)["containers"][0]
    assert container["args"] == ["serve"]
    assert told["STARRY_HOST"] == "0.0.0.0"
    assert told["STARRY_HTTP_PORT"] == str(container["ports"][0]["containerPort"])
    assert told["STARRY_BASE_URL"] == "https://starry.mycompany.com"
    assert told["STARRY_LOG_FORMAT"] == "json"
    elsewhere = merged(ON, nested("web/baseURL", "https://previews.example.com:8443"))
    assert settings(elsewhere)["STARRY_BASE_URL"] == "https://previews.example.com:8443"


def test_repositories_whose_comments_count() -> None:
    option = next(o for o in serve.params if o.name == "component_repos")
    text = settings(EVERYTHING)[str(option.envvar)]
    assert option.type.split_envvar_value(text) == EVERYTHING["web"]["componentRepos"]


def test_the_author_is_the_person() -> None:
    told = settings(EVERYTHING)
    assert told["STARRY_COMMITTER"] == "Starry <starry@example.com>"
    assert "STARRY_AUTHOR" not in told


@pytest.mark.parametrize("values", [ON, EVERYTHING, PROXIED], ids=["issuer", "everything", "proxy"])
def test_serve_starts_with_what_is_rendered_and_answers_the_probes(values: Values, apps: Apps) -> None:
    """All as rendered, but for the repository, the port and the place of temporary files."""
    told = {name: text for name, text in settings(values).items() if name not in {"TMPDIR", "HOME"}}
    with process(apps.at("", **told, **KEYS)) as running:
        container = web_pod(values)["containers"][0]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            with urllib.request.urlopen(running.url + container[probe]["httpGet"]["path"]) as answer:
                assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match=r"401|403"):  # there are webhooks, which ask for a signature
            urllib.request.urlopen(f"{running.url}/hooks/github", data=b"{}")
        assert running.end() == 0


@pytest.mark.parametrize("values", [ON, PROXIED], ids=["issuer", "proxy"])
def test_serve_itself_refuses_to_be_open(values: Values, apps: Apps) -> None:
    """The chart's refusal is not the only one."""
    told = {n: t for n, t in settings(values).items() if n not in {"TMPDIR", "HOME", "STARRY_REPO"}}
    open_to_all = {n: t for n, t in told.items() if not n.startswith(("STARRY_OIDC_", "STARRY_IAP_"))}
    assert "without sign-in" in apps.fails(2, "serve", env=open_to_all)["message"]


# How people sign in


def test_an_issuer() -> None:
    told = settings(EVERYTHING)
    assert told["STARRY_OIDC_ISSUER"] == "https://id.example.com"
    assert told["STARRY_OIDC_CLIENT_ID"] == "starry"
    assert told["STARRY_OIDC_SCOPES"] == "openid email profile groups"
    assert told["STARRY_OIDC_GROUPS_CLAIM"] == "roles"
    assert "STARRY_IAP_AUDIENCE" not in told


def test_the_proxy() -> None:
    told = settings(PROXIED)
    assert told["STARRY_IAP_AUDIENCE"] == AUDIENCE
    assert not [name for name in told if name.startswith("STARRY_OIDC")]
    assert one(render(PROXIED), "BackendConfig", "starry")["spec"]["iap"] == {"enabled": True}


def test_the_notes_name_what_the_issuer_must_know() -> None:
    assert f"https://starry.mycompany.com{CALLBACK}, to be registered with https://id.example.com" in notes(ON)
    assert CALLBACK not in notes(PROXIED)
    assert "webhooks" not in notes(ON)
    assert "https://starry.mycompany.com/hooks/github" in notes(EVERYTHING)


# Secrets


def test_secrets_are_fetched_one_by_one() -> None:
    assert set(secrets(ON)) == {TOKEN, SESSION_KEY}
    assert set(secrets(EVERYTHING)) == ALL
    assert not any(reference.get("optional") for reference in secrets(EVERYTHING).values())
    fetched = one(render(EVERYTHING), "ExternalSecret", "starry-web")["spec"]["data"]
    assert {e["secretKey"]: (e["remoteRef"]["key"], e["remoteRef"].get("version")) for e in fetched} == {
        SESSION_KEY: ("starry-session-key", None),
        CLIENT_SECRET: ("starry-oidc-client-secret", None),
        SECRETS: ("starry-webhook-secret", "2"),
        ARGOCD: ("starry-argocd-token", None),
        REGISTRY: ("starry-registry-token", None),
    }


def test_of_someone_elses_secret_only_the_sessions_key_must_be_there() -> None:
    found = secrets(CASES["secrets of someone else"])
    assert {n: r["optional"] for n, r in found.items() if r["name"] == "web-secrets"} == {
        SESSION_KEY: False, CLIENT_SECRET: True, SECRETS: True, ARGOCD: True, REGISTRY: True,
    }  # fmt: skip


def test_a_single_pod_may_make_its_own_key() -> None:
    values = CASES["web without its parts"]
    assert SESSION_KEY not in secrets(values)
    assert "starry-web" not in kinds(render(values), "ExternalSecret")


def test_the_forges_token_is_the_collectors_too() -> None:
    """With `mode: propose` the collector proposes as well."""
    pod = one(render(EVERYTHING), "CronJob", "starry-gc")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert FORGE in {e["name"] for e in pod["containers"][0]["env"]}
    assert one(render(EVERYTHING), "ExternalSecret", "starry-forge")["spec"]["data"][0]["secretKey"] == FORGE


def test_a_new_version_of_a_secret_restarts_the_pods() -> None:
    def checksum(values: Values) -> str:
        deployment = one(render(values), "Deployment", "starry")
        return deployment["spec"]["template"]["metadata"]["annotations"]["checksum/config"]

    for path in ("web/secret/sessionKey/version", "forge/secret/version", "web/signIn/oidc/clientID"):
        assert checksum(ON) != checksum(merged(ON, nested(path, "9")))
