"""What the seed files hold: a row of CSV or a table of TOML each, self-validating.

`seeds/README.md` describes every file.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

from chainlog.errors import IntakeError, Sentence

Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Number: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"\A(0|[1-9][0-9]*)(\.[0-9]{1,6})?\Z", max_length=20)
]
Nsn: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{13}\Z")]
Maker: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-HJ-NP-Z]{5}\Z")]
Currency: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]
Origin: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"\A[a-z0-9.-]+(/[a-z0-9._-]+)+\Z", max_length=128)
]
Condition: TypeAlias = Literal["A", "B", "C", "D", "E", "F", "G", "H", "S"]
EntryMode: TypeAlias = Literal["scan", "manual", "paper", "import"]
Monitoring: TypeAlias = Literal["enhanced", "routine"]
Role: TypeAlias = Literal["owner", "log", "custodian", "inspector", "recorder"]


class SeedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of a file, or a table of a TOML file.

    `source` is where it stands, such as `fleet.csv:7`.
    """

    source: str

    def fault(self, field: str, message: str) -> IntakeError:
        """The error that blames `field` of this row."""
        problem = Sentence("{place}: {why}", place=f"{self.source}: {field}", why=message)
        return IntakeError(problem, problems=(problem,))


class Happening(SeedRow, frozen=True, kw_only=True):
    """What happens at an instant, in a row that other rows may name."""

    id: Name
    at: Instant
    note: Text = ""


class HolderRow(Happening, frozen=True, kw_only=True):
    """What becomes of things that a party holds."""

    holder: str


class Claim(SeedRow, frozen=True, kw_only=True):
    """A figure that a party claims: so many of a category or of some types, or so much money."""

    id: Name
    said: Text
    by: Text
    standing: Text
    category: str = ""
    types: tuple[str, ...] = ()
    count: Positive | None = None
    out_of_action: Positive | None = None
    amount: Number = ""
    currency: Currency = ""


class Party(SeedRow, frozen=True, kw_only=True):
    """A body that holds or hands over.

    `supplied_by` is the party before it on the way in; the last two begin its papers' numbers.
    """

    id: Name
    name: Text
    place: Text = ""
    in_country: bool = False
    supplied_by: str = ""
    requisitions: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z0-9]{6}\Z")] = ""
    waybills: Text = ""


class Site(SeedRow, frozen=True, kw_only=True):
    """Where one chain is written.

    The authority's site is the one without a programme; `opened` is when entry 0 is signed.
    """

    id: Name
    name: Text
    origin: Origin
    opened: Instant
    authority: bool = False


class Keyholder(SeedRow, frozen=True, kw_only=True):
    """A person with a key at a site: from the first entry, or from `granted`.

    Until `revoked`, if ever.

    `until` is what the grant says, which binds nobody's hand; `since` is the instant from which a
    revocation doubts the key.
    """

    name: Text
    site: str
    party: str
    roles: Annotated[tuple[Role, ...], msgspec.Meta(min_length=1)]
    granted: Instant | None = None
    until: date | None = None
    revoked: Instant | None = None
    since: Instant | None = None
    reason: Literal["retired", "lost", "compromised"] = "retired"
    note: Text = ""

    def in_force(self, at: datetime) -> bool:
        """Whether the key may sign at that instant."""
        return (self.granted is None or self.granted < at) and (
            self.revoked is None or at < self.revoked
        )


class StockRow(SeedRow, frozen=True, kw_only=True):
    """So much of one type, for one unit. Without `unit_value` nobody says what it is worth."""

    id: Name
    type: Text
    nsn: Nsn
    unit_value: Number = ""
    currency: Currency = ""
    basis: Text = ""
    monitoring: Monitoring
    owner: str
    unit: str


class Design(StockRow, frozen=True, kw_only=True):
    """So many items of one type, from one maker, for one unit.

    In `serial`, `#####` is a number and `%%` its check digits.
    """

    category: Name
    maker: Maker
    part: Text
    count: Positive
    identity: Literal["serial", "uii"]
    serial: Annotated[str, msgspec.Meta(pattern=r"\A[^#%]*#+[^#%]*%%\Z", max_length=40)]
    first: Positive
    shipments: tuple[str, ...]
    condition: Condition = "A"


