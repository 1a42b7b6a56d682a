"""`starry serve`."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from starry_gitops.cli.cluster_options import cluster_options, find_cluster
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, Seconds, StarryCommand, StarryOption
from starry_gitops.cli.page_parts import git_person, local_door, require_web, share_log
from starry_gitops.errors import UsageFault
from starry_gitops.gitrepo.mirror import open_mirror
from starry_gitops.gitrepo.remotes import Remote, resolve_remote

if TYPE_CHECKING:
    from starry_gitops.web.config import WebConfig
    from starry_gitops.web.people import Door


def sign_in_options(command: Any) -> Any:
    """Adds how people sign in."""
    for decorate in (
        click.option(
            "--iap-audience",
            cls=StarryOption,
            metavar="TEXT",
            help="Trust Google's identity-aware proxy: its audience.",
        ),
        click.option(
            "--oidc-groups-claim",
            cls=StarryOption,
            metavar="NAME",
            default="groups",
            show_default=True,
            help="The claim that names a person's groups.",
        ),
        click.option(
            "--oidc-scopes",
            cls=StarryOption,
            metavar="'SCOPE …'",
            default="openid email profile",
            show_default=True,
            help="What the issuer is asked for.",
        ),
        click.option("--oidc-client-id", cls=StarryOption, metavar="ID", help="What the issuer calls this page."),
        click.option("--oidc-issuer", cls=StarryOption, metavar="URL", help="Sign in by OpenID Connect: the issuer."),
    ):
        command = decorate(command)
    return command


@click.command("serve", cls=StarryCommand)
@click.option(
    "--host", cls=StarryOption, metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen."
)
@click.option(
    "--port",
    cls=StarryOption,
    # Kubernetes sets STARRY_PORT=tcp://… in every pod beside a Service called starry.
    envvar="STARRY_HTTP_PORT",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Its port.",
)
@click.option(
    "--base-url", cls=StarryOption, metavar="URL", help="What people type to come here. Default: http://HOST:PORT."
)
@click.option(
    "--poll",
    cls=StarryOption,
    type=Seconds(0.2, 3600),
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="How often to look for what others have pushed.",
)
@click.option(
    "--grace",
    cls=StarryOption,
    type=Seconds(1, 3600),
    metavar="SECONDS",
    default=25.0,
    show_default=True,
    help="How long a write may still take when the page is stopped.",
)
@sign_in_options
@click.option(
    "--component-repo",
    "component_repos",
    cls=StarryOption,
    multiple=True,
    metavar="URL",
    help="Obey webhooks of comments in this repository, beside those of sync in starry.yaml. May be repeated.",
)
@cluster_options
@click.option(
    "--registry",
    "registries",
    cls=StarryOption,
    multiple=True,
    metavar="HOST",
    help="Suggest the tags that this registry has of the components' images. May be repeated.",
)
@click.option("--committer", cls=StarryOption, metavar="'NAME <EMAIL>'", help="The commits' committer.")
@click.option("--sign/--no-sign", cls=StarryOption, default=None, help="Sign the commits. Default: as Git is set.")
@click.pass_obj
def command(options: Options, /, **values: Any) -> None:
    r"""Serve the web page and the API, until it is stopped.

    Needs the extra: pip install 'starry-gitops[web]'. Without sign-in it listens on loopback only.
    STARRY_SESSION_KEY holds the key of the sessions, STARRY_OIDC_CLIENT_SECRET the issuer's secret,
    STARRY_WEBHOOK_SECRET the secrets of webhooks, one a line; without one there are no webhooks.
    STARRY_REGISTRY_TOKEN holds the registry's token or USER:PASSWORD.

    \b
    Example:
      starry serve --repo https://github.com/myorg/argocd-apps.git --port 8080
    """
    start_log(options)
    if options.dry_run:
        raise UsageFault("--dry-run is not for serve", hint="leave it out")
    require_web()
    from starry_gitops.web.app import create_app  # noqa: PLC0415 - an extra that few commands need
    from starry_gitops.web.serving import listen, serve  # noqa: PLC0415

    remote = resolve_remote(options.repo)
    config = _config(options, values, remote)
    door = _door(config, values, remote)
    with (
        listen(config.host, config.port) as listening,
        open_mirror(remote, branch=options.branch, timeout=options.timeout) as mirror,
    ):
        config = replace(config, target=replace(config.target, branch=mirror.branch))
        app = create_app(config, door=door, mirror=mirror)
        share_log()
        serve(app, listening, started=lambda port: _say(config, port))


def _config(options: Options, values: dict[str, Any], remote: Remote) -> "WebConfig":
    from starry_gitops.registry import TOKEN, find_registries  # noqa: PLC0415
    from starry_gitops.web.cluster import SECONDS  # noqa: PLC0415
    from starry_gitops.web.config import WebConfig  # noqa: PLC0415
    from starry_gitops.web.hook_check import secrets_in  # noqa: PLC0415

    host, port = values["host"], values["port"]
    committer = values["committer"] or git_person(remote, "COMMITTER")
    return WebConfig(
        # Resolved once: requests are answered by many threads, which may not look for working copies.
        target=replace(
            options.target(),
            repo=remote.url,
            committer=committer,
            sign=values["sign"],
            watch=None,
        ),
        overlay=options.overlay,
        base_url=_base_url(values["base_url"] or f"http://{_in_url(host)}:{port}"),
        host=host,
        port=port,
        poll_seconds=values["poll"],
        grace_seconds=values["grace"],
        webhook_secrets=secrets_in(os.environ),
        component_repos=values["component_repos"],
        cluster=find_cluster(replace(options, timeout=SECONDS), values),
        registries=find_registries(values["registries"], os.environ.get(TOKEN, "")),
    )


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_url = False
    if not is_url or parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageFault("--base-url is not a site's URL", hint="e.g. https://starry.mycompany.com")
    return f"{parts.scheme}://{parts.netloc}"


def _door(config: "WebConfig", values: dict[str, Any], remote: Remote) -> "Door":
    """Who may come in.

    Raises:
        UsageFault: everybody could, from anywhere; or the sign-in lacks something.
    """
    from starry_gitops.web.people import is_loopback  # noqa: PLC0415
    from starry_gitops.web.signin import SignIn, find_door  # noqa: PLC0415

    chosen = {key: values[f"oidc_{key}"] for key in ("issuer", "client_id", "scopes", "groups_claim")}
    sign_in = SignIn(**chosen, iap_audience=values["iap_audience"])
    door = find_door(sign_in, base_url=config.base_url, environment=os.environ)
    if door is not None:
        return door
    if not is_loopback(config.host):
        raise UsageFault(
            f"--host {config.host}: without sign-in the page listens on loopback only",
            hint="give --oidc-issuer or --iap-audience, or listen on 127.0.0.1",
        )
    return local_door(remote)


def _say(config: "WebConfig", port: int) -> None:
    here = f"http://{_in_url(config.host)}:{port}"
    behind = "" if config.port == 0 or config.base_url == here else f", as {config.base_url}"
    click.echo(f"listening on {here}{behind}", err=True)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
