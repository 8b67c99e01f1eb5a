"""Yes and no, in both languages, whichever is spoken: `так`, `т`, `yes`; `ні`, `н`, `no`."""

from __future__ import annotations

from typing import Final

from chainlog.events.door.identifiers import trim

YES: Final = ("yes", "y", "так", "т")
NO: Final = ("no", "n", "ні", "н")


def read_agreement(text: str) -> bool | None:
    """Whether an answer is a yes; None where it is neither yes nor no."""
    answer = trim(text).casefold().rstrip(".!")
    return True if answer in YES else False if answer in NO else None
