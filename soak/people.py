"""People with plain Git clones: they edit previews by hand, delete folders, and reset the branch by force."""

import re
import time
from pathlib import Path

from soak.journal import Incident
from soak.operation import Event
from soak.sandbox import BRANCH, PREVIEWS, GitFailed, Sandbox

_TRIES = 4
_TEMPLATE = "application.yaml.j2"


class Person:
    """One person's clone of the remote."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clone = sandbox.folder / "person"
        sandbox.git("clone", "--quiet", str(sandbox.bare), str(self._clone), cwd=sandbox.folder)

    def act(self, event: Event) -> Incident:
        """Does what the event says on the newest tip, and again when somebody else pushed first."""
        started = time.time()
        what = "lost the race"
        for _ in range(_TRIES):
            try:
                what = self._try(event)
                break
            except GitFailed as failed:
                what = f"failed: {failed}"
        return Incident(event=event, started=started, ended=time.time(), what=what, target="branch")

    def _try(self, event: Event) -> str:
        self._git(event, "fetch", "--quiet", "origin")
        self._git(event, "reset", "--quiet", "--hard", f"origin/{BRANCH}")
        if event.kind == "force-push":
            return self._force_push(event)
        what = self._edit(event)
        if not what or not self._git(event, "status", "--porcelain"):
            return ""
        self._git(event, "add", "--all")
        self._git(event, "commit", "--quiet", f"--message={what}")
        self._git(event, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
        return what

    def _force_push(self, event: Event) -> str:
        back = int(float(event.details["back"]))
        if int(self._git(event, "rev-list", "--count", "HEAD")) <= back + 1:
            return ""
        self._git(event, "push", "--quiet", "--force", "origin", f"HEAD~{back}:{BRANCH}")
        return f"reset the branch by {back}"

    def _edit(self, event: Event) -> str:
        if event.kind == "settings":
            return self._edit_settings(event)
        if event.kind == "template":
            return self._edit_template(event)
        folders = sorted(path.parent for path in (self._clone / PREVIEWS).glob("*/values.yaml"))
        if not folders:
            return ""
        folder = folders[int(float(event.details["pick"]) * len(folders))]
        if event.kind == "delete-folder":
            for path in folder.iterdir():
                path.unlink()
            return f"delete {folder.name} by hand"
        _edit_file(folder / "values.yaml", event)
        return f"{event.kind} in {folder.name} by hand"

    def _edit_settings(self, event: Event) -> str:
        """A comment and a TTL of one's liking: what Starry then decides by."""
        path = self._clone / "starry.yaml"
        text = path.read_text(encoding="utf-8")
        minutes = 10 + int(float(event.details["pick"]) * 50)
        path.write_text(re.sub(r"default: \d+m", f"default: {minutes}m", text), encoding="utf-8")
        return f"default TTL {minutes}m"

    def _edit_template(self, event: Event) -> str:
        """Another number of retries in new previews: what `upgrade` then brings to those that are there."""
        shipped = Path(__file__).parent.parent / "templates" / "applications" / "preview" / _TEMPLATE
        path = self._clone / ".starry" / "templates" / "preview" / _TEMPLATE
        path.parent.mkdir(parents=True, exist_ok=True)
        retries = 2 + int(float(event.details["pick"]) * 8)
        text = re.sub(r"limit: \d+", f"limit: {retries}", shipped.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        return f"{retries} retries in the template"

    def _git(self, event: Event, *arguments: str) -> str:
        email = f"{event.id}@soak.invalid"
        env = {"GIT_COMMITTER_EMAIL": email, "GIT_AUTHOR_EMAIL": email}
        return self._sandbox.git(*arguments, cwd=self._clone, env=env)


def _edit_file(path: Path, event: Event) -> None:
    text = path.read_text(encoding="utf-8")
    if event.kind == "comment":
        text = f"# {event.id} looked at this\n{text}# and at the end: {event.id}\n"
    else:
        port = 8080 + int(float(event.details["pick"]) * 100)
        text = re.sub(r"\n  service: .*", "", text)
        text = text.replace("\nbackend:\n", f"\nbackend:\n  service: {{port: {port}}}  # {event.id}\n", 1)
    path.write_text(text, encoding="utf-8")
