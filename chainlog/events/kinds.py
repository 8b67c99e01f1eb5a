"""Every kind of event that this version knows, with its fields.

They are described in FIELD.md 'Kinds of event' and FORMAT.md 8. A class is a kind: its docstring
says what the event says, its annotations what it needs. Fields that are optional have a default.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chainlog.events.terms import (
    Code,
    Condition,
    Currency,
    Custody,
    Date,
    DateOrInstant,
    Decimal,
    Detail,
    Holder,
    Id,
    Item,
    KeyId,
    KeyRoles,
    Line,
    Lines,
    Origin,
    Party,
    Role,
    Text,
    check_key,
    check_vkey,
)

_FROM: Final = {"from_": "from"}


class Register(Custody, frozen=True, kw_only=True):
    """enters the programme"""

    kind: ClassVar = "register"
    lines: Lines
    owner: Party
    holder: Party
    monitoring: Literal["enhanced", "routine"]


class Advise(Custody, frozen=True, kw_only=True, rename=_FROM):
    """a shipment is coming, with its serials"""

    kind: ClassVar = "advise"
    lines: Lines
    from_: Party
    to: Party
    document: Code


class Dispatch(Custody, frozen=True, kw_only=True, rename=_FROM):
    """sent; now in transit"""

    kind: ClassVar = "dispatch"
    lines: Lines
    from_: Party
    to: Party
    document: Code


class Receive(Custody, frozen=True, kw_only=True, rename=_FROM):
    """what was observed on arrival: lines as counted, none where nothing arrived"""

    kind: ClassVar = "receive"
    lines: list[Line] = []
    from_: Party
    to: Party
    dispatch: Id | UnsetType = UNSET


class Transfer(Custody, frozen=True, kw_only=True, rename=_FROM):
    """handed over in person"""

    kind: ClassVar = "transfer"
    lines: Lines
    from_: Party
    to: Party


class Accept(Custody, frozen=True, kw_only=True):
    """the other party signs what it was handed or sent; lines are its own figures"""

    kind: ClassVar = "accept"
    entry: Id | UnsetType = UNSET
    agreed: bool
    lines: list[Line] = []

    def __post_init__(self) -> None:
        if self.entry is UNSET and self.document is UNSET:
            raise ValueError("an accept names what it accepts: by entry, or by document")


class Inventory(Custody, frozen=True, kw_only=True):
    """counted: lines are what was seen, none where nothing was"""

    kind: ClassVar = "inventory"
    holder: Party
    counter: Party
    lines: list[Line] = []
    complete: bool


class Inspect(Custody, frozen=True, kw_only=True):
    """a condition was looked at or changed"""

    kind: ClassVar = "inspect"
    item: Item
    was: Condition | UnsetType = UNSET
    now: Condition


Items = Annotated[list[Item], msgspec.Meta(min_length=1)]


class Pack(Custody, frozen=True, kw_only=True):
    """into a container: an item itself, or a container's number"""

    kind: ClassVar = "pack"
    container: Item | Code
    items: Items
    seal: Code | UnsetType = UNSET


class Unpack(Custody, frozen=True, kw_only=True):
    """out of a container: an item itself, or a container's number"""

    kind: ClassVar = "unpack"
    container: Item | Code
    items: Items
    seal: Code | UnsetType = UNSET


class Expend(Custody, frozen=True, kw_only=True):
    """used up"""

    kind: ClassVar = "expend"
    lines: Lines
    holder: Party
    since: DateOrInstant | UnsetType = UNSET
    until: DateOrInstant | UnsetType = UNSET
    order: Code | UnsetType = UNSET


class Loss(Custody, frozen=True, kw_only=True):
    """lost, destroyed in battle, stolen, captured"""

    kind: ClassVar = "loss"
    lines: Lines
    holder: Party
    cause: Literal["lost", "combat", "stolen", "captured"]
    lost_on: Date | UnsetType = UNSET
    discovered_on: Date | UnsetType = UNSET
    report: Literal["initial", "final"]
    initial: Id | UnsetType = UNSET


class Found(Custody, frozen=True, kw_only=True):
    """turned up again"""

    kind: ClassVar = "found"
    lines: Lines
    loss: Id | UnsetType = UNSET


class Destroy(Custody, frozen=True, kw_only=True):
    """demilitarised or scrapped"""

    kind: ClassVar = "destroy"
    lines: Lines
    holder: Party
    means: Code
    witnessed_by: Party


class Consent(Custody, frozen=True, kw_only=True, rename=_FROM):
    """leave to pass items to a third party"""

    kind: ClassVar = "consent"
    from_: Party
    to: Party
    lines: Lines
    until: DateOrInstant


class Fund(Custody, frozen=True, kw_only=True, rename=_FROM):
    """money"""

    kind: ClassVar = "fund"
    step: Literal["commitment", "disbursement", "expenditure", "return"]
    amount: Decimal
    currency: Currency
    from_: Party
    to: Party
    draws_on: Id | UnsetType = UNSET


