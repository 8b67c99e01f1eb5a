"""Who might sign a chain's checkpoints: the keys in force as `log` or `owner`, at each size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainlog.events.roster import Roster


@dataclass(slots=True)
class Powers:
    """Which keys are in force as `log` or `owner`, since which size of the chain.

    And which were, until before which.
    """

    since: dict[bytes, int] = field(default_factory=dict)
    over: list[tuple[bytes, int, int]] = field(default_factory=list)

    def note(self, size: int, roster: Roster) -> None:
        """Take note of a roster after `size` entries."""
        keys = set(roster.log_signers)
        self.over += [(key, self.since.pop(key), size) for key in self.since.keys() - keys]
        for key in keys - self.since.keys():
            self.since[key] = size

    def has(self, key: bytes, size: int) -> bool:
        """Whether this key might sign a checkpoint of this size."""
        start = self.since.get(key)
        return (start is not None and start <= size) or any(
            start <= size < end for one, start, end in self.over if one == key
        )

    def at(self, size: int) -> set[bytes]:
        """The keys that might sign a checkpoint of this size."""
        now = {key for key, start in self.since.items() if start <= size}
        return now.union(key for key, start, end in self.over if start <= size < end)
