"""Who holds what, where, on whose signature, as of an instant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.custody.act import total
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.custody.worth import worth_of
from chainlog.events.things import is_item
from chainlog.index.holding import Holding, item_holding, lot_holdings
from chainlog.index.questions.reply import Counted, JsonRow, Reply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from decimal import Decimal

    from chainlog.custody.worth import Worth
    from chainlog.index.holding import Rest
    from chainlog.index.inquiry import Inquiry

STATUSES: Final = ("on hand", "in transit", "lost", "expended", "destroyed")


@dataclass(frozen=True, slots=True)
class Basis(JsonRow):
    """The entry and the signature that a holding rests on."""

    entry: bytes
    kind: str
    happened: int
    document: str
    signer: str
    party: str

    @classmethod
    def of(cls, since: Rest) -> Basis:
        """What a holding says that it rests on."""
        signer = since.signer
        return cls(since.id, since.kind, since.happened, since.document, signer.name, signer.party)


@dataclass(frozen=True, slots=True)
class HeldThing(JsonRow):
    """So much of one thing in one state."""

    thing: str
    status: str
    holder: str
    bound_for: str
    place: str
    type: str
    condition: str
    container: str
    agreement: str
    quantity: Decimal
    unit: str
    value: Worth
    since: Basis | None

    @classmethod
    def of(cls, one: Holding) -> HeldThing:
        """A row for a holding."""
        return cls(
            one.key,
            one.status,
            one.holder,
            one.bound_for,
            one.place,
            one.type,
            one.condition,
            one.container,
            one.agreement,
            one.quantity,
            one.unit,
            worth_of([one.worth]),
            None if one.since is None else Basis.of(one.since),
        )


@dataclass(frozen=True, slots=True)
class HeldGroup(JsonRow):
    """So much of one type in one state, with one holder."""

    holder: str
    status: str
    type: str
    condition: str
    quantity: Decimal
    unit: str
    value: Worth


@dataclass(frozen=True, slots=True)
class HoldingTotals(JsonRow):
    """Items add up; quantities of lots do not, in different units, but what they are worth does."""

    items: int
    value: Worth
    by_status: dict[str, Counted]

    @property
    def labelled(self) -> Iterator[tuple[str, Counted]]:
        """The totals of each status, and then of all."""
        yield from self.by_status.items()
        yield "all", Counted(self.items, self.value)


@dataclass(frozen=True, slots=True)
class HoldingFilter:
    """Which holdings are meant; what is empty leaves all."""

    holder: str | None = None
    place: str | None = None
    type: str | None = None
    statuses: Collection[str] = ()


def each_holding(inquiry: Inquiry, only: HoldingFilter) -> Reply[HeldThing, HoldingTotals]:
    """A row for each thing."""
    wanted = _wanted(inquiry, only)
    return Reply(inquiry.instant, tuple(map(HeldThing.of, wanted)), _totals(wanted), inquiry.unmet)


def grouped_holdings(inquiry: Inquiry, only: HoldingFilter) -> Reply[HeldGroup, HoldingTotals]:
    """A row for each holder, status, type, condition and unit."""
    wanted = _wanted(inquiry, only)
    groups: defaultdict[tuple[str, ...], list[Holding]] = defaultdict(list)
    for one in wanted:
        where = f"{one.holder} → {one.bound_for}" if one.bound_for else one.holder
        condition = one.condition if is_item(one.key) else ""
        groups[where, one.status, one.type, condition, one.unit].append(one)
    rows = (
        HeldGroup(
            where,
            status,
            kind,
            condition,
            total(one.quantity for one in some),
            unit,
            worth_of(one.worth for one in some),
        )
        for (where, status, kind, condition, unit), some in sorted(groups.items())
    )
    return Reply(inquiry.instant, tuple(rows), _totals(wanted), inquiry.unmet)


def _wanted(inquiry: Inquiry, only: HoldingFilter) -> list[Holding]:
    return [
        one
        for one in _all(inquiry, only.holder)
        if (only.place is None or one.place == only.place)
        and (only.type is None or one.type == only.type)
        and (not only.statuses or one.status in only.statuses)
    ]


def _all(inquiry: Inquiry, holder: str | None) -> Iterator[Holding]:
    """What there is, as of the instant asked for.

    Where all that is held counts, it comes from the kept views. Otherwise every history is folded
    as of the instant.
    """
    if inquiry.as_of is None:
        yield from inquiry.items.views.holdings(holder)
        return
    known: list[Holding] = []
    for key, touches in inquiry.book().histories():
        if is_item(key):
            state = fold_item(key, touches, inquiry.as_of)
            known += [item_holding(state)] if state.status != "unknown" else []
        elif not key.startswith("container:"):
            known += lot_holdings(fold_lot(key, touches))
    known.sort(key=lambda one: (not is_item(one.key), one.key, one.status, one.holder))
    yield from (one for one in known if holder is None or one.holder == holder)


def _totals(wanted: list[Holding]) -> HoldingTotals:
    by_status = {status: [one for one in wanted if one.status == status] for status in STATUSES}
    every = _counted(wanted)
    return HoldingTotals(
        every.items,
        every.value,
        {status: _counted(some) for status, some in by_status.items() if some},
    )


def _counted(some: Iterable[Holding]) -> Counted:
    kept = list(some)
    return Counted(sum(is_item(one.key) for one in kept), worth_of(one.worth for one in kept))
