"""`starry init`."""

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption
from starry_gitops.cli.output import emit
from starry_gitops.core.changes import diff
from starry_gitops.core.model import Write
from starry_gitops.core.secrets import secret_shape
from starry_gitops.errors import NotFound, StarryError, UsageFault
from starry_gitops.gitrepo.local import FolderSnapshot
from starry_gitops.gitrepo.remotes import resolve_remote
from starry_gitops.scaffold import CLOSED_NAMESPACES, UNKNOWN_REPO_URL, ScaffoldOptions, render_scaffold, write_scaffold
from starry_gitops.settings import read_settings


@click.command("init", cls=StarryCommand)
@click.argument("directory", default=".", metavar="[DIR]")
@click.option("--domain", cls=StarryOption, metavar="DOMAIN", help="The domain under which previews get their hosts.")
@click.option("--chart-repo", cls=StarryOption, metavar="URL", help="The environment chart's Git repository.")
@click.option("--repo-url", cls=StarryOption, metavar="URL", help="How Argo CD reaches this repository.")
@click.option(
    "--application-namespace",
    cls=StarryOption,
    metavar="NAME",
    help="A namespace of their own for the previews' Applications. Default: Argo CD's.",
)
@click.pass_obj
def command(options: Options, /, *, directory: str, domain: str | None, **values: str | None) -> None:
    r"""Write the scaffold of an apps repository into DIR; files that exist are kept.

    Without --chart-repo the environment chart is written to charts/environment.

    \b
    Example:
      starry init argocd-apps --domain starry.mycompany.com --repo-url https://github.com/myorg/argocd-apps.git
    """
    start_log(options)
    chart_repo, repo_url = values["chart_repo"], values["repo_url"]
    for option, url in (("--repo-url", repo_url), ("--chart-repo", chart_repo)):
        if url is not None and (
            secret_shape(url) or "@" in url.partition("://")[2].partition("/")[0].partition(":")[2]
        ):
            raise UsageFault(f"{option} holds a password or token", hint="Argo CD gets its own, see README.md there")
    _refuse_namespace(values["application_namespace"])
    root = Path(directory)
    wanted = ScaffoldOptions(
        domain=domain if domain is not None else _ask_domain(),
        repo_url=repo_url or _origin(root),
        chart_repo=chart_repo,
        application_namespace=values["application_namespace"],
    )
    files = render_scaffold(wanted)
    _check(files["starry.yaml"])
    if options.dry_run:
        kept = [path for path in files if (root / path).exists()]
        created = [path for path in files if path not in kept]
    else:
        created, kept = write_scaffold(root, files)
    if options.dry_run:
        _show_plan(options, root, {path: files[path] for path in created}, kept)
        return
    lines = [f"created {path}" for path in created] + [f"kept {path}" for path in kept]
    if wanted.repo_url is None:
        lines.append(f"next: replace {UNKNOWN_REPO_URL} by this repository's URL, or give --repo-url")
    elif "://" not in wanted.repo_url and wanted.repo_url.startswith("/"):
        lines.append(f"next: Argo CD cannot reach {wanted.repo_url}; set repoURL, or give --repo-url")
    lines.append("next: read README.md, then commit and push")
    data = {"dir": str(root), "created": created, "kept": kept, "dryRun": False}
    emit(options, data, table=lines, names=created)


def _refuse_namespace(name: str | None) -> None:
    """The previews' own namespace is tracked, so it must not be anybody else's; an empty name is an unset variable."""
    if name == "" or any(fnmatchcase(name or "", closed) for closed in CLOSED_NAMESPACES):
        hint = "name one that nobody else uses, such as preview-apps"
        raise UsageFault(f"--application-namespace: {name!r} is no namespace of the previews' own", hint=hint)


def _show_plan(options: Options, root: Path, new: dict[str, str], kept: list[str]) -> None:
    """The exact diff that the command would make."""
    text = diff(FolderSnapshot(root), [Write(path=path, text=content) for path, content in new.items()])
    data = {"dir": str(root), "created": list(new), "kept": kept, "dryRun": True, "diff": text}
    emit(options, data, table=text.splitlines(), names=list(new))


def _ask_domain() -> str:
    if not sys.stdin.isatty():
        raise UsageFault("--domain is missing", hint="e.g. --domain starry.mycompany.com")
    answer: str = click.prompt("Domain of the previews", type=str, err=True)
    return answer


def _origin(root: Path) -> str | None:
    """The URL of the working copy's remote, where there is one."""
    if not root.is_dir():
        return None
    try:
        return resolve_remote(str(root)).url
    except (NotFound, UsageFault):
        return None


def _check(settings: str) -> None:
    try:
        read_settings(settings)
    except StarryError as error:
        raise UsageFault(f"these options give no valid settings: {error.message}", hint=error.hint) from None
