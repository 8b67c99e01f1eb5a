"""Who is in a programme, and whose word is his own there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainlog.audit.family import AuditSource
    from chainlog.custody.act import Act


class Inside:
    """Who is in a programme: its chains, and the parties that they name."""

    def __init__(self, source: AuditSource) -> None:
        self.source = source
        self._known: dict[bytes, tuple[frozenset[bytes], frozenset[str]]] = {}

    def of(self, programme: bytes) -> tuple[frozenset[bytes], frozenset[str]]:
        """The chains and the parties of a programme."""
        if programme not in self._known:
            chains = frozenset(chain.id for chain in self.source.inside(programme))
            self._known[programme] = chains, self.source.parties(programme)
        return self._known[programme]

    def speaks(self, act: Act, party: str, programmes: set[bytes]) -> bool:
        """Whether an act of a party is its own.

        One of a programme's parties speaks in the chains of that programme, and in no other.

        Anybody may open a chain whose roster says that he signs for it.
        """
        return all(
            party not in parties or act.chain in chains
            for chains, parties in map(self.of, programmes)
        )
