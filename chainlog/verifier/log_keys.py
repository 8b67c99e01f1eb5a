"""Which of a chain's keys a checkpoint's lines name, of those that might sign at its size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainlog.format.checkpoint import log_vkey
from chainlog.format.keys import ED25519

if TYPE_CHECKING:
    from chainlog.events.powers import Powers
    from chainlog.format.note import Note


@dataclass(slots=True)
class LogKeys:
    """The keys that might ever sign for the log of a chain, by the hash that lines name them by.

    A chain may have had very many, and many checkpoints: the hashes are told once. `line`: the
    origin line of its checkpoints.
    """

    line: str
    powers: Powers
    _named: dict[bytes, list[bytes]] = field(default_factory=dict)

    def might(self, note: Note, size: int) -> list[bytes]:
        """The keys that lines of this note name, and that might sign a checkpoint of this size."""
        if not self._named:
            for key in self.powers:
                if key[:1] == bytes([ED25519]):
                    self._named.setdefault(log_vkey(self.line, key).key_hash, []).append(key)
        return [
            key
            for named in dict.fromkeys(one.key_hash for one in note.signatures)
            for key in self._named.get(named, ())
            if self.powers.has(key, size)
        ]
