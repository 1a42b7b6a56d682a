"""What is read: every preview at one commit, held in memory, and made anew when the branch moves."""

import logging
import random
import threading

from starry_gitops.errors import StarryError
from starry_gitops.gitrepo.mirror import Mirror
from starry_gitops.web.following import Change, Followers
from starry_gitops.web.view import View

log = logging.getLogger("starry")


class Reader:
    """Holds the view of the branch's newest commit that the mirror has. Threads may share it.

    Attributes:
        followers: whoever listens for changes.
    """

    def __init__(self, mirror: Mirror) -> None:
        self.followers = Followers()
        self._mirror = mirror
        self._lock = threading.Lock()
        self._view: View | None = None
        self._fault: StarryError | None = None
        self._revision = ""
        self._load()

    def view(self) -> View:
        """What is to be shown now; never waits for the network.

        Raises:
            StarryError: the commit's settings cannot be read.
        """
        view, fault = self._view, self._fault
        if fault is not None or view is None:
            raise fault or StarryError("nothing has been read yet")
        return view

    def refresh(self) -> None:
        """Asks the remote, and reads what is new.

        Raises:
            StarryError: the remote does not answer. What was there is still shown.
        """
        self._mirror.refresh()
        self._load()

    @property
    def revision(self) -> str:
        """The commit that is shown."""
        return self._revision

    @property
    def age(self) -> float:
        """Seconds since the remote answered."""
        return self._mirror.age

    @property
    def stale_seconds(self) -> float | None:
        """How old the last answer of the remote is, when it does not answer now; else None."""
        return None if self._mirror.failure is None else self._mirror.age

    @property
    def failure(self) -> StarryError | None:
        """Why the remote did not answer the last time, or None."""
        return self._mirror.failure

    def _load(self) -> None:
        with self._lock:
            snapshot = self._mirror.snapshot()
            if snapshot.revision == self._revision:
                return
            old = self._view
            try:
                new = View.read(snapshot, self._mirror, old)
            except StarryError as error:
                self._fault = error
            else:
                self._view, self._fault = new, None
            is_first, self._revision = not self._revision, snapshot.revision
            if is_first:
                return
            changed = () if self._fault or self._view is None else self._view.changed_since(old)
        self.followers.tell(Change(revision=snapshot.revision, previews=changed))


class Poller:
    """Looks at the branch every so many seconds, for what others push."""

    def __init__(self, reader: Reader, seconds: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="starry-poll", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; a look that is under way is waited for."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        # Not all replicas at the same moment.
        while not self._stopped.wait(self._seconds * random.uniform(0.8, 1.2)):  # noqa: S311 - not for secrets
            was_away = self._reader.failure is not None
            try:
                self._reader.refresh()
            except StarryError as error:
                if not was_away:
                    log.warning("the branch cannot be followed: %s", error.message, extra={"event": "stale"})
            except Exception:
                log.exception("the branch cannot be followed", extra={"event": "stale"})
            else:
                if was_away:
                    log.info("the branch is followed again", extra={"event": "fresh"})
