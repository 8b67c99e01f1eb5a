"""What every family of findings is: given the ledger piece by piece, it says what does not add up.

The driver shows a family each item's custody, each lot, each act of the kinds that it asks for,
each consignment, and at last lets it say what shows only when all was seen. A family does no I/O,
and does not depend on the order of what it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from chainlog.events.revocation import earliest, gravest
from chainlog.events.roster import WITHHELD
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from decimal import Decimal

    from chainlog.audit.finding import FindingRule, Spot, Untold
    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act, Touch
    from chainlog.custody.lot import LotState
    from chainlog.custody.shipment import Consignment
    from chainlog.custody.state import ItemState


class ActBook(Protocol):
    """The acts and histories that an audit reads, as they count as of its instant."""

    def acts(self, *kinds: str) -> Iterator[Act]:
        """Every act, or those of some kinds, by chain and index."""
        ...

    def things(self, act: Act) -> list[tuple[str, Touch]]:
        """The things that an act names, in its order."""
        ...

    def cited(self, act: Act, name: str) -> Act | None:
        """The act that a field cites by id, None where it is not held."""
        ...

    def histories(self) -> Iterator[tuple[str, list[Touch]]]:
        """Every thing with its history."""
        ...

    def hidden(self) -> Iterator[Act]:
        """The acts of which something is not shown, by no order that means anything."""
        ...

    def papers(self) -> Iterator[list[Act]]:
        """The advices, dispatches and receipts under one document, document by document."""
        ...


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """A key granted, and by which entry.

    It says to whom, from which index on, and until when (ms) the key was advised to be used.
    """

    key: bytes
    name: str
    party: str
    roles: tuple[str, ...]
    since: int
    until: int | None
    by: bytes = b""


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """A key revoked by the entry at an index.

    It also says from which index the key's entries are in doubt, where that was said.
    """

    key: bytes
    at: int
    entry: bytes
    reason: str
    doubt_from: int | None


@dataclass(frozen=True, slots=True)
class UnreadEntry:
    """What the audit reads of an entry that says nothing of custody, or that cannot be read.

    Place, clock, and why.
    """

    id: bytes
    index: int
    time: int
    kind: str
    why: Literal["absent", "unknown"]
    signer: str
    party: str


@dataclass(frozen=True, slots=True)
class HiddenEntry:
    """An entry of which fields are not shown here: how many of each name, and who signed it.

    `erased`: whether its body was erased by law.
    """

    id: bytes
    index: int
    time: int
    kind: str
    fields: tuple[tuple[str, int], ...]
    party: str
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """A chain held, as of the audit's instant.

    `last`: the clock of its last entry then; `seen`: the size it was known to have;
    `problem`: the code of the fault that ends it there.
    """

    id: bytes
    origin: str
    site: str
    programme: bytes
    size: int
    last: int
    last_id: bytes
    closed: bool
    problem: str | None
    seen: int
    grants: tuple[GrantFacts, ...] = ()
    revocations: tuple[RevocationFacts, ...] = ()
    # Chains that this one, an authority's, admits: id, origin, and the entry that does.
    admits: tuple[tuple[bytes, str, bytes, int], ...] = ()
    # Those of which it accepts nothing from an index on.
    refuses: tuple[tuple[bytes, int], ...] = ()
    forks: tuple[tuple[int, bytes, bytes], ...] = ()
    # Entries whose clock stands before that of the entry before them: id, index, by how many ms,
    # signer's name.
    back: tuple[tuple[bytes, int, int, str], ...] = ()
    # Sizes at which a checkpoint was signed over other entries than those that are held.
    differs: tuple[int, ...] = ()
    # Entries whose clock and a witness's cannot both be right: id, index, by how many ms it stands
    # ahead (below 0: behind), signer's and witness's name.
    unwitnessed: tuple[tuple[bytes, int, int, str, str], ...] = ()
    # The latest clock that is not after the audit's instant, where that is another than the last
    # entry's.
    heard: int | None = None
    unread: tuple[UnreadEntry, ...] = ()
    hidden: tuple[HiddenEntry, ...] = ()

    @property
    def revoked(self) -> dict[bytes, RevocationFacts]:
        """What all revocations of a key say together, by key."""
        found: dict[bytes, RevocationFacts] = {}
        for one in self.revocations:
            known = found.setdefault(one.key, one)
            reason = gravest(known.reason, one.reason)
            doubt = earliest(known.doubt_from, one.doubt_from)
            found[one.key] = replace(known, reason=reason, doubt_from=doubt)
        return found


@dataclass(frozen=True, slots=True)
class KnownThing:
    """What is known of a thing once its history was folded.

    `programmes`: the authorities' chains under which it was registered.
    """

    type: str
    worth: tuple[Decimal, str] | None
    programmes: tuple[bytes, ...] = ()


@dataclass(slots=True)
class AuditSource:
    """What an audit is a function of.

    `as_of` in ms; `attachment` tells of a file whether it is held; `things` fills as they are
    folded.

    `missing`: ids that entries cite and that are not held, with the chain, index and id of the
    citing entry. `reused`: of each file that several entries name, these entries. `early`: entries
    cited by one whose clock stands earlier: cited, citing, by how many ms. `untold` fills too: what
    is no finding, since what is not shown could explain it.
    """

    book: ActBook
    as_of: int
    chains: tuple[ChainFacts, ...]
    attachment: Callable[[bytes], Literal["held", "absent", "mismatch", "unreadable"]]
    missing: Iterable[tuple[bytes, bytes, int, bytes]] = ()
    reused: Iterable[tuple[bytes, list[Act]]] = ()
    early: Iterable[tuple[Act, Act, int]] = ()
    things: dict[str, KnownThing] = field(default_factory=dict)
    untold: list[Untold] = field(default_factory=list)

    def inside(self, programme: bytes) -> list[ChainFacts]:
        """The chains of a programme: the authority's, and those under it that it admits.

        Where the authority's chain is not held, every chain that says it is under it counts.
        """
        authority = next((chain for chain in self.chains if chain.id == programme), None)
        admitted = (
            None if authority is None else {programme, *(chain for chain, *_ in authority.admits)}
        )
        return [
            chain
            for chain in self.chains
            if chain.programme == programme and (admitted is None or chain.id in admitted)
        ]

    def parties(self, programme: bytes) -> frozenset[str]:
        """The parties that the rosters of a programme's chains name, and their sites.

        One that is withheld is nobody whom an event may name.
        """
        inside = self.inside(programme)
        named = {grant.party for chain in inside for grant in chain.grants}
        return frozenset(named | {chain.site for chain in inside}) - {WITHHELD}


class Family:
    """One family.

    `rules`: the findings that it makes, `codes`: their codes. `kinds`: the kinds of act that it
    wants to see, none unless it says so.

    `withheld`: whether it wants those too of which so much is withheld that they have no fields
    that can be read. `last`: whether it speaks once all others did.
    """

    source: AuditSource
    settings: Settings

    rules: ClassVar[tuple[FindingRule, ...]] = ()
    codes: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[frozenset[str]] = frozenset()
    withheld: ClassVar[bool] = False
    last: ClassVar[bool] = False

    @override
    def __init_subclass__(cls) -> None:
        cls.codes = tuple(rule.code for rule in cls.rules)

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        self.source, self.settings = source, settings

    def item(self, state: ItemState) -> Iterator[Spot]:  # noqa: ARG002  (looks at none)
        """What one item's custody shows."""
        yield from ()

    def lot(self, lot: LotState) -> Iterator[Spot]:  # noqa: ARG002  (as above)
        """What one lot, or money, shows."""
        yield from ()

    def act(self, act: Act) -> Iterator[Spot]:  # noqa: ARG002  (as above)
        """What one act shows, seen by chain and index."""
        yield from ()

    def consignment(self, consignment: Consignment) -> Iterator[Spot]:  # noqa: ARG002  (as above)
        """What one consignment shows."""
        yield from ()

    def rest(self) -> Iterator[Spot]:
        """What shows when all was seen."""
        yield from ()
