"""A chain once all of it was read, as its checkpoints and other chains are judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlog.format.checkpoint import format_origin_line

if TYPE_CHECKING:
    from chainlog.events.terms import Detail
    from chainlog.verifier.log_keys import LogKeys
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
    keys: LogKeys
    notes: list[HeldNote]
    governed: list[tuple[int, Detail]]
    # What whoever verifies verified of it before.
    verified: Verified | None = None
    # Whether something that cannot be read may be any number of entries: then `size` counts those
    # that can.
    lost: bool = False

    @property
    def label(self) -> str:
        """How reports name the chain."""
        return self.told.chain

    @property
    def origin_line(self) -> str:
        """The origin line of the chain's checkpoints."""
        return format_origin_line(self.origin, self.chain)
