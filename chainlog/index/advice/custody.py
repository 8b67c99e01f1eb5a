"""What of one thing would not fit with an event.

Its custody with the event and without it, compared.

A `Break` that the fold notes at the supposed act, or that it notes elsewhere only because of it, is
what would become a finding.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Final

from chainlog.custody.act import LEAVINGS, ZERO, format_decimal, total
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.events.things import is_item
from chainlog.events.wording import format_time
from chainlog.index.advice.supposed import Foreseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.custody.act import Act, Touch
    from chainlog.custody.breaks import Break
    from chainlog.custody.lot import LotState
    from chainlog.custody.state import ItemState
    from chainlog.index.advice.supposed import Supposed

# Of so many holdings it is said which were not counted.
_COUNTED: Final = 10_000


def clashes(supposed: Supposed, key: str, history: list[Touch]) -> Iterator[Foreseen]:
    """What would not fit of one thing, after its history."""
    both = history + supposed.touches_of(key, history)
    if is_item(key):
        state, after = fold_item(key, history), fold_item(key, both)
        for one in _new(supposed, state.breaks, after.breaks):
            yield from (
                _item(supposed, state, one)
                if one.act.id == supposed.act.id
                else _elsewhere(one, key)
            )
        return
    lot, beyond = fold_lot(key, history), fold_lot(key, both)
    new = _new(supposed, lot.breaks, beyond.breaks)
    yield from (
        told for one in new if one.act.id != supposed.act.id for told in _elsewhere(one, key)
    )
    if any(one.act.id == supposed.act.id for one in new) and (
        history or supposed.offers.keeps(supposed.giver)
    ):
        on_hand = {
            unit: balance.on_hand.get(supposed.giver, ZERO)
            for unit, balance in lot.balances.items()
        }
        yield from _lot(supposed, key, on_hand, beyond)


def kept_clashes(supposed: Supposed, key: str) -> Iterator[Foreseen]:
    """The same of a thing with a very long history, by what was kept of it.

    Only whether there is enough of a lot.
    """
    if is_item(key):
        return
    kept = supposed.offers.items.views.lot(key)
    on_hand = {
        one.unit: one.quantity
        for one in kept
        if one.status == "on hand" and one.holder == supposed.giver
    }
    yield from _lot(supposed, key, on_hand, None)


def uncounted(supposed: Supposed) -> Iterator[Foreseen]:
    """What the ledger places with a holder, and the holder's complete inventory does not list."""
    act, giver = supposed.act, supposed.giver
    if (
        act.does.step != "counts"
        or not act.fields.get("complete")
        or not supposed.hears(giver, giver)
    ):
        return
    seen = {key for key, _ in supposed.touches}
    for one in islice(supposed.offers.holdings(giver), _COUNTED):
        if one.key not in seen and (
            one.since is None or min(one.since.happened, one.since.time) <= act.when
        ):
            yield Foreseen("INV-UNSEEN", "uncounted", {"giver": giver}, (one.key,))


def _new(supposed: Supposed, before: Iterable[Break], after: Iterable[Break]) -> list[Break]:
    known = {(one.code, one.act.id) for one in before}
    # What hangs on fields that are not shown here warns nobody.
    return [
        one
        for one in after
        if not one.hangs and (one.act.id == supposed.act.id or (one.code, one.act.id) not in known)
    ]


def _elsewhere(one: Break, key: str) -> Iterator[Foreseen]:
    """What others said later, by their clocks, fits no more."""
    told = {"party": one.act.party, "kind": one.act.kind, "day": _day(one.act)}
    yield Foreseen(one.code, "clash", told, (key,))


