"""INV-*: inventories that were not taken in time, or that do not add up.

They tell of monitored items that nobody saw in time, inventories that omit or see too much, and
counters who count themselves.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.act import DAY_MS, ZERO
from chainlog.events.kinds import kinds_that
from chainlog.events.lookalikes import looks
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.lot import LotState
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 10


def is_monitored(state: ItemState, settings: Settings) -> bool:
    """Whether an item is to be seen in time.

    Registered as enhanced, or of a monitored type or class.
    """
    return (
        state.monitoring == "enhanced"
        or state.type in settings.monitored_types
        or any(state.nsn.startswith(digits) for digits in settings.monitored_classes)
    )


def delinquency(state: ItemState, settings: Settings, as_of: int) -> str | None:
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
    """Monitored items not seen in time."""

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "INV-INIT",
            "high",
            rule=(
                "a monitored item on hand or in transit has no physical sighting yet, "
                "`init_days` (90) after its first receipt in the country"
            ),
            group="holder, type",
            words={
                "en": (
                    "{things} with {holder}: nobody saw them by scan or photo within {days} "
                    "days of arrival; inspect them"
                ),
                "uk": (
                    "{things} у {holder}: за {days} дн. від прибуття їх не звірено скануванням "
                    "чи фото; огляньте їх"
                ),
            },
        ),
        FindingRule(
            "INV-ANNUAL",
            "high",
            rule="it was seen before, but not within the last `annual_days` (365)",
            group="holder, type",
            words={
                "en": (
                    "{things} with {holder}: nobody saw them by scan or photo in the last "
                    "{days} days; inspect them"
                ),
                "uk": (
                    "{things} у {holder}: за останні {days} дн. їх не звірено скануванням чи "
                    "фото; огляньте їх"
                ),
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """Whether one item was seen by scan or photo."""
        if not is_monitored(state, self.settings):
            return
        code = delinquency(state, self.settings, self.source.as_of)
        arrival = state.arrival(frozenset(self.settings.in_country))
        if code is None or arrival is None or state.since is None:
            return
        first = code == "INV-INIT"
        days = self.settings.init_days if first else self.settings.annual_days
        yield Spot.at(
            arrival if first or state.sighted is None else state.sighted,
            code,
            {"holder": state.holder, "days": days},
            state.key,
            group=(state.holder, state.type),
            party=state.holder,
            place=state.place,
        )


class Omissions(Family):
    """Inventories that omit what should be there."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "INV-UNSEEN",
            "high",
            rule=(
                "the latest complete inventory of a holder omits an item or lot that the ledger "
                "places there, and nothing was said of it since"
            ),
            group="inventory",
            words={
                "en": (
                    "the complete inventory of {holder} did not see {things}, which the ledger "
                    "places there: look for them, or report the loss"
                ),
                "uk": (
                    "повна інвентаризація в {holder} не виявила {things}, хоча за журналом це "
                    "там: знайдіть або повідомте про втрату"
                ),
            },
        ),
    )

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.complete: dict[str, Act] = {}
        for act in source.book.acts(*kinds_that("counts")):
            if (
                act.standing != "taken back"
                and act.fields.get("complete")
                and act.when <= source.as_of
            ):
                before = self.complete.get(act.holder)
                if before is None or before.key < act.key:
                    self.complete[act.holder] = act

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """Whether its holder's latest complete inventory came after all that was said of it."""
        count = self.complete.get(state.holder)
        if (
            count is not None
            and state.status == "on hand"
            and _later(count, state.last)
            and _later(count, state.since)
        ):
            yield _unseen(count, state.key)

    @override
    def lot(self, lot: LotState) -> Iterator[Spot]:
        """The same of a lot."""
        for unit, balance in lot.balances.items():
            for holder, left in balance.on_hand.items():
                count, last = self.complete.get(holder), lot.since.get((unit, holder))
                if count is not None and left > ZERO and _later(count, last):
                    yield _unseen(count, lot.key)


def _unseen(count: Act, key: str) -> Spot:
    holder = count.holder
    return Spot.at(count, "INV-UNSEEN", {"holder": holder}, key, party=holder)


