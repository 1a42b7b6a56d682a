"""A real OpenID Connect issuer on loopback: oidc-provider, a certified one, which comes once into `.tools/`.

`python -m tests.web.signin.issuing` fetches it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import forge_schemas

FOLDER = forge_schemas.FOLDER.parent / "oidc-issuer-1"
CLIENT_ID, CLIENT_SECRET = "starry", "a secret: of +100% tests & no more"

_SOURCE = Path(__file__).parent / "issuer"
_FORM = re.compile(r'<form[^>]* action="([^"]+)" method="post">(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def require() -> None:
    """Fetches what is not there yet. Without Node.js and npm the test is skipped, and fails in CI."""
    absent = [
        name for name in ("node", "npm") if shutil.which(name, path=forge_schemas._ENVIRONMENT.get("PATH")) is None
    ]
    if absent:
        missing = f"{' and '.join(absent)} not installed, so that there is no issuer to sign in with"
        (pytest.fail if forge_schemas._IS_CI else pytest.skip)(missing)
    fetch()


def fetch() -> Path:
    """The folder that holds it, at the versions and hashes of its lock file."""
    FOLDER.parent.mkdir(exist_ok=True)
    with forge_schemas._lock(FOLDER.parent / f"{FOLDER.name}.lock"):
        if not FOLDER.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=f"{FOLDER.name}-") as temporary:
                made = Path(temporary) / "made"
                made.mkdir()
                for name in ("package.json", "package-lock.json"):
                    shutil.copyfile(_SOURCE / name, made / name)
                forge_schemas._run(made, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                made.rename(FOLDER)
    return FOLDER


@dataclass(kw_only=True)
class RealIssuer:
    """The issuer as it runs; `accounts` are whom it knows, with their claims."""

    folder: Path
    redirect_uri: str
    url: str = ""
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _process: "subprocess.Popen[str] | None" = None

    def know(self, name: str, /, **claims: Any) -> None:
        """A person with verified e-mail, unless told otherwise."""
        base = {"email": f"{name}@mycompany.com", "email_verified": True, "name": name.title()}
        self.accounts[name] = {**base, **claims}
        (self.folder / "accounts.json").write_text(json.dumps(self.accounts), encoding="utf-8")

    def start(self, port: str = "0") -> None:
        """Starts it with new keys; at the same place, when that port is given."""
        shutil.copyfile(_SOURCE / "issuer.mjs", FOLDER / "issuer.mjs")
        environment = {
            "PATH": os.environ["PATH"],
            "ACCOUNTS": str(self.folder / "accounts.json"),
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "REDIRECT_URI": self.redirect_uri,
            "PORT": port,
        }
        with (self.folder / "issuer.log").open("a") as log:
            command = ["node", "issuer.mjs"]
            self._process = subprocess.Popen(
                command, cwd=FOLDER, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), (self.folder / "issuer.log").read_text()

    def stop(self) -> None:
        """Ends it."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()

    def restart(self) -> None:
        """Ends it and starts it again at the same place, with other keys under the same names."""
        self.stop()
        self.start(self.url.rpartition(":")[2])


@contextmanager
def issuing(folder: Path, redirect_uri: str) -> Iterator[RealIssuer]:
    """A running issuer."""
    require()
    issuer = RealIssuer(folder=folder, redirect_uri=redirect_uri)
    issuer.know("ada")
    issuer.start()
    try:
        yield issuer
    finally:
        issuer.stop()


def log_in(browser: httpx.Client, url: str, name: str) -> httpx.Response:
    """Fills in the issuer's own forms as a person would; gives its redirect back to us, not followed."""
    answer = browser.get(url)
    for _ in range(10):
        while answer.is_redirect and answer.next_request is not None:
            if answer.next_request.url.path == "/signin/callback":
                return answer
            answer = browser.send(answer.next_request)
        form = _FORM.search(answer.text)
        assert form, f"{answer.status_code} {answer.text[:2000]}"
        fields = dict(_HIDDEN.findall(form[2]))
        if 'name="login"' in form[2]:
            fields |= {"login": name, "password": "any"}
        answer = browser.post(str(answer.url.join(form[1])), data=fields)
    raise AssertionError("the issuer goes in circles")


if __name__ == "__main__":
    sys.stdout.write(f"{fetch()}\n")
