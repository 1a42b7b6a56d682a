"""The cookies that the page sets, and how."""

from dataclasses import dataclass

from starlette.responses import Response


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookies:
    """Cookies that no script reads and no other site sends.

    Over https their names begin with `__Host-`: a browser then takes them from this very host alone, so that a preview,
    whose host may lie below ours, cannot plant one.
    """

    secure: bool

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return f"{self._prefix}starry_session"

    @property
    def started(self) -> str:
        """How the names of those begin that remember a sign-in under way."""
        return f"{self._prefix}starry_signin_"

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.secure else ""

    def put(self, response: Response, name: str, value: str, *, seconds: int) -> None:
        """Sets one."""
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Removes one."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
