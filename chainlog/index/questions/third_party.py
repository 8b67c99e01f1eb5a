"""What went to a party outside the programme, and whether the authority had given leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlog.audit.rules.consents import ThirdParties
from chainlog.custody.worth import worth_of, worth_together
from chainlog.index.questions.reply import JsonRow, Reply, for_people

if TYPE_CHECKING:
    from chainlog.custody.act import Act
    from chainlog.custody.worth import Worth
    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Handover(JsonRow):
    """One handover to a third party.

    `without_consent`: the things for which no consent was in force; `consents`: the entries that
    gave it, and `until` when each does, as it was written.
    """

    from_: str
    date: int
    kind: str
    to: str
    document: str
    things: tuple[str, ...]
    value: Worth
    without_consent: tuple[str, ...]
    entry: bytes
    consents: tuple[bytes, ...]
    until: tuple[str, ...] = for_people()
    lines: int = for_people()


@dataclass(frozen=True, slots=True)
class HandoverTotals(JsonRow):
    """So many handovers of so many things, of which some had no consent."""

    handovers: int
    things: int
    without_consent: int
    value: Worth


def third_party_handovers(
    inquiry: Inquiry, taker: str | None = None, *, without_consent: bool = False
) -> Reply[Handover, HandoverTotals]:
    """Every handover to a third party, to `taker` only, or only those that had no consent."""
    source = inquiry.source()
    family = ThirdParties(source, inquiry.settings)
    rows = [
        row
        for act in source.book.acts(*sorted(family.kinds))
        if act.standing != "taken back"
        and not family.is_inside(act)
        and (taker is None or act.taker == taker)
        and ((row := _handover(inquiry, family, act)).without_consent or not without_consent)
    ]
    totals = HandoverTotals(
        len(rows),
        sum(one.lines for one in rows),
        sum(len(one.without_consent) for one in rows),
        worth_together(one.value for one in rows),
    )
    return Reply(inquiry.instant, tuple(rows), totals, inquiry.unmet)


def _handover(inquiry: Inquiry, family: ThirdParties, act: Act) -> Handover:
    named = [
        (key, touch.line) for key, touch in family.source.book.things(act) if touch.part == "lines"
    ]
    leaves = {key: tuple(family.leaves(act, key)) for key, _ in named}
    given = {leave.id: leave for some in leaves.values() for leave in some}
    return Handover(
        act.giver,
        act.when,
        act.kind,
        act.taker,
        act.text("document"),
        tuple(leaves),
        worth_of(inquiry.worth(key, line) for key, line in named),
        tuple(key for key, _ in named if not leaves[key]),
        act.id,
        tuple(given),
        tuple(leave.text("until") for leave in given.values()),
        len(named),
    )
