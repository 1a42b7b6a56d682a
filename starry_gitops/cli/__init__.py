"""The command line. Light to import, so that a signal finds a handler from the first moment on."""

import sys

_INTERRUPTED = 130

try:
    import signal
    from collections.abc import Sequence
    from contextlib import suppress
    from types import FrameType
except KeyboardInterrupt:  # Ctrl-C while these are read
    sys.exit(_INTERRUPTED)


def run() -> None:
    """The console script."""
    sys.exit(main())


def main(args: Sequence[str] | None = None) -> int:
    """Runs one command line (default: the process's own); gives its exit code, and never raises."""
    # Outside the main thread this is refused: whoever runs us there handles signals.
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        from starry_gitops.cli.boundary import run_words  # noqa: PLC0415 - after the handler, see above

        return run_words(list(sys.argv[1:] if args is None else args))
    except KeyboardInterrupt:
        return _INTERRUPTED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does: what runs is ended, what is temporary is removed."""
    raise KeyboardInterrupt
