"""`starry validate`."""

from pathlib import Path
from typing import Any

import click

from starry_gitops.cli.findings_output import annotations, as_table, finding_data
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import ANNOTATION_FORMS, OUTPUTS, Options, StarryCommand, StarryOption
from starry_gitops.cli.output import emit, write_out
from starry_gitops.core.findings import Finding
from starry_gitops.core.model import Snapshot
from starry_gitops.core.validate import Report, validate
from starry_gitops.errors import InvalidRepository, RemoteUnreachable, UsageFault
from starry_gitops.gitrepo.local import FolderSnapshot, open_revision
from starry_gitops.gitrepo.remotes import Remote
from starry_gitops.service import current_time, make_context, open_repository

_BROKEN = 7


class _ValidateCommand(StarryCommand):
    outputs = (*OUTPUTS, *ANNOTATION_FORMS)


@click.command("validate", cls=_ValidateCommand)
@click.argument("directory", required=False, metavar="[DIR]")
@click.option("--rev", cls=StarryOption, metavar="REV", help="A revision of the Git repository at DIR, not the files.")
@click.option("--all-overlays", cls=StarryOption, is_flag=True, help="Every overlay: what it does anyway.")
@click.pass_obj
def command(options: Options, /, *, directory: str | None, rev: str | None, all_overlays: bool) -> int:  # noqa: ARG001
    r"""Check every invariant of an apps repository; each finding names file and line. Exit 7: something is broken.

    Reads the folder DIR (default: where you stand); with --repo and no DIR, the branch's tip.

    \b
    Example:
      starry validate -o github
    """
    start_log(options)
    report = _report(options, directory, rev)
    if options.output in ANNOTATION_FORMS:
        write_out(annotations(options.output, report.findings))
    else:
        emit(options, _data(report), table=as_table(report), names=sorted({item.file for item in report.findings}))
    return 0 if report.ok else _BROKEN


def _report(options: Options, directory: str | None, rev: str | None) -> Report:
    if options.repo is not None and directory is not None:
        raise UsageFault("give DIR or --repo, not both")
    if options.repo is not None and rev is None:
        with open_repository(options.target(), whole=True) as repository:
            return _check(repository.snapshot(), repository.remote)
    folder = Path(directory or options.repo or ".")
    if not folder.is_dir():
        raise RemoteUnreachable(f"{folder}: no such folder", hint="check DIR; --rev needs a local repository")
    if rev is None:
        return _check(FolderSnapshot(folder), Remote(url=""))
    with open_revision(folder.resolve(), rev) as snapshot:
        return _check(snapshot, Remote(url=""))


def _check(snapshot: Snapshot, remote: Remote) -> Report:
    try:
        return validate(make_context(snapshot, remote, current_time()))
    except InvalidRepository as error:
        finding = Finding(rule="settings", file=error.file, line=error.line, message=error.bare_message)
        return Report(previews=0, findings=(finding,))


def _data(report: Report) -> dict[str, Any]:
    findings = [finding_data(finding) for finding in report.findings]
    return {"ok": report.ok, "previews": report.previews, "findings": findings}