class LotRow(StockRow, frozen=True, kw_only=True):
    """A lot of ammunition or the like, in one shipment, for one unit."""

    number: Text
    quantity: Number
    unit_of_issue: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}\Z")]
    shipment: str


class Leg(Happening, frozen=True, kw_only=True):
    """Things entered, sent or handed over.

    `what` names a shipment, a category, a type, a row of the fleet, a lot or another row.

    An instant that is left out does not happen: no `arrived`, and it stays in transit; no
    `accepted`, and nobody signs for it. `receive` is what came without a paper of the sender's,
    `untold` what went without anybody's, to nobody knows where if `to` is empty. What arrives is
    the last paper's things but for `short`, or with `over` (of a lot), or with `swapped` others of
    their kind.
    """

    how: Literal["register", "dispatch", "transfer", "receive", "untold"]
    what: str
    to: str = ""
    sender: str = msgspec.field(default="", name="from")
    count: Number = ""
    consented: Instant | None = None
    until: date | None = None
    advised: Instant | None = None
    arrived: Instant | None = None
    accepted: Instant | None = None
    entry_mode: EntryMode = "scan"
    receive_mode: EntryMode | None = None
    short: Number = ""
    over: Number = ""
    swapped: Positive | None = None
    condition: Condition | None = None
    giver: str = ""
    taker: str = ""


class Stocktaking(HolderRow, frozen=True, kw_only=True):
    """An inventory of what a party holds."""

    person: str
    what: str = ""
    count: Number = ""
    complete: bool
    entry_mode: EntryMode = "scan"


class Inspection(HolderRow, frozen=True, kw_only=True):
    """So many items looked at, one after another, each found in condition `now`.

    `blind`: nobody says what it was before.
    """

    person: str
    what: str
    count: Number
    now: Condition
    every_minutes: Positive = 25
    entry_mode: EntryMode = "scan"
    photo: Name = "false"  # or true, unheld, or the row whose picture it is
    blind: bool = False


class LossRow(HolderRow, frozen=True, kw_only=True):
    """Things lost: reported at `at`, finally at `final`, turned up again at `found`, if ever."""

    what: str
    cause: Literal["lost", "combat", "stolen", "captured"]
    count: Number = ""
    lost_on: date | None = None
    discovered_on: date | None = None
    final: Instant | None = None
    found: Instant | None = None
    place: Text = ""
    document: Text = ""
    photo: Name = "false"  # or true, unheld, or the row whose picture it is


class Use(HolderRow, frozen=True, kw_only=True):
    """A quantity of a lot used up, `times` over, every so many days.

    `overdrawn`: more than there is, if need be.
    """

    lot: str
    quantity: Number
    times: Positive = 1
    every_days: Positive = 7
    order: Text = ""
    person: str = ""
    entry_mode: EntryMode = "manual"
    overdrawn: bool = False


class Disposal(HolderRow, frozen=True, kw_only=True):
    """Things demilitarised or scrapped."""

    what: str
    count: Number
    means: Text
    witnessed_by: Text


class Packing(HolderRow, frozen=True, kw_only=True):
    """Items put into a container, and taken out again at `unpacked`, if ever.

    The container is itself an item of the type `container`.
    """

    unpacked: Instant | None = None
    container: str
    what: str
    count: Number
    seal: Text = ""


class MoneyRow(Happening, frozen=True, kw_only=True):
    """Money promised, paid out, spent or given back; `draws_on` is the row it comes out of.

    `overdrawn`: more than is left, if need be.
    """

    person: str
    step: Literal["commitment", "disbursement", "expenditure", "return"]
    amount: Number
    currency: Currency
    sender: str = msgspec.field(name="from")
    to: str
    draws_on: str = ""
    overdrawn: bool = False
    document: Text = ""