class Strays(Family):
    """Inventories that see what is elsewhere."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "INV-EXTRA",
            "medium",
            rule="an inventory sees an item that the ledger then places elsewhere, or nowhere",
            group="inventory",
            words={
                "en": (
                    "the inventory of {holder} saw {things}, but {how}: record the handover, or "
                    "correct the count"
                ),
                "uk": (
                    "інвентаризація в {holder} виявила {things}, але {how}: запишіть передачу "
                    "або виправте перелік"
                ),
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            if broken.code == "INV-EXTRA":
                holder = broken.act.holder
                params: Params = {"holder": holder, "how": broken.why}
                yield Spot.at(broken.act, broken.code, params, state.key, party=holder)


class Counters(Family):
    """Counters who hold what they count, or count twice running."""

    custodians: set[tuple[str, str]]

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "INV-SELF",
            "medium",
            rule=(
                "the counter is the holder, or a custodian of the holder's; or the same counter "
                "as in the holder's inventory before"
            ),
            group="inventory",
            words={
                "en": (
                    "the inventory of {holder} was counted by {counter}, who holds what was "
                    "counted: have another person count"
                ),
                "uk": (
                    "інвентаризацію в {holder} проводить {counter}, за ким рахується це майно: "
                    "нехай порахує інша особа"
                ),
            },
            variants={
                "twice": {
                    "en": (
                        "{counter} counted at {holder} twice running: have another person count"
                    ),
                    "uk": ("{counter} рахує в {holder} двічі поспіль: нехай порахує інша особа"),
                },
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = kinds_that("counts")

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.by_holder: defaultdict[str, list[tuple[tuple[int, bytes, int], bytes, str]]] = (
            defaultdict(list)
        )
        # Names as they look: who writes his own in other letters counts himself all the same.
        grants = (grant for chain in source.chains for grant in chain.grants)
        self.custodians = {
            (grant.party, looks(grant.name)) for grant in grants if "custodian" in grant.roles
        }

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who counted."""
        if act.standing == "taken back":
            return
        holder, counter = act.holder, looks(act.text("counter"))
        self.by_holder[holder].append((act.key, act.id, counter))
        if self._holds(holder, counter):
            yield _counted("INV-SELF", act)

    def _holds(self, holder: str, counter: str) -> bool:
        return counter == looks(holder) or (holder, counter) in self.custodians

    @override
    def rest(self) -> Iterator[Spot]:
        """Who counted twice running."""
        again = set()
        for holder, counts in self.by_holder.items():
            counts.sort()
            for (_, _, before), (_, entry, counter) in pairwise(counts):
                if before == counter and not self._holds(holder, counter):
                    again.add(entry)
        for act in self.source.book.acts(*self.kinds) if again else ():
            if act.id in again:
                yield _counted("INV-SELF.twice", act)


def _counted(key: str, act: Act) -> Spot:
    holder = act.holder
    params: Params = {"holder": holder, "counter": act.text("counter")}
    return Spot.at(act, key, params, party=holder)


class Declarations(Family):
    """Monitored items seen by word alone."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "INV-DECLARED",
            "medium",
            rule="the latest sighting of a monitored item on hand is declared",
            group="entry",
            words={
                "en": (
                    "{things}: 'seen' by {name} on {party}'s word alone, with no scan and no "
                    "photo; look again with either"
                ),
                "uk": (
                    "{things}: «бачено» лише зі слів ({name}, {party}), без сканування й без "
                    "фото; перевірте ще раз зі скануванням або фото"
                ),
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """Whether the latest sighting of one item has neither scan nor photo."""
        looked = state.looked
        if (
            is_monitored(state, self.settings)
            and looked is not None
            and not looked.physical
            and state.status == "on hand"
        ):
            yield Spot.at(
                looked,
                "INV-DECLARED",
                {"name": looked.signer.name, "party": looked.party},
                state.key,
                party=state.holder,
                place=state.place,
            )


def _later(count: Act, last: Act | None) -> bool:
    """Whether a count came after an act: by its chain, or else by when both happened."""
    return last is not None and (
        count.index > last.index if count.chain == last.chain else count.when > last.when
    )