class Correct(Custody, frozen=True, kw_only=True):
    """an earlier entry was wrong; the replacement is the whole event, with `kind` if it changes"""

    kind: ClassVar = "correct"
    entry: Id
    reason: Literal["did_not_happen", "wrong_data"]
    replacement: dict[str, Any] | UnsetType = UNSET


class Attest(Custody, frozen=True, kw_only=True):
    """a second person vouches for an entry"""

    kind: ClassVar = "attest"
    entry: Id


class Acknowledge(Custody, frozen=True, kw_only=True):
    """a finding was seen and answered"""

    kind: ClassVar = "acknowledge"
    finding: Code
    entries: Annotated[list[Id], msgspec.Meta(min_length=1)]
    reason: Text


class ChainOpen(Detail, frozen=True, kw_only=True):
    """begins a chain: who it is, under which programme, and the first keys"""

    kind: ClassVar = "chain.open"
    origin: Origin
    site: Party
    programme: Id | UnsetType = UNSET
    keys: Annotated[list[KeyRoles], msgspec.Meta(min_length=1)]
    holders: list[Holder]
    next: Id | UnsetType = UNSET
    continues: Id | UnsetType = UNSET

    def __post_init__(self) -> None:
        if len(self.holders) != len(self.keys):
            raise ValueError("holders: one for each key")
        if len({one.key for one in self.keys}) != len(self.keys):
            raise ValueError("keys: one key twice")


class KeyGrant(Detail, frozen=True, kw_only=True):
    """gives a key its roles, in place of any that it had"""

    kind: ClassVar = "key.grant"
    key: KeyId
    roles: list[Role] = []
    holder: Holder
    until: DateOrInstant | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_key(self.key)


class KeyRevoke(Detail, frozen=True, kw_only=True):
    """takes a key's power for ever"""

    kind: ClassVar = "key.revoke"
    key: KeyId
    reason: Literal["retired", "lost", "compromised"]
    since: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0, le=2**53 - 1, description="index from which its entries are in doubt"
            ),
        ]
        | UnsetType
    ) = UNSET

    def __post_init__(self) -> None:
        check_key(self.key)


class KeyRecover(Detail, frozen=True, kw_only=True):
    """the key that was committed to beforehand becomes owner; earlier owners are revoked"""

    kind: ClassVar = "key.recover"
    key: KeyId
    next: Id | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_key(self.key)


class ChainSeen(Detail, frozen=True, kw_only=True):
    """a cosigned checkpoint of this chain: what follows is later than its cosignatures"""

    kind: ClassVar = "chain.seen"
    checkpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=65_536)]


class ChainFork(Detail, frozen=True, kw_only=True):
    """a branch of this chain is abandoned"""

    kind: ClassVar = "chain.fork"
    at: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    other: Id


class ChainErase(Detail, frozen=True, kw_only=True):
    """bodies are erased, for a legal reason"""

    kind: ClassVar = "chain.erase"
    entries: Annotated[list[Id], msgspec.Meta(min_length=1)]
    reason: Text


class ChainClose(Detail, frozen=True, kw_only=True):
    """the chain ends"""

    kind: ClassVar = "chain.close"
    reason: Text


class SiteAdmit(Detail, frozen=True, kw_only=True):
    """a site's chain belongs to the programme"""

    kind: ClassVar = "site.admit"
    chain: Id
    origin: Origin
    scope: Text | UnsetType = UNSET


class SiteSuspend(Detail, frozen=True, kw_only=True):
    """entries of a site's chain from index `size` on are not accepted"""

    kind: ClassVar = "site.suspend"
    chain: Id
    reason: Text
    size: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class WitnessAdmit(Detail, frozen=True, kw_only=True):
    """a witness's cosignatures count"""

    kind: ClassVar = "witness.admit"
    vkey: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        check_vkey(self.vkey)


class WitnessSuspend(Detail, frozen=True, kw_only=True):
    """a witness's cosignatures count no longer"""

    kind: ClassVar = "witness.suspend"
    vkey: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        check_vkey(self.vkey)


CUSTODY: Final[tuple[type[Custody], ...]] = (
    Register, Advise, Dispatch, Receive, Transfer, Accept, Inventory, Inspect, Pack, Unpack,
    Expend, Loss, Found, Destroy, Consent, Fund, Correct, Attest, Acknowledge,
)  # fmt: skip
GOVERNING: Final[tuple[type[Detail], ...]] = (
    ChainOpen, KeyGrant, KeyRevoke, KeyRecover, ChainSeen, ChainFork, ChainErase, ChainClose,
    SiteAdmit, SiteSuspend, WitnessAdmit, WitnessSuspend,
)  # fmt: skip
KINDS: Final[dict[str, type[Detail]]] = {shape.kind: shape for shape in (*CUSTODY, *GOVERNING)}
# The kinds marked * in FORMAT.md 8: an entry's `roster` field points at the latest earlier one of
# them.
MOVES_ROSTER: Final = frozenset(
    {
        "chain.open",
        "key.grant",
        "key.revoke",
        "key.recover",
        "chain.fork",
        "chain.close",
        "site.suspend",
        "witness.suspend",
    },
)
