"""One entry of an evidence file that holds by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainlog.events.roster import Grant
    from chainlog.events.terms import Detail
    from chainlog.format.body import Body
    from chainlog.format.entry import Entry


@dataclass(slots=True)
class HeldEntry:
    """An entry that is in the tree and whose signature and body hold.

    `body`: None where there is none.

    `authorised`: its author might sign it. `signer`: as the roster had the key then. `walked`: the
    pointers lead to it from the last entry. `detail`: what a governing entry says, once it was
    taken in. `attachments`: digests that it shows.
    """

    entry: Entry
    body: Body | None
    attachments: tuple[bytes, ...]
    authorised: bool = False
    signer: Grant | None = None
    walked: bool = False
    detail: Detail | None = None

    @property
    def index(self) -> int:
        """Its place in the chain."""
        return self.entry.header.index

    @property
    def says(self) -> bool:
        """Whether anything of what it says is shown."""
        return self.body is not None and any(value is not None for value in self.body.values)
