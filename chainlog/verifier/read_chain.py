"""A chain once all of it was read, as its checkpoints and other chains are judged by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainlog.format.checkpoint import format_origin_line, log_vkey
from chainlog.format.keys import ED25519

if TYPE_CHECKING:
    from chainlog.events.powers import Powers
    from chainlog.events.terms import Detail
    from chainlog.verifier.report import ChainReport
    from chainlog.verifier.resume_note import Verified
    from chainlog.verifier.roots import HeldNote


@dataclass(slots=True)
class ReadChain:
    """What is known of a chain once all of it was read.

    `roots`: by size, of the sizes that checkpoints name; empty where it is broken.
    """

    told: ChainReport
    chain: bytes
    origin: str
    programme: bytes | None
    size: int
    roots: dict[int, bytes]
    powers: Powers
    notes: list[HeldNote]
    governed: list[tuple[int, Detail]]
    # What whoever verifies verified of it before.
    verified: Verified | None = None
    # Whether something that cannot be read may be any number of entries: then `size` counts those
    # that can.
    lost: bool = False
    # The keys that might ever sign for the log, by the hash that lines name them by; told when it
    # is first asked for.
    _named: dict[bytes, list[bytes]] = field(default_factory=dict)

    def named(self, origin: str, key_hash: bytes) -> list[bytes]:
        """The keys that ever might sign for the log, and that a line with this hash names.

        A chain may have had very many.
        """
        if not self._named:
            for key in self.powers:
                if key[:1] == bytes([ED25519]):
                    self._named.setdefault(log_vkey(origin, key).key_hash, []).append(key)
        return self._named.get(key_hash, [])

    @property
    def label(self) -> str:
        """How reports name the chain."""
        return self.told.chain

    @property
    def origin_line(self) -> str:
        """The origin line of the chain's checkpoints."""
        return format_origin_line(self.origin, self.chain)
