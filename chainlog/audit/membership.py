"""Who is in a programme, and whose word is his own there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

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

    def speaks(
        self, act: Act, party: str, programmes: set[bytes], other: Collection[bytes] = ()
    ) -> bool:
        """Whether an act of a party is its own.

        One of a programme's parties speaks in the chains of that programme, and in no other. One
        that has a chain of its own does not answer the other side in that side's chains (`other`).

        Anybody may open a chain whose roster says that he signs for it, and a site's roster says
        what its owner will.
        """
        if any(
            party in parties and act.chain not in chains
            for chains, parties in map(self.of, programmes)
        ):
            return False
        own = self._own(party, programmes) if act.chain in other else ()
        return not own or act.chain in own

    def _own(self, party: str, programmes: set[bytes]) -> set[bytes]:
        """The chains of a programme that are a party's own."""
        inside = (chain for programme in programmes for chain in self.source.inside(programme))
        return {chain.id for chain in inside if chain.site == party}
