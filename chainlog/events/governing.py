"""The kinds that govern a chain: who may sign, which chains and witnesses count (FORMAT.md 8).

A class is a kind: its docstring says what the event says, its annotations what it needs, and
`moves_roster` whether FORMAT.md 8 marks it with *: an entry's `roster` field points at the latest
earlier one of those.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chainlog.events.terms import (
    DateOrInstant,
    Detail,
    Holder,
    Id,
    Ids,
    KeyId,
    KeyRoles,
    Origin,
    Party,
    Role,
    Text,
    check_key,
    check_vkey,
)


class ChainOpen(Detail, frozen=True, kw_only=True):
    """begins a chain: who it is, under which programme, and the first keys"""

    kind: ClassVar[str] = "chain.open"
    moves_roster: ClassVar[bool] = True
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

    kind: ClassVar[str] = "key.grant"
    moves_roster: ClassVar[bool] = True
    key: KeyId
    roles: list[Role] = []
    holder: Holder
    until: DateOrInstant | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_key(self.key)


class KeyRevoke(Detail, frozen=True, kw_only=True):
    """takes a key's power for ever"""

    kind: ClassVar[str] = "key.revoke"
    moves_roster: ClassVar[bool] = True
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

    kind: ClassVar[str] = "key.recover"
    moves_roster: ClassVar[bool] = True
    key: KeyId
    next: Id | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_key(self.key)


class ChainSeen(Detail, frozen=True, kw_only=True):
    """a cosigned checkpoint of this chain: what follows is later than its cosignatures"""

    kind: ClassVar[str] = "chain.seen"
    checkpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=65_536)]


class ChainFork(Detail, frozen=True, kw_only=True):
    """a branch of this chain is abandoned"""

    kind: ClassVar[str] = "chain.fork"
    moves_roster: ClassVar[bool] = True
    at: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    other: Id


class ChainErase(Detail, frozen=True, kw_only=True):
    """bodies are erased, for a legal reason"""

    kind: ClassVar[str] = "chain.erase"
    entries: Ids
    reason: Text


class ChainClose(Detail, frozen=True, kw_only=True):
    """the chain ends"""

    kind: ClassVar[str] = "chain.close"
    moves_roster: ClassVar[bool] = True
    reason: Text


class SiteAdmit(Detail, frozen=True, kw_only=True):
    """a site's chain belongs to the programme"""

    kind: ClassVar[str] = "site.admit"
    chain: Id
    origin: Origin
    scope: Text | UnsetType = UNSET


class SiteSuspend(Detail, frozen=True, kw_only=True):
    """entries of a site's chain from index `size` on are not accepted"""

    kind: ClassVar[str] = "site.suspend"
    moves_roster: ClassVar[bool] = True
    chain: Id
    reason: Text
    size: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class WitnessAdmit(Detail, frozen=True, kw_only=True):
    """a witness's cosignatures count"""

    kind: ClassVar[str] = "witness.admit"
    vkey: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        check_vkey(self.vkey)


class WitnessSuspend(Detail, frozen=True, kw_only=True):
    """a witness's cosignatures count no longer"""

    kind: ClassVar[str] = "witness.suspend"
    moves_roster: ClassVar[bool] = True
    vkey: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        check_vkey(self.vkey)
