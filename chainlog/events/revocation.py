"""Revocations of one key: a later one may say more than the first, and never less.

Whoever has the key of anybody in force may sign one, a thief too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

# By their gravity.
REASONS: Final = ("retired", "lost", "compromised")


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key that is in force no more since the entry at index `at`.

    `doubt_from`: the index from which its entries are in doubt, where that was said.
    """

    reason: str
    at: int
    doubt_from: int | None = None

    def joined(self, later: Revocation) -> Revocation:
        """What both say: the graver reason, the earlier doubt."""
        return replace(
            self,
            reason=gravest(self.reason, later.reason),
            doubt_from=earliest(self.doubt_from, later.doubt_from),
        )


def gravest(*reasons: str) -> str:
    """The gravest of some reasons."""
    return max(reasons, key=REASONS.index)


def earliest(*indexes: int | None) -> int | None:
    """The first of some indexes, None where there is none."""
    return min((one for one in indexes if one is not None), default=None)
