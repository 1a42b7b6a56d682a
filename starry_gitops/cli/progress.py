"""What a person sees on a terminal while long work goes on: one line that is gone at the end."""

import itertools
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

_ERASE = "\r\x1b[K"
# Seconds: what is over sooner shows nothing, so that nothing flickers.
_PATIENCE = 0.5
_INTERVAL = 0.1
_WORDS: Mapping[str, str] = {
    "clone": "fetching the apps repository",
    "wait": "another writer was first, waiting",
    "fetch": "fetching",
    "read": "reading",
    "decide": "working it out",
    "commit": "writing the commit",
    "push": "pushing",
}


class Spinner:
    """Shows the phase that it is told, how far it is, and the seconds so far, until it is told ""."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, phase: str, progress: str) -> None:
        """Shows a phase; "" is the end."""
        words = _WORDS.get(phase, phase)
        self._text = f"{words}, {progress}" if progress else words
        if not phase:
            self._end()
        elif self._thread is None:
            self._over.clear()
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()

    def _end(self) -> None:
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None

    def _draw(self) -> None:
        started = time.monotonic()
        if self._over.wait(_PATIENCE):
            return
        # A terminal that is gone is no failure.
        with suppress(OSError, ValueError):
            for frame in itertools.cycle("|/-\\"):
                seconds = int(time.monotonic() - started)
                self._write(f"{frame} {self._text}, {seconds} s")
                if self._over.wait(_INTERVAL):
                    break
            self._write("")

    def _write(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"{_ERASE}{text[:width]}")
        self._stream.flush()
