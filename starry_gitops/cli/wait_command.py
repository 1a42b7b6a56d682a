"""`starry wait`."""

import logging
from typing import Any

import click

from starry_gitops.cli.cluster_options import cluster_options, find_cluster, parse_seconds
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, Seconds, StarryCommand, StarryOption, source_options
from starry_gitops.cli.output import emit
from starry_gitops.cli.watching import Subject, Waiting, find_subject
from starry_gitops.core.parameters import parse_source
from starry_gitops.core.waiting import Verdict
from starry_gitops.core.workflow_commands import harmless_text
from starry_gitops.errors import UsageFault
from starry_gitops.shapes import verdict_data

log = logging.getLogger("starry")

_CODES = {"ready": 0, "waiting": 12, "failed": 13}


@click.command("wait", cls=StarryCommand)
@click.argument("name", required=False)
@source_options
@click.option("--commit", cls=StarryOption, metavar="SHA", help="Which commit. Default: the preview's last one.")
@click.option(
    "--wait-timeout", cls=StarryOption, metavar="DURATION", default="15m", show_default=True, help="How long to wait."
)
@click.option(
    "--interval",
    cls=StarryOption,
    type=Seconds(min=0.1, max=3600),
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="How often to look.",
)
@click.option("--urls", cls=StarryOption, is_flag=True, help="Wait for the preview's URLs too.")
@click.option("--url", "pages", cls=StarryOption, multiple=True, metavar="URL", help="Look at this URL instead.")
@click.option("--path", cls=StarryOption, metavar="PATH", default="/", show_default=True, help="The page to look at.")
@cluster_options
@click.pass_obj
def command(options: Options, /, **values: Any) -> int:
    r"""Wait until Argo CD runs a preview at its commit, or say why it does not.

    Asks Argo CD (--argocd-server) or Kubernetes (--kubernetes, --kubeconfig, --kube-context); without either it looks
    at the preview's URLs. Only reads. Exit 12: not ready in time; 13: it will not become ready by itself.

    \b
    Example:
      starry wait preview-123 --argocd-server argocd.mycompany.com --wait-timeout 10m
    """
    start_log(options)
    seconds = parse_seconds(values["wait_timeout"], "--wait-timeout")
    path: str = values["path"]
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
        raise UsageFault("--path is not the path of a page", hint="it begins with a slash, e.g. /healthz")
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    cluster = find_cluster(options, values)
    subject = find_subject(options, source, values["commit"], values["pages"])
    pages = subject.urls if cluster is None or values["urls"] or values["pages"] else {}
    waiting = Waiting(subject=subject, cluster=cluster, pages=pages, path=path, say=lambda text: _say(options, text))
    verdict = waiting.run(seconds=seconds, interval=values["interval"])
    table = [*_table(subject, verdict, int(waiting.seconds)), *(f"  not looked at: {text}" for text in waiting.unread)]
    emit(options, _data(subject, verdict, waiting), table=table, names=[subject.goal.name])
    return _CODES[verdict.state]


def _say(options: Options, text: str) -> None:
    log.info(text)
    if not (options.quiet or options.verbose or options.log_format == "json"):
        click.echo(harmless_text(text), err=True)


def _data(subject: Subject, verdict: Verdict, waiting: Waiting) -> dict[str, Any]:
    commit, urls, unread = subject.commit, subject.urls, waiting.unread
    data = verdict_data(subject.goal.name, subject.overlay.name, verdict, commit=commit, urls=urls, unread=unread)
    return {**data, "seconds": int(waiting.seconds)}


def _table(subject: Subject, verdict: Verdict, seconds: int) -> list[str]:
    name = subject.goal.name
    if not verdict.found:
        return [f"{name} is ready after {seconds} s", *(f"  {part}: {url}" for part, url in subject.urls.items())]
    first, *others = verdict.found
    ends = {"waiting": f"was not ready within {seconds} s", "failed": "will not become ready by itself"}
    also = {f"  also: {one.cause.cause} [{one.cause.id}]": None for one in others}
    return [
        f"{name} {ends[verdict.state]}: {first.cause.cause} [{first.cause.id}]",
        f"  {first.where}: {first.words}",
        f"  next: {first.cause.next_step}",
        *also,
    ]
