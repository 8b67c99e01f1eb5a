"""Who might sign a chain's checkpoints: the keys in force as `log` or `owner`, at each size."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Powers:
    """Since which size of the chain a key may sign for its log, until before which, and so on.

    A chain may have very many keys, and change them at each entry: what is kept is what changed.
    """

    turns: dict[bytes, list[int]] = field(default_factory=dict)

    def turn(self, key: bytes, size: int, *, may: bool) -> None:
        """Take note of what a key may after `size` entries."""
        turns = self.turns.setdefault(key, [])
        if may != bool(len(turns) % 2):
            turns.append(size)

    def has(self, key: bytes, size: int) -> bool:
        """Whether this key might sign a checkpoint of this size."""
        return bool(bisect_right(self.turns.get(key, ()), size) % 2)

    def at(self, size: int) -> list[bytes]:
        """The keys that might sign a checkpoint of this size, in the order of their grants."""
        return [key for key in self.turns if self.has(key, size)]

    def __iter__(self) -> Iterator[bytes]:
        """The keys that ever might."""
        return iter(self.turns)

    def copy(self) -> Powers:
        """Powers that can go on without changing these."""
        return Powers({key: list(turns) for key, turns in self.turns.items()})
