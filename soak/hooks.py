"""The server's hooks: refuse, hold, or lose the answer of the pushes that the schedule names."""

from pathlib import Path

from soak.operation import Fault, Operation
from soak.sandbox import Sandbox

# Both find the operation by the committer's address, which each command carries. An order is obeyed once, or as often
# as it has lines.
_PRE_RECEIVE = """\
#!/bin/sh
while read -r old new ref; do
  email=$(git log -1 --format=%ce "$new" 2>/dev/null) || continue
  order="{orders}/${{email%%@*}}"
  if [ -f "$order.hold" ]; then
    seconds=$(cat "$order.hold"); rm -f "$order.hold"; sleep "$seconds"
  fi
  if [ -f "$order.refuse" ]; then
    cat "$order.refuse"; rm -f "$order.refuse"; echo refuse >> "$order.done"; exit 1
  fi
done
exit 0
"""

# The branch has moved and its lock is gone; what is lost is the answer.
_REFERENCE_TRANSACTION = """\
#!/bin/sh
[ "$1" = committed ] || exit 0
while read -r old new ref; do
  [ "$ref" = refs/heads/main ] || continue
  email=$(git log -1 --format=%ce "$new" 2>/dev/null) || continue
  order="{orders}/${{email%%@*}}"
  if [ -s "$order.lost-answer" ]; then
    sed -i 1d "$order.lost-answer"; echo lost-answer >> "$order.done"; kill -KILL "$PPID"
  fi
done
exit 0
"""


def install(sandbox: Sandbox) -> None:
    """Writes the hooks into the remote."""
    for name, text in (("pre-receive", _PRE_RECEIVE), ("reference-transaction", _REFERENCE_TRANSACTION)):
        path = sandbox.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(orders=sandbox.orders), encoding="utf-8")
        path.chmod(0o755)


def give_order(sandbox: Sandbox, operation: Operation) -> None:
    """Tells the hooks what awaits this operation's push."""
    text = _order(operation.fault)
    if text:
        _path(sandbox, operation.id, operation.fault.kind).write_text(text, encoding="utf-8")


def was_obeyed(sandbox: Sandbox, operation: Operation) -> bool:
    """Takes the order back; whether the hook has struck."""
    waiting = _path(sandbox, operation.id, operation.fault.kind)
    left = waiting.read_text(encoding="utf-8") if waiting.exists() else ""
    waiting.unlink(missing_ok=True)
    done = _path(sandbox, operation.id, "done")
    struck = done.exists() or (operation.fault.kind == "hold" and not left)
    done.unlink(missing_ok=True)
    return struck


def _order(fault: Fault) -> str:
    match fault.kind:
        case "refuse":
            return f"refused: {fault.text('words')}\n"
        case "hold":
            return f"{fault.number('seconds')}\n"
        case "lost-answer":
            return "once\n" * int(fault.number("times"))
    return ""


def _path(sandbox: Sandbox, operation: str, kind: str) -> Path:
    return sandbox.orders / f"{operation}.{kind}"