def _item(supposed: Supposed, state: ItemState, one: Break) -> Iterator[Foreseen]:
    """What would not fit of an item. `state`: without the event."""
    act, code, things = supposed.act, one.code, (state.key,)
    match code:
        case "CUST-NONHOLDER" | "CUST-SPLIT" | "INV-EXTRA":
            yield from _misplaced(supposed, state, one)
        case "TERM-AFTER" | "RESURRECT" if one.other is not None:
            ended = one.other.does.status or "lost"
            back = ended == "lost" and act.does.step != "finds"
            yield Foreseen(
                code, f"{ended}{'_back' if back else ''}", {"day": _day(one.other)}, things
            )
        case "DUP-SERIAL" if act.does.step == "registers" and one.other is not None:
            yield Foreseen(
                code, "registered", {"day": _day(one.other), "holder": one.other.holder}, things
            )
        case "DUP-SERIAL" if one.other is not None:
            yield Foreseen(
                code,
                "seen_twice",
                {"other": one.other.taker or one.other.holder or one.other.giver},
                things,
            )
        case "COND-ILL" if supposed.hears(supposed.giver, state.bound_for or state.holder):
            line = next((touch.line for key, touch in supposed.touches if key == state.key), {})
            yield Foreseen(
                code,
                "condition",
                {"was": state.condition, "is": line.get("condition") or act.text("now")},
                things,
            )
        case "PACK-BROKEN" if one.other is None:
            yield Foreseen(code, "packed_in_itself", {}, things)
        case "PACK-BROKEN" if supposed.hears(supposed.giver, state.holder):
            yield Foreseen(
                code,
                "packed_elsewhere" if act.does.step in {"packs", "unpacks"} else "sealed",
                {"box": state.container},
                things,
            )
        case "VALUE-NONE":
            yield from _value(supposed, state)
        case _:
            pass


def _value(supposed: Supposed, state: ItemState) -> Iterator[Foreseen]:
    """Another value by the same reckoning."""
    for key, touch in supposed.touches:
        worth = touch.line.get("value")
        if key == state.key and worth is not None and worth["basis"] in state.worths:
            was = state.worths[worth["basis"]][0]
            told = {
                "was": f"{was['amount']} {was['currency']}",
                "is": f"{worth['amount']} {worth['currency']}",
            }
            yield Foreseen("VALUE-NONE", "value", told, (key,))


def _misplaced(supposed: Supposed, state: ItemState, one: Break) -> Iterator[Foreseen]:
    """It is handed on, or counted, where the ledger does not have it."""
    status, holder, bound_for = _placed(one.other, state)
    if one.other is None or not supposed.can_tell(
        supposed.giver, bound_for or holder, one.other.time
    ):
        return
    told = (
        {"holder": holder, "bound_for": bound_for} if status == "on_the_way" else {"holder": holder}
    )
    giver = supposed.giver
    if one.code == "INV-EXTRA":
        yield Foreseen(one.code, f"counted_{status}", {**told, "giver": giver}, (state.key,))
    elif giver == supposed.act.party:
        yield Foreseen(one.code, f"you_not_{status}", told, (state.key,))
    else:
        yield Foreseen(one.code, f"other_not_{status}", {**told, "giver": giver}, (state.key,))


def _placed(since: Act | None, state: ItemState) -> tuple[str, str, str]:
    """Where an act put an item: `with` a holder, or `on_the_way` from one to another.

    A late report may come amid its history.
    """
    if since is None:
        return "with", state.holder, ""
    if since.does.step == "sends":
        return "on_the_way", since.giver, since.taker
    return "with", since.taker or since.holder or since.giver or state.holder, ""


def _lot(
    supposed: Supposed, key: str, on_hand: dict[str, Decimal], after: LotState | None
) -> Iterator[Foreseen]:
    """What would not fit of a lot.

    `on_hand`: with the giver, by unit, without the event; `after`: with it, if that is folded.
    """
    giver = supposed.giver
    units: dict[str, list[Decimal]] = {}
    for other, touch in supposed.touches:
        if other == key and "quantity" in touch.line:
            units.setdefault(touch.line["unit"], []).append(Decimal(touch.line["quantity"]))
    for unit, amounts in units.items():
        have, want = on_hand.get(unit, ZERO), total(amounts)
        told = {"giver": giver, "have": f"{format_decimal(max(have, ZERO))} {unit}"}
        if min(amounts) < 0 or (want == 0 and supposed.act.does.step not in {"counts", "receives"}):
            yield Foreseen("LOT-NEGATIVE", "no_quantity", {}, (key,))
        elif not supposed.can_tell(giver, giver):
            continue
        elif (
            supposed.act.kind in LEAVINGS
            and (after.balances[unit].on_hand.get(giver, ZERO) if after else have - want) < 0
        ):
            yield Foreseen(
                "LOT-NEGATIVE",
                "not_enough",
                {**told, "want": f"{format_decimal(want)} {unit}"},
                (key,),
            )
        elif supposed.act.does.step == "counts" and after is not None and want != have:
            yield Foreseen(
                "LOT-BALANCE",
                "counted_other",
                {**told, "counted": f"{format_decimal(want)} {unit}"},
                (key,),
            )


def _day(act: Act) -> str:
    return format_time(act.when)[: len("2023-03-01")]
