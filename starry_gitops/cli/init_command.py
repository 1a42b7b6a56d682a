"""`starry init`."""

import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

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
from starry_gitops.scaffold import (
    CLOSED_NAMESPACES,
    UNKNOWN_REPO_URL,
    ScaffoldOptions,
    render_pipeline,
    render_scaffold,
    write_scaffold,
)
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
@click.option(
    "--ci",
    cls=StarryOption,
    type=click.Choice(["github", "gitlab"]),
    metavar="github|gitlab",
    help="Write the repository's pipeline, too: checks of pull requests, gc and sync on a schedule.",
)
@click.pass_obj
def command(options: Options, /, *, directory: str, **values: Any) -> None:
    r"""Write the scaffold of an apps repository into DIR; files that exist are kept.

    Without --chart-repo the environment chart is written to charts/environment. In a repository that is set up, --ci
    without --domain writes the pipeline alone.

    \b
    Example:
      starry init argocd-apps --domain starry.mycompany.com --repo-url https://github.com/myorg/argocd-apps.git
    """
    start_log(options)
    _refuse_secrets(values)
    _refuse_namespace(values["application_namespace"])
    root = Path(directory)
    wanted, files = _render(root, values)
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
    if values["ci"] is not None:
        lines.append("next: read the first lines of the pipeline's files: what must be set on the forge")
    lines.append("next: read README.md, then commit and push")
    data = {"dir": str(root), "created": created, "kept": kept, "dryRun": False}
    emit(options, data, table=lines, names=created)


def _render(root: Path, values: Mapping[str, Any]) -> tuple[ScaffoldOptions, dict[str, str]]:
    """What the files depend on, and the files."""
    pipeline_alone = _wants_pipeline_alone(root, values)
    domain = "" if pipeline_alone else _ask_domain() if values["domain"] is None else values["domain"]
    wanted = ScaffoldOptions(
        domain=domain,
        repo_url=values["repo_url"] or _origin(root),
        chart_repo=values["chart_repo"],
        application_namespace=values["application_namespace"],
    )
    files = {} if values["ci"] is None else render_pipeline(values["ci"], wanted)
    if not pipeline_alone:
        files = dict(sorted({**files, **render_scaffold(wanted)}.items()))
        _check(files["starry.yaml"])
    return wanted, files


def _wants_pipeline_alone(root: Path, values: Mapping[str, Any]) -> bool:
    """Whether the repository is set up already: what people have removed from it since stays removed."""
    said = [values[name] for name in ("domain", "chart_repo", "application_namespace")]
    return values["ci"] is not None and said == [None] * len(said) and (root / "starry.yaml").is_file()


def _refuse_secrets(values: Mapping[str, Any]) -> None:
    for option, url in (("--repo-url", values["repo_url"]), ("--chart-repo", values["chart_repo"])):
        if url is not None and (
            secret_shape(url) or "@" in url.partition("://")[2].partition("/")[0].partition(":")[2]
        ):
            raise UsageFault(f"{option} holds a password or token", hint="Argo CD gets its own, see README.md there")


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
