"""What a cause is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why a preview does not run.

    Attributes:
        id: a stable slug for programs.
        looks: how it shows, for the documentation.
        cause: what is wrong, in words.
        next_step: what a person does about it.
        patience: seconds that it may last before it counts as one that does not end by itself; None: it may last.
        pattern: a regular expression for the words that it is known by; "" where it is no words that tell.
    """

    id: str
    looks: str
    cause: str
    next_step: str
    patience: int | None
    pattern: str = ""
