"""Asks the Kubernetes API through `kubectl get --raw`, which knows kubeconfigs, plugins and in-cluster accounts.

Nothing but GET is ever asked for. What a path names is quoted, and no argument can become an option.
"""

import json
import os
import re
import subprocess
import tempfile
import threading
from typing import Any

from starry_gitops.core.texts import printable
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound, RemoteUnreachable, StarryError, UsageFault
from starry_gitops.gitrepo.process import end_group

_MOST_BYTES = 64 * 1024 * 1024
_MOST_WORDS = 400
_GRACE = 5.0
# Secrets that are none of kubectl's business.
_OURS = re.compile(r"STARRY_.*TOKEN|ARGOCD_AUTH_TOKEN")
_DENIED = re.compile(r"\((?:Unauthorized|Forbidden)\)|must be logged in|is forbidden|getting credentials")
_ABSENT = re.compile(r"\(NotFound\)")
_CONFIG = re.compile(
    r'error: (?:context|cluster|user) "|no such file|invalid configuration|error loading config|unable to read'
)


class Kubectl:
    """One kubeconfig and context.

    Args:
        kubeconfig: the file; None is kubectl's own choice.
        context: the context; None is the file's current one.
        seconds: how long one question may take.
    """

    def __init__(self, *, kubeconfig: str | None = None, context: str | None = None, seconds: float = 60.0) -> None:
        if any(not word or not word.isprintable() for word in (kubeconfig, context) if word is not None):
            raise UsageFault("--kubeconfig or --kube-context is empty or holds control characters")
        self._options = [f"--request-timeout={max(seconds, 1):.0f}s"]
        self._options += [] if kubeconfig is None else [f"--kubeconfig={kubeconfig}"]
        self._options += [] if context is None else [f"--context={context}"]
        self._seconds = seconds

    def get(self, path: str) -> Any:
        """The parsed answer to a GET.

        Raises:
            AccessDenied, NotFound, RemoteUnreachable, DoubtfulAnswer: as kubectl or the API server says.
            UsageFault: there is no such kubeconfig or context.
        """
        code, out, err = self._run(["get", f"--raw={path}", *self._options])
        where = f"Kubernetes: GET {path.partition('?')[0]}"
        if code:
            raise _failure(err, where)
        if len(out) > _MOST_BYTES:
            raise DoubtfulAnswer(f"{where}: the answer is larger than {_MOST_BYTES // 1024 // 1024} MB")
        try:
            return json.loads(out)
        except (ValueError, RecursionError):
            hint = "check the kubeconfig's server; a sign-in page or a proxy may have answered"
            raise DoubtfulAnswer(f"{where}: the answer is no valid JSON", hint=hint) from None

    def _run(self, arguments: list[str]) -> tuple[int, bytes, str]:
        env = {key: value for key, value in os.environ.items() if not _OURS.fullmatch(key)}
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    ["kubectl", *arguments],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError:
                hint = "install it, or use --argocd-server"
                raise StarryError("kubectl is not on PATH", hint=hint) from None
            out, in_time = _output(process, self._seconds + _GRACE)
            if not in_time:
                hint = "check the network and the kubeconfig's sign-in"
                raise RemoteUnreachable(f"kubectl had no answer within {self._seconds:.0f} s", hint=hint)
            errors.seek(0)
            return process.returncode, out, errors.read(_MOST_BYTES).decode(errors="replace")


def _output(process: "subprocess.Popen[bytes]", seconds: float) -> tuple[bytes, bool]:
    """What it writes, up to one byte too much; whether it ended in time."""
    late = threading.Event()

    def end() -> None:
        late.set()
        end_group(process)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        out = process.stdout.read(_MOST_BYTES + 1) if process.stdout else b""
        if len(out) <= _MOST_BYTES:
            process.wait()
    finally:
        timer.cancel()
        timer.join()
        end_group(process)
    return out, not late.is_set()


def _failure(err: str, where: str) -> StarryError:
    words = " ".join(printable(err).split())[:_MOST_WORDS] or "kubectl gave no reason"
    what = f"{where}: {words}"
    if _CONFIG.search(err):
        return UsageFault(what, hint="check --kubeconfig and --kube-context")
    if _ABSENT.search(err):
        return NotFound(what, hint="check the name, and that the operator is installed")
    if _DENIED.search(err):
        return AccessDenied(what, hint="the kubeconfig needs get and list there; see docs/waiting.md")
    if "unexpected EOF" in err:
        return DoubtfulAnswer(what, hint="the answer was cut off: run it again")
    return RemoteUnreachable(what, hint="check the kubeconfig's server and the network")
