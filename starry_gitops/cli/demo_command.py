"""`starry demo`."""

import contextlib
import io
import shlex
import shutil
import tempfile
from pathlib import Path

import click

from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import Options, StarryCommand, StarryOption
from starry_gitops.cli.output import emit
from starry_gitops.cli.page_parts import require_web
from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.bootstrap import publish_folder
from starry_gitops.gitrepo.environment import without_variables

_IMAGES = ("--image", "backend=pr-123-abcd123", "--image", "frontend1=pr-123-abcd123")
_STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("A pull request opens: its pipeline creates a preview.", ("create", "--pr", "123", *_IMAGES, "--owner", "alice")),
    (
        "A branch gets one too, named after it.",
        ("create", "--source-branch", "feat/login", "--image", "backend=v2.0.0"),
    ),
    ("The same command again changes nothing.", ("create", "--pr", "123", *_IMAGES, "--owner", "alice")),
    (
        "A push to the pull request: a new image renews the TTL.",
        ("update", "--pr", "123", "--image", "backend=pr-123-ef4"),
    ),
    ("Somebody needs it longer.", ("extend", "preview-123", "--ttl", "2h")),
    ("What is there?", ("list",)),
    (
        "What would be collected an hour from now? Only what has expired.",
        ("gc", "--now", "{soon}", "--dry-run", "-o", "name"),
    ),
    ("The scheduled job an hour from now.", ("gc", "--now", "{soon}")),
    ("Git is the audit log.", ("history", "preview-123")),
    ("And everything in the repository still holds to the rules.", ("validate",)),
)


@click.command("demo", cls=StarryCommand)
@click.option(
    "--web", cls=StarryOption, is_flag=True, help="Serve the web page for it, until Ctrl-C. Needs the extra `web`."
)
@click.pass_obj
def command(options: Options, /, *, web: bool) -> None:
    r"""Play the whole story on a local bare repository in a temporary folder: no network, no account.

    With --web you play it yourself, on the web page, and find your commits in Git.

    \b
    Example:
      starry demo
      starry demo --web
    """
    start_log(options)
    if web:
        require_web()
    top = Path(tempfile.mkdtemp(prefix="starry-demo-"))
    folder, bare = top / "argocd-apps", top / "argocd-apps.git"
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(shutil.rmtree, top, ignore_errors=True)
        # The story is the same for everybody: none of this person's settings, and no signing.
        with without_variables("STARRY_", STARRY_SIGN="false"):
            if web:
                _serve(options, folder, bare)
            else:
                _tell(options, folder, bare, _play(folder, bare))
        on_failure.pop_all()


def _serve(options: Options, folder: Path, bare: Path) -> None:
    from starry_gitops.cli import demo_page  # noqa: PLC0415 - an extra

    _set_up(folder, bare)
    count = demo_page.fill(bare)

    def started(address: str) -> None:
        lines = demo_page.tell(address, bare, count)
        emit(options, {"dir": str(folder), "repo": str(bare), "url": address}, table=lines, names=[address])

    demo_page.show(bare, started=started)


def _tell(options: Options, folder: Path, bare: Path, lines: list[str]) -> None:
    lines += [
        "",
        "Where to look:",
        "  the commits that Argo CD would follow:",
        f"    git -C {bare} log --stat",
        "  the files, in overlays/dev/previews/:",
        f"    git -C {folder} pull",
        "  go on from here:",
        f"    starry --repo {bare} create my-preview --image backend=v1.0.0",
    ]
    emit(options, {"dir": str(folder), "repo": str(bare), "transcript": lines}, table=lines, names=[str(bare)])


def _play(folder: Path, bare: Path) -> list[str]:
    lines = ["# An apps repository, as a platform team would set it up."]
    lines += _set_up(folder, bare)
    lines.append(f"(committed, and pushed to {bare})")
    soon = _an_hour_from_now()
    for about, words in _STORY:
        lines += ["", f"# {about}"]
        lines += _run(["--repo", str(bare), *(word.format(soon=soon) for word in words)])
    return lines


def _set_up(folder: Path, bare: Path) -> list[str]:
    lines = _run(["init", str(folder), "--domain", "starry.mycompany.com", "--repo-url", _URL], shown=5)
    publish_folder(folder, bare)
    return lines


_URL = "https://github.com/myorg/argocd-apps.git"


def _an_hour_from_now() -> str:
    from datetime import timedelta  # noqa: PLC0415 - with the service, only when the demo plays

    from starry_gitops.core.ttl import format_instant  # noqa: PLC0415
    from starry_gitops.service import current_time  # noqa: PLC0415

    return format_instant(current_time() + timedelta(hours=1))


def _run(words: list[str], shown: int | None = None) -> list[str]:
    """Runs one command line of Starry; gives it and its output as lines.

    Raises:
        StarryError: it failed, which a demonstration must not.
    """
    from starry_gitops.cli import main  # noqa: PLC0415 - it imports the commands

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(words)
    if code:
        raise StarryError(f"starry {shlex.join(words)} ended with {code}")
    lines = out.getvalue().splitlines()
    more = [] if shown is None or len(lines) <= shown else [f"… and {len(lines) - shown} lines more"]
    command_line = shlex.join(word for word in words if not word.startswith("/") and word != "--repo")
    return [f"$ starry {command_line}", *(lines if shown is None else lines[:shown]), *more]
