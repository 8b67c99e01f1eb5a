"""INV-*: inventories that were not taken in time, or that do not add up.

They tell of monitored items that nobody saw in time, inventories that omit or see too much, and
counters who count themselves.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family, Source
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS, ZERO
from chainlog.events.kinds import kinds_that
from chainlog.events.lookalikes import looks
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.lot import Lot
    from chainlog.custody.state import Custody


def is_monitored(state: Custody, settings: Settings) -> bool:
    """Whether an item is to be seen in time.

    Registered as enhanced, or of a monitored type or class.
    """
    return (
        state.monitoring == "enhanced"
        or state.type in settings.monitored_types
        or any(state.nsn.startswith(digits) for digits in settings.monitored_classes)
    )


def delinquency(state: Custody, settings: Settings, as_of: int) -> str | None:
    """INV-INIT or INV-ANNUAL, where a monitored item in custody was not seen in time.

    None where it was, or need not be yet.
    """
    arrival = state.arrival(frozenset(settings.in_country))
    if arrival is None or state.status not in {"on hand", "in transit"}:
        return None
    seen = (
        state.sighted.when
        if state.sighted is not None and state.sighted.when >= arrival.when
        else None
    )
    if seen is None:
        return "INV-INIT" if as_of - arrival.when > settings.init_days * DAY_MS else None
    return "INV-ANNUAL" if as_of - seen > settings.annual_days * DAY_MS else None


class Sightings(Family):
    """Monitored items not seen in time, or seen by word alone."""

    codes: ClassVar = ("INV-INIT", "INV-ANNUAL", "INV-DECLARED", "INV-EXTRA")

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What one item's sightings show."""
        for broken in state.breaks:
            if broken.code == "INV-EXTRA":
                act = broken.act
                says = (
                    f"the inventory of {act.text('holder')} saw {{things}}, but {broken.how}: "
                    "record the handover, or correct the count"
                )
                yield Spot(
                    "INV-EXTRA",
                    (act.id,),
                    says,
                    act,
                    (state.key,),
                    act.ids,
                    act.text("holder"),
                    act.text("place"),
                )
        if not is_monitored(state, self.settings):
            return
        code, since = delinquency(state, self.settings, self.source.as_of), state.since
        arrival = state.arrival(frozenset(self.settings.in_country))
        if code is not None and arrival is not None and since is not None:
            days = self.settings.init_days if code == "INV-INIT" else self.settings.annual_days
            told = (
                f"within {days} days of arrival"
                if code == "INV-INIT"
                else f"in the last {days} days"
            )
            rests = arrival if code == "INV-INIT" or state.sighted is None else state.sighted
            says = (
                f"{{things}} with {state.holder}: nobody saw them by scan or photo {told}; "
                "inspect them"
            )
            yield Spot(
                code,
                (state.holder, state.type),
                says,
                rests,
                (state.key,),
                rests.ids,
                state.holder,
                state.place,
            )
        looked = state.looked
        if looked is not None and not looked.physical and state.status == "on hand":
            told = (
                f"{{things}}: 'seen' by {looked.signer.name} on {looked.party}'s word alone, "
                "with no scan and no photo"
            )
            says = f"{told}; look again with either"
            yield Spot(
                "INV-DECLARED",
                (looked.id,),
                says,
                looked,
                (state.key,),
                looked.ids,
                state.holder,
                state.place,
            )


class Counts(Family):
    """Inventories that omit what should be there.

    Counters who hold what they count, or count twice running.
    """

    codes: ClassVar = ("INV-UNSEEN", "INV-SELF")
    kinds: ClassVar = kinds_that("counts")

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        self.complete: dict[str, Act] = {}
        self.by_holder: defaultdict[str, list[tuple[tuple[int, bytes, int], bytes, str]]] = (
            defaultdict(list)
        )
        for act in source.book.acts(*kinds_that("counts")):
            if (
                act.standing != "taken back"
                and act.fields.get("complete")
                and act.when <= source.as_of
            ):
                before = self.complete.get(act.text("holder"))
                if before is None or before.key < act.key:
                    self.complete[act.text("holder")] = act
        # Names as they look: who writes his own in other letters counts himself all the same.
        grants = (grant for chain in source.chains for grant in chain.grants)
        self.custodians = {
            (grant.party, looks(grant.name)) for grant in grants if "custodian" in grant.roles
        }

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """Whether its holder's latest complete inventory came after all that was said of it."""
        count = self.complete.get(state.holder)
        if (
            count is not None
            and state.status == "on hand"
            and _later(count, state.last)
            and _later(count, state.since)
        ):
            yield self._unseen(count, state.key)

    @override
    def lot(self, lot: Lot) -> Iterator[Spot]:
        """The same of a lot."""
        for unit, balance in lot.balances.items():
            for holder, left in balance.on_hand.items():
                count, last = self.complete.get(holder), lot.since.get((unit, holder))
                if count is not None and left > ZERO and _later(count, last):
                    yield self._unseen(count, lot.key)

    def _unseen(self, count: Act, key: str) -> Spot:
        holder = count.text("holder")
        says = (
            f"the complete inventory of {holder} did not see {{things}}, which the ledger "
            "places there: look for them, or report the loss"
        )
        return Spot(
            "INV-UNSEEN", (count.id,), says, count, (key,), count.ids, holder, count.text("place")
        )

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who counted."""
        if act.standing == "taken back":
            return
        holder, counter = act.text("holder"), looks(act.text("counter"))
        self.by_holder[holder].append((act.key, act.id, counter))
        if self._holds(holder, counter):
            says = (
                f"the inventory of {holder} was counted by {act.text('counter')}, who holds "
                "what was counted: have another person count"
            )
            yield Spot("INV-SELF", (act.id,), says, act, (), act.ids, holder, act.text("place"))

    def _holds(self, holder: str, counter: str) -> bool:
        return counter == looks(holder) or (holder, counter) in self.custodians

    @override
    def rest(self) -> Iterator[Spot]:
        """Who counted twice running."""
        again = {}
        for holder, counts in self.by_holder.items():
            counts.sort()
            for (_, _, before), (_, entry, counter) in pairwise(counts):
                if before == counter and not self._holds(holder, counter):
                    again[entry] = holder
        for act in self.source.book.acts(*kinds_that("counts")) if again else ():
            if act.id in again:
                holder = again[act.id]
                says = (
                    f"{act.text('counter')} counted at {holder} twice running: have another "
                    "person count"
                )
                yield Spot("INV-SELF", (act.id,), says, act, (), act.ids, holder, act.text("place"))


def _later(count: Act, last: Act | None) -> bool:
    """Whether a count came after an act: by its chain, or else by when both happened."""
    return last is not None and (
        count.index > last.index if count.chain == last.chain else count.when > last.when
    )
